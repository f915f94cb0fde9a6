package train

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress writes a line for each epoch. On a terminal the line is written again as the epoch goes on, with the time
// that is left of the training. What cannot be written is left out: nobody trains for the sake of the line.
func progress(w io.Writer) Callback {
	p := &line{w: w, live: isTerminal(w)}
	return Callback{Begin: p.begin, Batch: p.batch, Epoch: p.epoch, End: p.end}
}

type line struct {
	w      io.Writer
	live   bool
	open   bool // a line that will be written again
	start  time.Time
	before float64 // epochs that were done when start was, in a training that goes on
	epochs int

	training *Training
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *line) begin(t *Training) error {
	p.training, p.epochs = t, t.Epochs
	return nil
}

func (p *line) batch(b Batch) error {
	p.epochs = b.Epochs
	if p.start.IsZero() {
		p.start, p.before = time.Now().Add(-b.Epoch.Time), float64(b.Epoch.Number-1)
	}
	if p.live {
		done := float64(b.Epoch.Number-1) + float64(b.Epoch.Rows)/float64(b.Rows)
		left := time.Duration(float64(time.Since(p.start)) * (float64(b.Epochs) - done) / (done - p.before))
		fmt.Fprintf(p.w, "\r%s  %d/%d  %v left\x1b[K", p.text(b.Epoch), b.Epoch.Steps, b.Batches, round(left))
		p.open = true
	}
	return nil
}

func (p *line) epoch(e Epoch) error {
	s := p.text(e)
	if v := e.Validation; v.Rows > 0 {
		s += "  validation" + score(v.Loss, v.Accuracy)
	}
	if len(e.Metrics) > 0 {
		s += "  " + e.Metrics.String()
	}
	if p.open {
		s = "\r" + s + "\x1b[K"
		p.open = false
	}
	fmt.Fprintf(p.w, "%s  %v\n", s, round(e.Time))
	return nil
}

func (p *line) end(History, error) {
	if p.open {
		fmt.Fprintln(p.w)
	}
	if reason := p.training.Stopped(); reason != nil {
		fmt.Fprintln(p.w, reason)
	}
}

// text is "epoch  2/10  loss 0.1362  accuracy 96.11 %  61.2k samples/s".
func (p *line) text(e Epoch) string {
	return fmt.Sprintf("epoch %*d/%d %s  %s samples/s", len(fmt.Sprint(p.epochs)), e.Number, p.epochs, score(e.Loss, e.Accuracy), metric(e.SamplesPerSecond()))
}

// score leaves an accuracy of 0 out: it is that of a regression, or of a model that has learned nothing.
func score(loss, accuracy float64) string {
	s := fmt.Sprintf(" loss %.4g", loss)
	if accuracy > 0 {
		s += fmt.Sprintf("  accuracy %.2f %%", 100*accuracy)
	}
	return s
}

// metric is x with three digits and a prefix.
func metric(x float64) string {
	for _, p := range []string{"", "k", "M", "G"} {
		if x < 999.5 {
			return strings.TrimSpace(fmt.Sprintf("%.3g%s", x, p))
		}
		x /= 1000
	}
	return fmt.Sprintf("%.3gT", x)
}

// round keeps what is worth reading of a duration.
func round(d time.Duration) time.Duration {
	switch {
	case d > 10*time.Second:
		return d.Round(time.Second)
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Microsecond)
}
