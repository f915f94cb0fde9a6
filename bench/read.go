package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gloss-ml/gloss/backend"
)

// A Report is results and where they were measured.
type Report struct {
	Machine Machine
	Results []Result
}

// errNoReport comes before what is wrong with a file.
var errNoReport = errors.New("no report of mlpbench -format json")

// ReadJSON reads what [WriteJSON] wrote. A record from before records held samples has its median as the only one.
func ReadJSON(r io.Reader) (Report, error) {
	var list []struct {
		mnistRecord         // has the fields of every other
		Error       *string `json:"error"`
	}
	dec := json.NewDecoder(r)
	if err := dec.Decode(&list); err != nil {
		return Report{}, fmt.Errorf("%w: %w", errNoReport, plainer(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return Report{}, fmt.Errorf("%w: something follows its list", errNoReport)
	}
	if len(list) == 0 {
		return Report{}, errors.New("the report holds no result")
	}
	results := make([]Result, len(list))
	for i, rec := range list {
		if rec.Workload == "" || rec.Device == "" || rec.Error == nil && !(rec.MedianS > 0) {
			return Report{}, fmt.Errorf("%w: record %d has no workload, device or median_s", errNoReport, i+1)
		}
		results[i] = rec.result()
		if rec.Error != nil {
			results[i].Err = errors.New(*rec.Error)
		}
	}
	return Report{Machine(list[0].place), results}, nil
}

// plainer says what is wrong with a file for people who never saw the types it is read into.
func plainer(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends too early")
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf("want a list of records, found %s", article(wrong.Value))
	case errors.As(err, &wrong):
		return fmt.Errorf("%s is %s", wrong.Field, article(wrong.Value))
	}
	return err
}

func article(what string) string {
	if what == "object" || what == "array" {
		return "an " + what
	}
	return "a " + what
}

// result is the measurement that a record was made of, as far as it tells.
func (rec *mnistRecord) result() Result {
	r := Result{
		Workload: rec.Workload, Device: rec.Device, MaxError: rec.MaxError, Seconds: rec.SamplesS,
		Info: backend.Info{Device: rec.Device, Name: rec.Renderer, Software: rec.Software},
		Work: Work{Flops: rec.GFLOPS * 1e9 * rec.MedianS, Samples: rec.SamplesPerS * rec.MedianS},
	}
	if len(r.Seconds) == 0 && rec.MedianS > 0 {
		r.Seconds = []float64{rec.MedianS}
	}
	if rec.Epochs > 0 {
		r.MNIST = &MNISTScore{Accuracy: rec.TestAccuracy, Epochs: rec.Epochs, Target: rec.TargetAccuracy}
		if rec.TimeToTargetS != nil {
			r.MNIST.Reached = true
			r.MNIST.TimeToTarget = time.Duration(*rec.TimeToTargetS * float64(time.Second))
		}
	}
	return r
}
