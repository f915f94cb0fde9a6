package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
	"github.com/gloss-ml/gloss/bench"
)

// usual are the devices that are compared where none was asked for, gonum first: the others are measured by it.
var usual = []string{"gonum", "cpu", "gl"}

// checkDevice reports whether a name on the command line is one of a device. The empty one, which stands for
// GLOSS_DEVICE elsewhere, is a comma too many there.
func checkDevice(name string) error {
	if name == "" {
		return errors.New(`no device is called ""`)
	}
	return auto.Check(name)
}

func choose(name string, job *auto.Job) (backend.Backend, auto.Choice, error) {
	if job == nil {
		return auto.Choose(name)
	}
	return auto.ChooseFor(name, *job)
}

// openDevices opens what was asked for, "auto" as it suits the job where there is one. What was not asked for by name and is not there is a line on notes, and so is
// what "auto" chose. skip names a reason to leave an open device out that nobody asked for, or "".
func openDevices(asked []string, notes io.Writer, skip func(backend.Info) string, job *auto.Job) (devices []bench.Device, err error) {
	names := asked
	if names == nil {
		names = usual
	}
	defer func() {
		if err != nil {
			closeDevices(devices)
			devices = nil
		}
	}()
	for _, name := range names {
		dev, choice, err := choose(name, job)
		if err != nil {
			if asked != nil || !errors.Is(err, backend.ErrUnavailable) {
				return devices, fmt.Errorf("device %s: %w", name, err)
			}
			fmt.Fprintf(notes, "without %s: %v\n", name, err)
			continue
		}
		if why := skip(dev.Info()); asked == nil && why != "" {
			fmt.Fprintf(notes, "without %s: %s\n", name, why)
			dev.Close()
			continue
		}
		if choice.Why != "" {
			fmt.Fprintf(notes, "auto chose %s\n", choice)
			name = choice.Info.Device
		}
		devices = append(devices, bench.Device{Name: name, Backend: dev})
		if slices.ContainsFunc(devices[:len(devices)-1], func(d bench.Device) bool { return d.Name == name }) {
			return devices, fmt.Errorf("device auto is %s here, which is named as well", name)
		}
	}
	return devices, nil
}

// closeDevices closes all and returns the first failure.
func closeDevices(devices []bench.Device) (first error) {
	for _, d := range devices {
		if err := d.Backend.Close(); err != nil && first == nil {
			first = fmt.Errorf("device %s: %w", d.Name, err)
		}
	}
	return first
}
