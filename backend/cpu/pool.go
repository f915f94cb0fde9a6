package cpu

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A task is work in chunks that do not touch each other's results, so that who does which chunk, and how many do, is
// never seen in the results.
type task interface{ chunk(s *scratch, i int) }

const (
	// spin is how long after a job a worker looks for the next one before it parks: the calls of a training step, and the
	// steps, follow each other within it.
	spin = 200 * time.Microsecond
	// patience is how long those who are done with a job spin while others are not. To wake a thread can take longer than
	// most jobs do.
	patience = 5 * time.Millisecond
)

// A pool is the workers of one backend. The caller of run works too; the crew are the others.
//
// Everyone begins with a lane of the chunks that is the same in each job, so that a core finds what it had in its cache,
// and goes on with what is left of the others' lanes.
//
// state is the job's number, a bit that is set while the job may be joined, and the count of workers that are inside.
// A worker that comes late finds the job closed and never touches what belongs to the next one.
//
// What one side polls or writes while the other computes has a line of the cache to itself: to fetch a line back from another
// core takes as long as a small job.
type pool struct {
	lanes   []lane // by worker
	crew    []*worker
	crowded bool // fewer threads run goroutines than there are workers
	closed  atomic.Bool
	waiting atomic.Bool // the caller sleeps on done
	done    chan struct{}
	gone    sync.WaitGroup
	failure atomic.Pointer[failure]

	_     apart
	state atomic.Uint64
	_     apart
	task  task
	_     apart
	mu    sync.Mutex // held by the goroutine whose job it is; never given back after stop
}

// apart keeps what is before and behind it from sharing a line, or a pair of lines that is fetched together.
type apart [128]byte

type failure struct{ value any }

// A lane is neighbouring chunks. It fills a pair of lines of the cache, for those who take from others' do not slow them.
type lane struct {
	next atomic.Int64
	end  int64
	_    [112]byte
}

const (
	inside = 1<<16 - 1
	open   = 1 << 16
	number = 1 << 32
)

type worker struct {
	scratch scratch
	parked  atomic.Bool
	wake    chan struct{}
}

func newPool(crew int) *pool {
	p := &pool{lanes: make([]lane, crew+1), done: make(chan struct{}, 1), crowded: crew >= runtime.GOMAXPROCS(0)}
	for i := range crew {
		w := &worker{wake: make(chan struct{}, 1)}
		w.scratch.id = i + 1
		p.crew = append(p.crew, w)
		p.gone.Add(1)
		go p.work(w)
	}
	return p
}

// run does the chunks of t and returns when all are done. Where the workers are busy with another goroutine's job, the
// caller does them alone. A panic of a chunk comes out of run, whoever did the chunk.
func (p *pool) run(t task, chunks int, s *scratch) {
	if len(p.crew) == 0 || chunks < 2 || !p.mu.TryLock() {
		alone(t, chunks, s)
		return
	}
	p.task = t
	p.deal(chunks)
	p.state.Store(p.state.Load()&^(number-1) + number | open)
	for _, w := range p.crew[:min(len(p.crew), chunks-1)] {
		if w.parked.Load() && w.parked.Swap(false) {
			w.wake <- struct{}{}
		}
	}
	finished := false
	defer func() { p.finish(finished) }()
	p.share(s)
	finished = true
}

func alone(t task, chunks int, s *scratch) {
	for i := range chunks {
		t.chunk(s, i)
	}
}

func (p *pool) deal(chunks int) {
	for i := range p.lanes {
		p.lanes[i].next.Store(int64(i * chunks / len(p.lanes)))
		p.lanes[i].end = int64((i + 1) * chunks / len(p.lanes))
	}
}

func (p *pool) share(s *scratch) {
	for k := range p.lanes {
		l := &p.lanes[(s.id+k)%len(p.lanes)]
		if l.next.Load() >= l.end { // which leaves the line where it is
			continue
		}
		for i := l.next.Add(1) - 1; i < l.end; i = l.next.Add(1) - 1 {
			p.task.chunk(s, int(i))
		}
	}
}

// drop has nobody begin another chunk.
func (p *pool) drop() {
	for i := range p.lanes {
		p.lanes[i].next.Store(p.lanes[i].end)
	}
}

// finish closes the job, waits for the workers inside, and lets the next one in. The caller's own panic goes on by
// itself; a worker's is raised here.
func (p *pool) finish(finished bool) {
	if !finished {
		p.drop()
	}
	p.state.And(^uint64(open))
	p.await()
	p.task = nil
	f := p.failure.Swap(nil)
	p.mu.Unlock()
	if finished && f != nil {
		panic(f.value)
	}
}

// yield lets other goroutines run, where there are not threads enough for all workers. Where there are, a worker that spins
// keeps its thread: one that is given up goes to sleep, and takes longer to wake than most jobs take.
func (p *pool) yield() {
	if p.crowded {
		runtime.Gosched()
	}
}

func (p *pool) await() {
	for start := time.Now(); time.Since(start) < patience; p.yield() {
		for range 64 {
			if p.state.Load()&inside == 0 {
				return
			}
		}
	}
	p.waiting.Store(true)
	if p.state.Load()&inside != 0 || !p.waiting.Swap(false) {
		<-p.done
	}
}

// work is a worker's life.
func (p *pool) work(w *worker) {
	defer p.gone.Done()
	last := uint64(0)
	for !p.closed.Load() {
		if job, ok := p.join(last); ok {
			last = job
			p.help(w)
		} else {
			p.rest(w, last)
		}
	}
}

// ready reports whether there is a job that this worker has not seen.
func (p *pool) ready(last uint64) bool {
	s := p.state.Load()
	return s&open != 0 && s/number != last
}

func (p *pool) join(last uint64) (job uint64, ok bool) {
	for {
		s := p.state.Load()
		if s&open == 0 || s/number == last {
			return 0, false
		}
		if p.state.CompareAndSwap(s, s+1) {
			return s / number, true
		}
	}
}

// goexit is the failure of a worker that an op has ended: made beforehand, for a worker allocates nothing.
var goexit = &failure{errors.New("cpu: an op has ended its goroutine")}

// help does chunks of the job that the worker has joined.
func (p *pool) help(w *worker) {
	f := goexit
	defer func() {
		if r := recover(); r != nil {
			f = &failure{r}
		}
		if f != nil {
			p.failure.CompareAndSwap(nil, f)
			p.drop()
		}
		if s := p.state.Add(^uint64(0)); s&(open|inside) == 0 && p.waiting.Swap(false) {
			p.done <- struct{}{}
		}
	}()
	p.share(&w.scratch)
	f = nil
}

// rest looks for a job for a while and then sleeps.
func (p *pool) rest(w *worker, last uint64) {
	for start, ended := time.Now(), time.Duration(0); ; p.yield() {
		for range 64 {
			if p.ready(last) {
				return
			}
		}
		now := time.Since(start)
		if p.state.Load()&open != 0 { // the last job is not done
			ended = now
		}
		if now > patience || now-ended > spin {
			break
		}
	}
	w.parked.Store(true)
	if (p.ready(last) || p.closed.Load()) && w.parked.Swap(false) {
		return
	}
	<-w.wake
}

// stop waits for the job that runs and ends the workers. Later jobs find nobody.
func (p *pool) stop() {
	p.mu.Lock()
	p.closed.Store(true)
	for _, w := range p.crew {
		if w.parked.Swap(false) {
			w.wake <- struct{}{}
		}
	}
	p.gone.Wait()
}
