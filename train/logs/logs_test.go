package logs_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gloss-ml/gloss/backend/ref"
	"github.com/gloss-ml/gloss/data"
	"github.com/gloss-ml/gloss/nn"
	"github.com/gloss-ml/gloss/train"
	"github.com/gloss-ml/gloss/train/logs"
	"github.com/gloss-ml/gloss/train/metrics"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// fit trains for three epochs of four steps, with a validation set if it is asked for.
func fit(validate bool, callbacks ...train.Callback) (train.History, error) {
	dev := ref.Open()
	defer dev.Close()
	x, labels := make([]float32, 2*50), make([]uint32, 50)
	for i := range labels {
		x[2*i], x[2*i+1], labels[i] = float32(i%7), float32(i%5), uint32(i%2)
	}
	set := must(data.FromFloats(dev, x, 2, data.Labels(labels)))
	opt := nn.SGD(0.5)
	opt.Schedule = nn.StepDecay(4, 0.5)
	cfg := train.Config{Loss: nn.CrossEntropy(), Optimizer: opt, Epochs: 3, Batch: 16, ReadEvery: 2, Callbacks: callbacks}
	if validate {
		cfg.Validation, cfg.Metrics = set, []metrics.Metric{metrics.F1(metrics.Macro)}
	}
	return train.Fit(context.Background(), must(nn.New(dev, 2, nn.Linear(3), nn.Tanh(), nn.Linear(2))), set, cfg)
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

const header = "epoch,step,rows,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds,samples_per_second"

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(must(os.ReadFile(path))))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCSV(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.csv")
	if err := os.WriteFile(path, []byte("what was there before"), 0o666); err != nil {
		t.Fatal(err)
	}
	double := logs.Number("twice, the loss", func(e train.Epoch) float64 { return 2 * e.Loss })
	seen := 0
	watch := train.Callback{Epoch: func(e train.Epoch) error {
		if seen++; len(readCSV(t, path)) != 1+e.Number {
			t.Errorf("epoch %d is not in the file when it has ended", e.Number)
		}
		return nil
	}}
	h, err := fit(true, logs.CSV(path, double, nil), watch)
	if err != nil || seen != 3 {
		t.Fatal(err)
	}
	rows := readCSV(t, path)
	if len(rows) != 4 || strings.Join(rows[0], ",") != header+",metric_f1_macro,twice, the loss" {
		t.Fatalf("%q", rows)
	}
	for i, e := range h {
		got := rows[i+1]
		rate := []string{"0.5", "0.25", "0.125"}[i] // of the epoch's last step
		want := []string{strconv.Itoa(i + 1), strconv.Itoa(4 * (i + 1)), "50", number(e.Loss), number(e.Accuracy), number(e.Validation.Loss), number(e.Validation.Accuracy), rate}
		if strings.Join(got[:8], " ") != strings.Join(want, " ") || got[11] != number(2*e.Loss) || got[10] != number(e.Metrics[0].Value) || got[8] != number(e.Time.Seconds()) || got[9] != number(e.SamplesPerSecond()) {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

func TestNoValidation(t *testing.T) {
	dir := t.TempDir()
	c, j := filepath.Join(dir, "a.csv"), filepath.Join(dir, "a.jsonl")
	if _, err := fit(false, logs.CSV(c), logs.JSONL(j)); err != nil {
		t.Fatal(err)
	}
	if row := readCSV(t, c)[1]; row[5] != "" || row[6] != "" || row[4] == "" {
		t.Errorf("%q", row)
	}
	if text := string(must(os.ReadFile(j))); strings.Contains(text, "validation") || !strings.Contains(text, `"accuracy":`) {
		t.Error(text)
	}
}

func TestEveryLook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.csv")
	if _, err := fit(true, logs.CSV(path, logs.EveryLook(), logs.Number("n", func(train.Epoch) float64 { return 1 }))); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range readCSV(t, path)[1:5] {
		got = append(got, r[0]+r[1]+"."+r[2]+"/"+r[3]+"n"+r[12])
	}
	if s := strings.Join(got, " "); s != "look1.2/32n look1.3/48n look1.4/50n epoch1.4/50n1" {
		t.Error(s)
	}
}

func TestJSONL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	none := logs.Number("a \"quoted\" name", func(train.Epoch) float64 { return math.Inf(1) })
	h, err := fit(true, logs.JSONL(path, none, logs.EveryLook()))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for line := range strings.Lines(string(must(os.ReadFile(path)))) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		kinds[r["kind"].(string)]++
		infinite, known := r["a \"quoted\" name"]
		if epoch := r["kind"] == "epoch"; known != epoch || infinite != nil || epoch && r["loss"] != h[int(r["epoch"].(float64))-1].Loss {
			t.Errorf("%q", line)
		}
	}
	if kinds["epoch"] != 3 || kinds["look"] != 9 {
		t.Error(kinds)
	}
}

