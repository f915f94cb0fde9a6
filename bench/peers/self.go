package main

import (
	"fmt"
	"os"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/cpu"
	"github.com/gloss-ml/gloss/internal/peer"
)

// serve makes this process a peer: gloss, gloss' package train, or gonum.
func serve(name string, workers int) error {
	if err := cpu.Check(); err != nil {
		return err
	}
	opts := []cpu.Option{cpu.Workers(workers)}
	if name == "gonum" {
		opts = append(opts, cpu.Gonum)
	}
	dev := cpu.Open(opts...)
	defer dev.Close()
	g := peer.Gloss{Dev: dev, About: about(dev)}
	var p peer.Peer = g
	switch name {
	case "gloss":
	case "train":
		g.Loop = true
		p = g
	case "gonum":
		p = peer.Gonum{Gloss: g}
	default:
		return fmt.Errorf("-peer %q: want gloss, train or gonum", name)
	}
	return peer.Serve(os.Stdin, os.Stdout, p)
}

func about(dev backend.Backend) string { return "gloss, " + dev.Info().Driver }
