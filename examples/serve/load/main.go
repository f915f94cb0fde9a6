// Load sends single rows to examples/serve at an even rate and says how long the answers took.
//
//	go run ./examples/serve/load -rate 1000 -for 10s -row '{"length": 5, "color": "red"}'
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	url := flag.String("url", "http://localhost:8080/predict", "`URL` to ask")
	rate := flag.Int("rate", 1000, "requests a second")
	length := flag.Duration("for", 10*time.Second, "how long")
	row := flag.String("row", "{}", "`JSON` of the row")
	flag.Parse()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	n := int(float64(*rate) * length.Seconds())
	times, failures := make([]time.Duration, n), make([]error, n)
	var all sync.WaitGroup
	start := time.Now()
	for i := range n {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(*rate))
		time.Sleep(time.Until(due))
		all.Go(func() {
			// From when it was due, not from when it was sent: who waits to send waits too.
			failures[i] = ask(client, *url, *row)
			times[i] = time.Since(due)
		})
	}
	all.Wait()
	took := time.Since(start)
	bad := 0
	for _, err := range failures {
		if err != nil {
			if bad == 0 {
				log.Print(err)
			}
			bad++
		}
	}
	slices.Sort(times)
	at := func(q float64) time.Duration { return times[int(q*float64(n-1))].Round(10 * time.Microsecond) }
	fmt.Printf("%d requests in %v, %.0f a second, %d failed: p50 %v, p90 %v, p99 %v, most %v\n",
		n, took.Round(time.Millisecond), float64(n)/took.Seconds(), bad, at(0.5), at(0.9), at(0.99), at(1))
	if bad > 0 {
		log.Fatal("some requests failed")
	}
}

func ask(c *http.Client, url, row string) error {
	resp, err := c.Post(url, "application/json", strings.NewReader(row))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", resp.StatusCode, text)
	}
	return err
}
