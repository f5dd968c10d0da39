package wordpress

import (
	"os/exec"
	"syscall"
)

// own starts a server in a process group of its own, and kills it when this process dies.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// end kills the process group, because PHP's server has workers.
func end(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
