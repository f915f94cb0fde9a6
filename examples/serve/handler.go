package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/gloss-ml/gloss/data/tabular"
)

// handler answers a row, a JSON object with the columns' values, with the target's.
type handler struct {
	prep  *tabular.Prep
	batch *batcher
}

// maxBody bounds a request.
const maxBody = 1 << 16

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	row, err := h.row(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	x, _, err := h.prep.Row(row)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	y, err := h.batch.predict(r.Context(), x)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(h.prediction(y))
}

// row is the request's columns as texts. A name that the model does not know is a mistake that nobody else would find.
func (h *handler) row(body io.Reader) (map[string]string, error) {
	var fields map[string]any
	if err := json.NewDecoder(body).Decode(&fields); err != nil {
		if err == io.EOF {
			err = errors.New("nothing")
		}
		return nil, fmt.Errorf("a JSON object of the columns' values is wanted: %w", err)
	}
	row := map[string]string{}
	for name, v := range fields {
		if !slices.ContainsFunc(h.prep.Inputs, func(in tabular.Input) bool { return in.Name == name }) {
			return nil, fmt.Errorf("the model has no column %q", name)
		}
		switch v := v.(type) {
		case nil:
		case string:
			row[name] = v
		case float64:
			row[name] = strconv.FormatFloat(v, 'g', -1, 64)
		default:
			return nil, fmt.Errorf("column %q: a number, a text or null is wanted", name)
		}
	}
	return row, nil
}

// prediction is what is answered: a class with all probabilities, or a number.
func (h *handler) prediction(y []float32) map[string]any {
	t := h.prep.Target
	if t.Task == tabular.Regress {
		return map[string]any{t.Name: t.Value(y[0])}
	}
	best, sum := 0, 0.0
	for i, v := range y {
		if v > y[best] {
			best = i
		}
	}
	for _, v := range y {
		sum += math.Exp(float64(v - y[best]))
	}
	p := map[string]float64{}
	for i, v := range y {
		p[t.Classes[i]] = math.Exp(float64(v-y[best])) / sum
	}
	return map[string]any{t.Name: t.Classes[best], "probabilities": p}
}