// TestAppend: a log is gone on with behind its last whole row, and only by one of the same columns.
func TestAppend(t *testing.T) {
	for name, open := range map[string]func(string, ...logs.Option) train.Callback{"run.csv": logs.CSV, "run.jsonl": logs.JSONL} {
		path := filepath.Join(t.TempDir(), name)
		lines := func() int { return strings.Count(string(must(os.ReadFile(path))), "\n") }
		for range 2 { // the first time there is no file
			if _, err := fit(true, open(path, logs.Append())); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]int{"run.csv": 7, "run.jsonl": 6}[name]
		if lines() != want {
			t.Errorf("%s: %d lines", name, lines())
		}
		whole := must(os.ReadFile(path))
		if err := os.WriteFile(path, append(whole, "7,12,5"...), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := fit(true, open(path, logs.Append())); err != nil {
			t.Fatal(err)
		}
		if after := string(must(os.ReadFile(path))); lines() != want+3 || strings.Contains(after, "7,12,5") || !strings.HasPrefix(after, string(whole)) {
			t.Errorf("%s: a torn row is not dropped: %s", name, after)
		}
	}
}

// TestAppendAfterAKill: rows that no checkpoint has seen are not there twice after the training has gone on, whatever it is
// killed behind.
func TestAppendAfterAKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	killed := errors.New("killed")
	run := func(behind int64, epochs int) error { // leaves what a kill behind a step would
		dev := ref.Open()
		defer dev.Close()
		set := must(data.FromFloats(dev, make([]float32, 2*64), 2, data.Labels(make([]uint32, 64))))
		model := must(nn.New(dev, 2, nn.Linear(2)))
		kill := train.Callback{Batch: func(b train.Batch) error {
			if b.Training.Trainer.Step() == behind {
				if err := os.CopyFS(dir+" then", os.DirFS(dir)); err != nil {
					return err
				}
				return killed
			}
			return nil
		}}
		cfg := train.Config{
			Loss: nn.CrossEntropy(), Optimizer: nn.SGD(0.1), Epochs: epochs, Batch: 16, ReadEvery: 1,
			Callbacks: []train.Callback{logs.CSV(at("run.csv"), logs.Append(), logs.EveryLook()), logs.JSONL(at("run.jsonl"), logs.Append()),
				logs.TensorBoard(at("board")), kill},
			Checkpoint: train.Checkpoint{Dir: at("checkpoints"), EverySteps: 6, Resume: true},
		}
		_, err := train.Fit(context.Background(), model, set, cfg)
		if err == killed {
			if err := errors.Join(os.RemoveAll(dir), os.Rename(dir+" then", dir)); err != nil {
				return err
			}
		}
		return err
	}
	for _, behind := range []int64{7, 10, 13, 17, 21} { // epochs are of 4 steps, checkpoints of 6, 12, 18
		if err := run(behind, 6); err != killed {
			t.Fatalf("step %d: %v", behind, err)
		}
	}
	if err := run(0, 6); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, r := range readCSV(t, at("run.csv"))[1:] {
		got = append(got, r[0]+" "+r[2])
	}
	for step := 1; step <= 24; step++ {
		if want = append(want, fmt.Sprint("look ", step)); step%4 == 0 {
			want = append(want, fmt.Sprint("epoch ", step))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("CSV has the rows %v, want %v", got, want)
	}
	if text := string(must(os.ReadFile(at("run.jsonl")))); strings.Count(text, "\n") != 6 || strings.Count(text, `"step":12,`) != 1 {
		t.Errorf("JSONL has %s", text)
	}
	files := must(filepath.Glob(at("board/*")))
	for i, step := range []int64{0, 6, 6, 12, 12, 18} { // where each began
		text := string(must(os.ReadFile(files[i])))
		restart := string([]byte{0x10, byte(step + 1), 0x3a, 2, 8, 1}) // step, session_log
		if len(files) != 6 || strings.Contains(text, restart) != (step > 0) {
			t.Errorf("%d event files; number %d begins with %q, want it to go on behind step %d", len(files), i, text[:min(len(text), 80)], step)
		}
	}
}

func TestAppendMisfit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	for _, c := range []struct {
		text string
		log  train.Callback
		want string
	}{
		{header + "\n", logs.CSV(path, logs.Append(), logs.EveryLook()), "would have"},
		{"epoch,loss\n1,2\n", logs.CSV(path, logs.Append()), "has the columns"},
		{"[1]\n", logs.JSONL(path, logs.Append()), "is no log to go on with"},
		{"{}\n", logs.JSONL(path, logs.Append()), "is no log to go on with"},
		{strings.Repeat("x", 1<<20), logs.JSONL(path, logs.Append()), "longer than"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		h, err := fit(true, c.log)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) || len(h) != 0 {
			t.Errorf("%.20q: %d epochs, error %v, want %q", c.text, len(h), err, c.want)
		}
		if got := string(must(os.ReadFile(path))); got != c.text {
			t.Errorf("%.20q has become %.20q", c.text, got)
		}
	}
}

