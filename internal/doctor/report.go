package doctor

import (
	"fmt"
	"io"
	"strings"
)

// Write prints the findings, each step below what it mends, and a last line that says what is used now and what to do
// first.
func (r *Report) Write(w io.Writer) error {
	width := 0
	for _, f := range r.Findings {
		width = max(width, len(f.Topic))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "mlpbench doctor: %s\n\n", r.System)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %-4v  %-*s  %s\n", f.Mark, width, f.Topic, f.Text)
		if f.Step != "" {
			fmt.Fprintf(&b, "        %*s  → %s\n", width, "", f.Step)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", r.Last())
	_, err := io.WriteString(w, b.String())
	return err
}

// Last is the line to read if only one is read.
func (r *Report) Last() string {
	if r.GPU {
		return "The GPU can be used. Used now: " + r.Used + "."
	}
	s := "ONLY THE CPU can be used. Used now: " + r.Used + ". First thing to do: "
	if f := r.first(); f != nil {
		return s + f.Step
	}
	return s + "nothing; this machine shows no GPU."
}

// first is the first finding that keeps the GPU from being used.
func (r *Report) first() *Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Mark == Lack && f.Step != "" {
			return f
		}
	}
	return nil
}
