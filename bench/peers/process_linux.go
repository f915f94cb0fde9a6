package main

import (
	"os/exec"
	"syscall"
)

// endWithUs has the process end when this one does, however that comes: one that stands still would stay for ever. Signals
// from the terminal are for the driver alone.
func endWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

func pause(cmd *exec.Cmd)  { cmd.Process.Signal(syscall.SIGSTOP) }
func resume(cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGCONT) }
