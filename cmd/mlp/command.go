package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gloss-ml/gloss/backend"
	"github.com/gloss-ml/gloss/backend/auto"
)

// The exit statuses.
const (
	exitOK = iota
	exitFailed
	exitUsage
)

// stdio is where a command reads and writes. Results go to out, everything else to err.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

func (s stdio) say(format string, args ...any) { fmt.Fprintf(s.err, format+"\n", args...) }

// A command is one word of mlp's.
type command struct {
	name, args, about string
	help              string
	flags             func(*flag.FlagSet) func(ctx context.Context, args []string, std stdio) error
}

var commands []command

func init() { // they refer to each other by it
	commands = []command{trainCommand, evalCommand, predictCommand, resumeCommand, exportCommand, importCommand, infoCommand, devicesCommand, completionCommand}
}

// usageError is about the arguments.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run is the whole program.
func run(ctx context.Context, args []string, std stdio) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		if len(args) > 1 {
			if c := find(args[1]); c != nil {
				return c.run(ctx, []string{"-h"}, std)
			}
		}
		usage(std.err)
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	}
	if args[0] == "__complete" {
		candidates(args[1:], std.out)
		return exitOK
	}
	c := find(args[0])
	if c == nil {
		std.say("mlp: no command is called %q", args[0])
		usage(std.err)
		return exitUsage
	}
	return c.run(ctx, args[1:], std)
}

func find(name string) *command {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return &commands[i]
}

func usage(w io.Writer) {
	fmt.Fprint(w, "usage: mlp COMMAND [arguments]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.about)
	}
	fmt.Fprint(w, "\nmlp COMMAND -h says more. With nothing else, mlp train shows how it goes, on digits that it draws itself.\n")
}

// run parses flags before and behind the arguments.
func (c *command) run(ctx context.Context, args []string, std stdio) int {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	do := c.flags(fs)
	var words []string
	for rest := args; len(rest) > 0; {
		if err := fs.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				c.usage(std.err, fs)
				return exitOK
			}
			std.say("mlp %s: %v", c.name, err)
			return exitUsage
		}
		if rest = fs.Args(); len(rest) > 0 {
			words, rest = append(words, rest[0]), rest[1:]
		}
	}
	err := do(ctx, words, std)
	var wrong usageError
	switch {
	case errors.As(err, &wrong):
		std.say("mlp %s: %v\nusage: mlp %s %s", c.name, err, c.name, c.args)
		return exitUsage
	case err != nil:
		std.say("mlp %s: %v", c.name, err)
		return exitFailed
	}
	return exitOK
}

func (c *command) usage(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "usage: mlp %s %s\n\n%s\n\n", c.name, c.args, strings.TrimSpace(c.help))
	fs.SetOutput(w)
	fs.PrintDefaults()
}

// one is the only argument.
func one(args []string, what string) (string, error) {
	switch len(args) {
	case 0:
		return "", usagef("%s is needed", what)
	case 1:
		return args[0], nil
	}
	return "", usagef("unexpected argument %q: one file is read", args[1])
}

// deviceFlag is the flag that names the device.
func deviceFlag(fs *flag.FlagSet) *string {
	return fs.String("device", "", "`NAME` of the device: cpu, gl, gl:1, gl:NVIDIA, gonum or ref; without it what GLOSS_DEVICE says, or the faster one")
}

// open opens a device for a job and says which.
func open(name string, job *auto.Job, std stdio) (backend.Backend, error) {
	if err := auto.Check(name); err != nil {
		return nil, usageError{err}
	}
	choose := func() (backend.Backend, auto.Choice, error) { return auto.Choose(name) }
	if job != nil {
		choose = func() (backend.Backend, auto.Choice, error) { return auto.ChooseFor(name, *job) }
	}
	dev, choice, err := choose()
	if err != nil {
		return nil, err
	}
	std.say("device: %s", choice)
	return dev, nil
}
