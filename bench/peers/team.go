package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// A team is the peers that are there.
type team struct {
	log     io.Writer
	members []*member
}

type member struct {
	*entry
	version string
	child   *child // nil: it was ended, and is started again when it is asked next
	ends    int
}

// slow is how long a peer may take to answer: PyTorch takes seconds to start.
const slow = time.Minute

// assemble starts all at once, for most of them think for a while before they are there, and leaves out who does not come.
func assemble(entries []*entry, log io.Writer) (*team, error) {
	t := &team{log: log}
	var gone []string
	children := make([]*child, len(entries))
	errs := make([]error, len(entries))
	for i, e := range entries {
		children[i], errs[i] = start(e.argv, e.env)
	}
	for i, e := range entries {
		var words []string
		if errs[i] == nil {
			words, errs[i] = children[i].ask(slow, "version")
		}
		if errs[i] == nil {
			t.members = append(t.members, &member{entry: e, version: join(words), child: children[i]})
		} else if !slices.Contains(gone, e.family) {
			gone = append(gone, e.family)
			fmt.Fprintf(log, "left out: %s: %s\n", e.family, absence(e, errs[i]))
		}
	}
	fmt.Fprintln(log, "left out: genann: Debian and Ubuntu have no package of it")
	if !slices.ContainsFunc(t.members, func(m *member) bool { return m.family == ours }) {
		t.end()
		return nil, errors.New("gloss itself does not start")
	}
	return t, nil
}

// absence says what to install.
func absence(e *entry, err error) string {
	var file *exec.Error
	if errors.As(err, &file) || errors.Is(err, exec.ErrNotFound) || isMissing(err) {
		err = fmt.Errorf("there is no %s", filepath.Base(e.argv[0]))
	}
	if e.needs == "" {
		return err.Error()
	}
	return fmt.Sprintf("%v (package %s; bench/peers/run -install as root)", err, e.needs)
}

func (t *team) end() {
	for _, m := range t.members {
		if m.child != nil {
			m.child.end()
		}
	}
}

// mostEnds is how often a peer may be ended for taking too long, or end by itself, before it is left alone.
const mostEnds = 2

// ask asks the peer, which is started again if it was ended.
func (m *member) ask(patience time.Duration, request ...string) (words []string, err error) {
	if m.ends >= mostEnds {
		return nil, fmt.Errorf("%w twice", errGone)
	}
	if m.child == nil {
		if m.child, err = start(m.argv, m.env); err != nil {
			return nil, err
		}
		patience += slow
	}
	words, err = m.child.ask(patience, request...)
	if errors.Is(err, errGone) {
		m.child, m.ends = nil, m.ends+1
	}
	return words, err
}
