package peer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// A Job is a workload, ready to run.
type Job interface {
	Run(n int) error // n units, finished when it returns
	Release()
}

// A Peer is a library that is measured.
type Peer interface {
	Version() string
	Open(w Workload) (Job, error)
	// Check is what the driver compares with numbers of its own: a product's Projection, of Adam and axpy the Dot of the
	// parameters with VecProbe.
	Check(w Workload) (float64, error)
	// Walk takes the first steps of a training from start number seed, writes the weights to a file as float32, and
	// returns the losses.
	Walk(w Workload, seed, steps int, file string) ([]float64, error)
}

// ErrNot is wrapped by the error of a peer that does not have a workload.
var ErrNot = errors.New("not this peer's")

// Serve answers requests, one a line, until there are no more:
//
//	version                          ok WORDS
//	check WORKLOAD                   ok NUMBER
//	walk WORKLOAD SEED STEPS FILE    ok LOSS …
//	run WORKLOAD SECONDS             ok MEDIAN_NS MIN_NS UNITS   for one unit, measured for about that long
//	drop                             ok   the workload's memory has been given back
//
// Other answers are "no REASON", of a workload that is not this peer's, and "error REASON".
func Serve(in io.Reader, out io.Writer, p Peer) error {
	s := &server{peer: p}
	defer s.drop()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		answer, err := s.answer(strings.Fields(lines.Text()))
		word := "ok"
		if err != nil {
			word, answer = "error", strings.ReplaceAll(err.Error(), "\n", " ")
			if errors.Is(err, ErrNot) {
				word, answer = "no", strings.TrimPrefix(answer, ErrNot.Error()+": ")
			}
		}
		if _, err := fmt.Fprintln(out, strings.TrimSpace(word+" "+answer)); err != nil {
			return err
		}
	}
	return lines.Err()
}

type server struct {
	peer Peer
	name string // of the workload that is open
	slot *slot
}

func (s *server) drop() {
	if s.slot != nil {
		s.slot.job.Release()
	}
	s.slot = nil
}

func (s *server) answer(words []string) (string, error) {
	switch {
	case len(words) == 1 && words[0] == "version":
		return s.peer.Version(), nil
	case len(words) == 1 && words[0] == "drop":
		s.drop()
		return "", nil
	case len(words) < 2:
		return "", fmt.Errorf("request %q", words)
	}
	w, err := Parse(words[1])
	if err != nil {
		return "", err
	}
	switch {
	case len(words) == 2 && words[0] == "check":
		number, err := s.peer.Check(w)
		return fmt.Sprintf("%.17g", number), err
	case len(words) == 5 && words[0] == "walk":
		return s.walk(w, words[2], words[3], words[4])
	case len(words) == 3 && words[0] == "run":
		return s.run(w, words[2])
	}
	return "", fmt.Errorf("request %q", words)
}

func (s *server) walk(w Workload, seed, steps, file string) (string, error) {
	from, err := strconv.Atoi(seed)
	n, err2 := strconv.Atoi(steps)
	if err = errors.Join(err, err2); err != nil {
		return "", err
	}
	losses, err := s.peer.Walk(w, from, n, file)
	words := make([]string, len(losses))
	for i, l := range losses {
		words[i] = fmt.Sprintf("%.9g", l)
	}
	return strings.Join(words, " "), err
}

func (s *server) run(w Workload, seconds string) (string, error) {
	lasts, err := strconv.ParseFloat(seconds, 64)
	if err != nil {
		return "", err
	}
	if s.slot == nil || s.name != w.Name {
		s.drop()
		job, err := s.peer.Open(w)
		if err != nil {
			return "", err
		}
		s.name, s.slot = w.Name, &slot{job: job}
		if err := s.slot.prepare(); err != nil {
			return "", err
		}
	}
	median, least, n, err := s.slot.measure(time.Duration(lasts * float64(time.Second)))
	return fmt.Sprintf("%.1f %.1f %d", median, least, n), err
}
