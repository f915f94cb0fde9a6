package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// What lies between the markers of docs/benchmarks.md is written by -docs.
const (
	beginMarker = "<!-- bench/peers begins -->"
	endMarker   = "<!-- bench/peers ends -->"
)

// refresh replaces what is between the markers of a file.
func refresh(file string, records []Record) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var tables bytes.Buffer
	if err := writeTables(&tables, records); err != nil {
		return err
	}
	whole, err := between(string(text), tables.String())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(whole), 0o666)
}

func between(text, tables string) (string, error) {
	before, rest, ok := strings.Cut(text, beginMarker)
	_, after, ok2 := strings.Cut(rest, endMarker)
	if !ok || !ok2 {
		return "", fmt.Errorf("no lines %s and %s", beginMarker, endMarker)
	}
	return before + beginMarker + "\n" + tables + endMarker + after, nil
}
