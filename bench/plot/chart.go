package plot

import (
	"image/color"
	"slices"
	"strconv"
	"strings"

	"github.com/gloss-ml/gloss/bench"
)

// A chart is what is to be seen, without where.
type chart struct {
	title, subtitle, foot string
	relative              bool // values are ratios to gonum, not seconds
	axis                  axis
	devices               []device
	rows                  []row
}

type device struct {
	name, about string
	software    bool
	color       color.RGBA
}

// A row is a workload. Its note is what gonum, to which the bars are ratios, took.
type row struct {
	name, note string
	bars       []bar
}

// A bar of value 0 is a label only: what a device did not measure, and why.
type bar struct {
	device int // of the chart
	value  float64
	label  string
	failed bool
}

// The colours are Okabe and Ito's, which people of all kinds of colour vision tell apart, on white.
var (
	usual = map[string]color.RGBA{
		bench.Baseline: {0x88, 0x88, 0x88, 255}, "cpu": {0x00, 0x72, 0xb2, 255}, "gl": {0xd5, 0x5e, 0x00, 255}, "ref": {0x00, 0x9e, 0x73, 255},
	}
	further = []color.RGBA{{0xcc, 0x79, 0xa7, 255}, {0x56, 0xb4, 0xe9, 255}, {0xe6, 0x9f, 0x00, 255}, {0x33, 0x33, 0x33, 255}}
)

// newChart is nil where there is no number to show.
func newChart(m bench.Machine, results []bench.Result) *chart {
	c := &chart{title: "mlpbench on " + m.CPU, foot: "mlpbench " + m.Build + ", " + m.Time.Format("2006-01-02")}
	measured, rows := map[string]bool{}, []string{}
	for i := range results {
		r := &results[i]
		measured[r.Device] = measured[r.Device] || number(r) > 0
		if !slices.Contains(rows, r.Workload) {
			rows = append(rows, r.Workload)
		}
	}
	c.relative = measured[bench.Baseline]
	if others := count(measured); others == 0 {
		return nil
	} else if others == 1 {
		c.relative = false
	}
	var values []float64
	for _, name := range rows {
		row := c.newRow(name, results)
		for _, b := range row.bars {
			if b.value > 0 {
				values = append(values, b.value)
			}
		}
		c.rows = append(c.rows, row)
	}
	c.axis = newAxis(values, c.relative)
	c.subtitle = c.explanation()
	return c
}

// bars is how many there are, of a length or not.
func (c *chart) bars() (n int) {
	for _, r := range c.rows {
		n += len(r.bars)
	}
	return n
}

func count(set map[string]bool) (n int) {
	for _, in := range set {
		if in {
			n++
		}
	}
	return n
}

// number is a result's time, 0 where it has none.
func number(r *bench.Result) float64 {
	if r.Err != nil || r.Slow {
		return 0
	}
	return r.Median()
}

// newRow gathers what the devices measured at a workload.
func (c *chart) newRow(workload string, results []bench.Result) row {
	out, base := row{name: workload}, 0.0
	for i := range results {
		if r := &results[i]; c.relative && r.Workload == workload && r.Device == bench.Baseline {
			base = number(r)
			out.note = bench.Baseline + " " + label(r)
			c.deviceOf(r)
		}
	}
	for i := range results {
		r := &results[i]
		if r.Workload != workload || c.relative && r.Device == bench.Baseline {
			continue
		}
		b := bar{device: c.deviceOf(r), value: number(r), label: label(r), failed: r.Err != nil}
		if c.relative && b.value > 0 {
			if b.value = base / b.value; base > 0 {
				b.label = bench.FormatRatio(b.value) + " · " + b.label
			}
		}
		out.bars = append(out.bars, b)
	}
	return out
}

// label is what a result says in words.
func label(r *bench.Result) string {
	switch {
	case r.Err != nil:
		return "FAILED"
	case number(r) == 0:
		return "too slow to wait for"
	}
	return bench.FormatSeconds(number(r))
}

func (c *chart) explanation() string {
	s := "Median time of one product, call or training step: shorter is better"
	switch {
	case c.relative && c.axis.log:
		s = "Speed relative to gonum: to the right of 1× is faster"
	case c.relative:
		s = "Speed relative to gonum: longer is better"
	}
	if c.axis.log {
		s += "; logarithmic scale"
	}
	return s
}

// deviceOf is the place of a result's device in the legend.
func (c *chart) deviceOf(r *bench.Result) int {
	if i := slices.IndexFunc(c.devices, func(d device) bool { return d.name == r.Device }); i >= 0 {
		return i
	}
	d := device{name: r.Device, software: r.Info.Software, about: r.Info.Name}
	if r.Info.Workers > 0 && r.Info.Driver != "" {
		d.about += ", " + r.Info.Driver // whose kernels: gonum and cpu are one processor
	}
	switch {
	case r.Info.Software:
		d.about += " — a software renderer: this is the CPU's speed, not a GPU's"
	case r.Info.Workers == 1:
		d.about += ", 1 worker"
	case r.Info.Workers > 1:
		d.about += ", " + strconv.Itoa(r.Info.Workers) + " workers"
	}
	d.about = strings.TrimPrefix(d.about, ", ")
	var ok bool
	if d.color, ok = usual[d.name]; !ok {
		d.color = further[len(c.devices)%len(further)]
	}
	c.devices = append(c.devices, d)
	return len(c.devices) - 1
}

// base is gonum's place in the legend of a relative chart.
func (c *chart) base() int {
	return slices.IndexFunc(c.devices, func(d device) bool { return d.name == bench.Baseline })
}
