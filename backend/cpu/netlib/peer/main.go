//go:build cgo

// Command peer is gloss with the products of the system's BLAS, for bench/peers.
package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/backend/cpu/netlib"
	"github.com/gloss-ml/gloss/internal/peer"
)

func main() {
	dev := cpu.Open(netlib.BLAS(), cpu.Workers(runtime.GOMAXPROCS(0)))
	defer dev.Close()
	if err := peer.Serve(os.Stdin, os.Stdout, peer.Gloss{Dev: dev, About: "gloss, " + netlib.Version()}); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}
