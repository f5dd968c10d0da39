package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// Landlock restricts the thread that asks for it and what that starts. So a command behind it is started by this
// program once more, which restricts itself and turns into the command. A thread of the server that is restricted and
// ends with its command would spare that start; in a program with cgo, ending threads has crashed it (docs/adr/0021).

// launch says what such a process is to do.
type launch struct {
	Access access
	// Worker is for a process that seals itself.
	Worker bool
}

// access is all that a process behind Landlock can open. What is missing is left out.
type access struct {
	Read  []string // folders, to read and to run programs from
	Files []string // files, to read and run
	Write []string // folders, to do everything in
}

// launchEnv has a launch as JSON.
const launchEnv = "VITRINE_SANDBOX_LAUNCH"

// command makes the command of a program behind Landlock; its environment is env.
func (l launch) command(cmd *exec.Cmd, env []string) *exec.Cmd {
	spec, _ := json.Marshal(l) // strings always marshal
	cmd.Args = append([]string{"vitrine", cmd.Path}, cmd.Args[1:]...)
	cmd.Path, cmd.Err = self, nil
	cmd.Env = append(slices.Clone(env), launchEnv+"="+string(spec))
	return cmd
}

// Launch must be the first thing that main does, of this program and of tests: in a process that was started to be a
// command behind Landlock it does not return.
func Launch() {
	spec := os.Getenv(launchEnv)
	if spec == "" {
		return
	}
	var l launch
	err := json.Unmarshal([]byte(spec), &l)
	if err == nil && len(os.Args) < 2 {
		err = errors.New("no command")
	}
	if err == nil {
		runtime.LockOSThread()
		err = l.confine()
	}
	if err == nil {
		env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, launchEnv+"=") })
		err = syscall.Exec(os.Args[1], os.Args[1:], env) //nolint:gosec // the command that the server has asked for
	}
	fmt.Fprintln(os.Stderr, "the walls could not be put up:", err)
	os.Exit(126)
}
