package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

// TestServe asks from many goroutines: each gets its own row's answer, and bad rows a clear 400.
func TestServe(t *testing.T) {
	dev := cpu.Open()
	defer dev.Close()
	frame, err := tabular.Read(strings.NewReader("x,color,kind\n-1,red,no\n1,blue,yes\n"), tabular.CSV{})
	if err != nil {
		t.Fatal(err)
	}
	prep, err := tabular.Recipe{Target: "kind", Drop: []string{"color"}}.Fit(frame, nil)
	if err != nil {
		t.Fatal(err)
	}
	model, err := nn.New(dev, 1, nn.Linear(2))
	if err != nil {
		t.Fatal(err)
	}
	if err := model.SetWeights([]float32{-4, 4, 0, 0}); err != nil { // yes above 0, no below
		t.Fatal(err)
	}
	b := newBatcher(model)
	s := httptest.NewServer(&handler{prep, b})
	defer s.Close()
	ask := func(row string) (int, string) {
		resp, err := http.Post(s.URL, "application/json", strings.NewReader(row))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer resp.Body.Close()
		var text strings.Builder
		buf := make([]byte, 4096)
		for {
			n, err := resp.Body.Read(buf)
			text.Write(buf[:n])
			if err != nil {
				return resp.StatusCode, text.String()
			}
		}
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			row, want := `{"x": 3}`, `{"kind":"yes",`
			if i%3 == 0 {
				row, want = `{"x": "-2"}`, `{"kind":"no",`
			}
			if code, text := ask(row); code != http.StatusOK || !strings.HasPrefix(text, want) {
				t.Errorf("%s: %d %s", row, code, text)
			}
		})
	}
	all.Wait()
	for row, want := range map[string]string{
		`{"x": "high"}`: `tabular: column x: "high" is no number`,
		`{"y": 1}`:      `the model has no column "y"`,
		`{"x": [1]}`:    `column "x": a number, a text or null is wanted`,
		`{"x":`:         "a JSON object of the columns' values is wanted: unexpected EOF",
		"":              "a JSON object of the columns' values is wanted: nothing",
		`{"x": "` + strings.Repeat("1", maxBody) + `"}`: "request body too large",
	} {
		if code, text := ask(row); code != http.StatusBadRequest || !strings.Contains(text, want) {
			t.Errorf("%.20s: %d %s, want 400 %s", row, code, text, want)
		}
	}
	b.stop()
	if code, text := ask(`{"x": 1}`); code != http.StatusServiceUnavailable {
		t.Errorf("after the end: %d %s", code, text)
	}
}