// TestErrors: what cannot work is told before the first step, with the file.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	one := func(train.Epoch) float64 { return 1 }
	for _, c := range []struct {
		log  train.Callback
		want string
	}{
		{logs.CSV(""), "no file is named"},
		{logs.JSONL(""), "no file is named"},
		{logs.TensorBoard(""), "no folder is named"},
		{logs.CSV(dir), dir},
		{logs.CSV(dir + "/not/there.csv"), "not/there.csv"},
		{logs.JSONL("/proc/self/run.jsonl"), "/proc/self/run.jsonl"},
		{logs.TensorBoard("/proc/self/runs"), "/proc/self/runs"},
		{logs.TensorBoard("/proc/self"), "/proc/self/events"},
		{logs.CSV(dir+"/a", logs.Histograms(1)), "are for TensorBoard"},
		{logs.TensorBoard(dir, logs.Histograms(0)), "every 0 epochs"},
		{logs.CSV(dir+"/a", logs.Number("x", nil)), "no function"},
		{logs.CSV(dir+"/a", logs.Number("", one)), "a name"},
		{logs.CSV(dir+"/a", logs.Number("a\nb", one)), "a name"},
		{logs.CSV(dir+"/a", logs.Number("loss", one)), "of that name"},
		{logs.CSV(dir+"/a", logs.Number("x", one), logs.Number("x", one)), "of that name"},
		{logs.CSV(dir+"/a", logs.Number("metric_f1_macro", one)), "a metric of that name"},
	} {
		if _, err := os.Stat("/proc/self"); err != nil && strings.Contains(c.want, "/proc") {
			continue // a folder that not even root can write to is Linux'
		}
		h, err := fit(true, c.log)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "logs: ") || len(h) != 0 {
			t.Errorf("%d epochs, error %v, want %q", len(h), err, c.want)
		}
	}
	if left := must(os.ReadDir(dir)); len(left) != 0 {
		t.Errorf("files are left: %v", left)
	}
}

// TestVanished: a file that is gone between epochs ends the training, or does not where the option says so.
func TestVanished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.csv")
	vanish := train.Callback{Epoch: func(e train.Epoch) error {
		if e.Number == 1 {
			return os.Remove(path)
		}
		return nil
	}}
	h, err := fit(false, logs.CSV(path), vanish)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "epoch 2") || len(h) != 2 {
		t.Errorf("%d epochs, error %v", len(h), err)
	}
	var told []error
	h, err = fit(false, logs.CSV(path, logs.GoOn(func(err error) { told = append(told, err) })), vanish)
	if err != nil || len(h) != 3 || len(told) != 2 || !errors.Is(told[0], os.ErrNotExist) {
		t.Errorf("%d epochs, error %v, told %v", len(h), err, told)
	}
	if h, err = fit(false, logs.CSV(path, logs.GoOn(nil)), vanish); err != nil || len(h) != 3 {
		t.Errorf("%d epochs, error %v", len(h), err)
	}
}

// TestMinimize: its iterations are steps, and it tells no learning rate.
func TestMinimize(t *testing.T) {
	dev := ref.Open()
	defer dev.Close()
	set := must(data.FromFloats(dev, []float32{1, 2, 3, 4}, 1, data.Values([]float32{3, 5, 7, 9}, 1)))
	path := filepath.Join(t.TempDir(), "run.csv")
	run := func(c train.Callback) (train.History, error) {
		return train.Minimize(context.Background(), must(nn.New(dev, 1, nn.Linear(1))), set, train.MinimizeConfig{Loss: nn.MSE(), Callbacks: []train.Callback{c}})
	}
	h, err := run(logs.CSV(path))
	if err != nil {
		t.Fatal(err)
	}
	if rows := readCSV(t, path); len(rows) != 1+len(h) || rows[2][1] != "2" || rows[2][7] != "" || rows[2][4] != "" {
		t.Errorf("%d iterations: %q", len(h), rows)
	}
	if _, err := run(logs.TensorBoard(t.TempDir(), logs.Histograms(1))); err == nil || !strings.Contains(err.Error(), "are for Fit") {
		t.Error(err)
	}
}
