// Serve answers predictions of a model that mlp train has written, over HTTP:
//
//	go run ./cmd/mlp train iris.csv -target species -o iris.safetensors
//	go run ./examples/serve -model iris.safetensors
//	curl localhost:8080/predict -d '{"petal length": 1.4, "color": "red"}'
//	{"species":"setosa","probabilities":{"setosa":0.998,"versicolor":0.002}}
//
// Requests that come at about the same time go through the network together. examples/serve/load measures it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/data/tabular"
	"github.com/gloss-ml/gloss/nn"
)

func main() {
	path := flag.String("model", "model.safetensors", "`FILE` of a model of a table")
	addr := flag.String("addr", "localhost:8080", "`ADDRESS` to listen at")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *path, *addr); err != nil {
		log.Fatal(err)
	}
}

// serve answers until ctx is done, and then those that have asked.
func serve(ctx context.Context, path, addr string) error {
	dev, err := auto.Open("")
	if err != nil {
		return err
	}
	defer dev.Close()
	model, meta, err := nn.Load(dev, path)
	if err != nil {
		return err
	}
	prep, err := tabular.FromMeta(meta)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if prep.Target == nil || len(prep.Codes()) > 0 {
		return fmt.Errorf("%s: the model predicts no column, or wants codes", path)
	}
	b := newBatcher(model)
	defer b.stop()
	mux := http.NewServeMux()
	mux.Handle("POST /predict", &handler{prep, b})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening at http://%s/predict\n", l.Addr())
	context.AfterFunc(ctx, func() {
		late, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(late)
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
