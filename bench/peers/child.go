package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gloss-ml/gloss/internal/peer"
)

// A child is a peer's process. It stands still while nobody asks: threads that spin for a while after their work would
// otherwise do so in the next peer's slot.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan string // closed with the process' output
	stderr tail
	ended  sync.Once
}

// errGone is of a process that has ended or was ended: there is nobody to ask again.
var errGone = errors.New("the process has ended")

func start(argv, env []string) (*child, error) {
	c := &child{cmd: exec.Command(argv[0], argv[1:]...), lines: make(chan string, 1)}
	c.cmd.Env = append(withoutThreads(os.Environ()), env...)
	c.cmd.Stderr = &c.stderr
	endWithUs(c.cmd)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.lines)
		for s := bufio.NewReader(out); ; {
			line, err := s.ReadString('\n')
			if err != nil {
				return
			}
			c.lines <- strings.TrimSpace(line)
		}
	}()
	return c, nil
}

// withoutThreads is the environment without what tells peers how many threads to have, and which kernels.
func withoutThreads(env []string) (kept []string) {
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "OMP_") && !strings.HasPrefix(name, "OPENBLAS_") && !strings.HasPrefix(name, "GOTO_") &&
			!strings.HasPrefix(name, "DNNL_") {
			kept = append(kept, v)
		}
	}
	return kept
}

// ask sends a request and returns the words of the answer. A peer that does not have the workload gives [peer.ErrNot];
// one that does not answer in time is ended and gives errGone.
func (c *child) ask(patience time.Duration, request ...string) ([]string, error) {
	resume(c.cmd)
	if _, err := fmt.Fprintln(c.in, strings.Join(request, " ")); err != nil {
		return nil, c.gone()
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case line, ok := <-c.lines:
		if !ok {
			return nil, c.gone()
		}
		pause(c.cmd)
		return parseAnswer(line)
	case <-timer.C:
		c.end()
		return nil, fmt.Errorf("%w: no answer to %q in %v", errGone, request, patience)
	}
}

func parseAnswer(line string) ([]string, error) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "ok":
		return strings.Fields(rest), nil
	case "no":
		return nil, fmt.Errorf("%w: %s", peer.ErrNot, rest)
	case "error":
		return nil, errors.New(rest)
	}
	return nil, fmt.Errorf("the peer answers %q", line)
}

// gone is the error of a process that has ended by itself, with the last thing it said.
func (c *child) gone() error {
	c.end()
	if last := c.stderr.last(); last != "" {
		return fmt.Errorf("%w: %s", errGone, last)
	}
	return fmt.Errorf("%w: %v", errGone, c.cmd.ProcessState)
}

func (c *child) end() {
	c.ended.Do(func() {
		c.in.Close()
		c.cmd.Process.Kill()
		for range c.lines { // until its output is closed
		}
		c.cmd.Wait()
	})
}

// numbers are an answer's words as numbers.
func numbers(words []string, err error) ([]float64, error) {
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(words))
	for i, w := range words {
		if out[i], err = strconv.ParseFloat(w, 64); err != nil {
			return nil, fmt.Errorf("the peer answers %q, which is no number", w)
		}
	}
	return out, nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(p), nil
}

func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return lines[len(lines)-1]
}
