package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Wall is what keeps a process from files, processes and networks. Seccomp comes with each.
type Wall string

const (
	None       Wall = ""
	Bubblewrap Wall = "bubblewrap"
	Landlock   Wall = "Landlock"
)

// walls are those that work on this machine.
type walls struct {
	programs, workers Wall
	landlock          int // version
}

// Paths inside bubblewrap.
const (
	originalInside = "/in/original"
	outInside      = "/out"
	workerInside   = "/vitrine"
)

// readable are the folders and files that every program may read: what the distribution has installed.
var readable = access{
	Read: []string{"/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/fonts", "/etc/libreoffice",
		"/var/cache/fontconfig"},
	Files: []string{"/etc/ld.so.cache", "/dev/urandom", "/dev/zero"},
}

// Walls says which walls the programs are behind, None when there are none and nothing is run.
func (r *Runner) Walls() Wall {
	r.once.Do(r.try)
	return r.up.programs
}

// WorkerWalls says the same of this server's own workers, which are started by Worker.
func (r *Runner) WorkerWalls() Wall {
	r.once.Do(r.try)
	return r.up.workers
}

// Describe names a wall for people, with the kernel's version of it.
func (r *Runner) Describe(w Wall) string {
	r.once.Do(r.try)
	switch w {
	case Bubblewrap:
		return "bubblewrap and seccomp"
	case Landlock:
		return fmt.Sprintf("Landlock (version %d of this kernel) and seccomp", r.up.landlock)
	}
	return "none"
}

// Works returns nil when programs can be run here, and otherwise a dam.Error of the code Unsupported that says why not.
func (r *Runner) Works() error {
	r.once.Do(r.try)
	return r.broke
}

// try finds out, once, which walls the machine allows.
func (r *Runner) try() {
	refuse := func(why reasons.Reason, err error) {
		r.broke = &dam.Error{Code: dam.Unsupported, Reason: why, Err: err}
	}
	if p := r.exposed(); p != "" {
		refuse(reasons.WorkersDataExposed(p), nil)
		return
	}
	if os.Getenv(launchEnv) != "" {
		refuse(reasons.LaunchNotCalled(), nil)
		return
	}
	bwrap := errors.New("there is no bwrap")
	if r.Has("bwrap") && r.o.Only != Landlock {
		bwrap = r.trial(Bubblewrap, true)
	}
	inner := bwrap // other programs want a /proc of their own, which fewer machines allow
	if bwrap == nil {
		r.up.workers = Bubblewrap
		inner = r.trial(Bubblewrap, false)
	}
	r.up.landlock = landlockVersion()
	landlock := errors.New("this kernel has no Landlock, or it is not turned on")
	if inner != nil && r.up.landlock > 0 && r.o.Only != Bubblewrap {
		landlock = r.trial(Landlock, true)
	}
	if bwrap != nil && landlock == nil {
		r.up.workers = Landlock
	}
	switch {
	case !r.Has("prlimit"):
		refuse(reasons.PrlimitMissing(), nil)
	case inner == nil:
		r.up.programs = Bubblewrap
	case landlock == nil:
		r.up.programs = Landlock
	default:
		refuse(reasons.NoWalls(),
			fmt.Errorf("bubblewrap: %w; Landlock: %w", inner, landlock))
	}
}

// exposed returns a private path that lies in what every program may read.
func (r *Runner) exposed() string {
	for _, p := range r.o.Private {
		path, err := filepath.Abs(p)
		if err != nil {
			return p
		}
		if found, err := filepath.EvalSymlinks(path); err == nil {
			path = found
		}
		for _, dir := range readable.Read {
			if path == dir || strings.HasPrefix(path, dir+"/") {
				return p
			}
		}
	}
	return ""
}

// trial runs a program that does nothing behind a wall. A machine that does not allow the wall may hang as well as
// refuse.
func (r *Runner) trial(w Wall, worker bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), r.o.Trial)
	defer cancel()
	var said bytes.Buffer
	cmd := launch{Access: readable}.command(exec.CommandContext(ctx, "/usr/bin/true"), nil) //nolint:gosec // a fixed command
	if w == Bubblewrap {
		args := inside()
		if !worker {
			args = append(args, procInside...)
		}
		rules, err := programFilter(true).file()
		if err != nil {
			return err
		}
		defer func() { _ = rules.Close() }()
		cmd = exec.CommandContext(ctx, r.path("bwrap"), append(args, "--seccomp", "3", "--", "/usr/bin/true")...) //nolint:gosec // as above
		cmd.ExtraFiles = []*os.File{rules}
	}
	cmd.Stderr = &said
	whole(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

// whole makes the command end with all that it has started, at the latest when its context ends. A pipe that somebody
// still holds is waited for a moment and no longer.
func whole(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 3 * time.Second
}

// inside is bubblewrap's sandbox for a worker: nothing but what the distribution has installed, no network, no process
// of others, and no /proc.
func inside() []string {
	return []string{
		"--unshare-all", "--die-with-parent", "--new-session",
		"--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink",
		"usr/lib64", "/lib64",
		"--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache",
		"/etc/ld.so.cache", "--ro-bind-try", "/etc/fonts", "/etc/fonts",
		"--ro-bind-try", "/etc/libreoffice", "/etc/libreoffice", "--ro-bind-try", "/var/cache/fontconfig",
		"/var/cache/fontconfig",
	}
}

// procInside is what programs have besides.
var procInside = []string{"--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "HOME", "/tmp", "--setenv",
	"LC_ALL", "C.UTF-8",
	"--proc", "/proc", "--dev", "/dev", "--size", strconv.Itoa(256 << 20), "--tmpfs", "/tmp", "--chdir", "/tmp"}

// command makes a program's command, and what runs it to its end.
func (r *Runner) command(ctx context.Context, d *Desk, c Command) (*exec.Cmd, func() error, error) {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	args := []string{"--as=" + number(c.Memory), "--fsize=" + number(c.Output), "--core=0", "--nofile=256",
		// of each process, however many threads: the deadline is the finer bound
		"--cpu=" + number(4*int64(c.Time/time.Second)+1)}
	if r.up.programs == Landlock {
		to := access{Read: readable.Read, Files: append([]string{d.in}, readable.Files...),
			Write: []string{d.Out, d.temp}}
		cmd := exec.CommandContext(ctx, r.path("prlimit"), append(append(args, r.path(c.Program)), c.Args...)...) //nolint:gosec // programs and options are this server's own
		cmd = launch{Access: to}.command(cmd, []string{"PATH=/usr/bin", "LC_ALL=C.UTF-8", "HOME=" + d.temp,
			"TMPDIR=" + d.temp})
		cmd.Dir = d.temp
		whole(cmd)
		dieWithParent(cmd)
		return cmd, func() error {
			defer func() {
				if cmd.Process != nil { // what it has left running ends with it
					_ = cmd.Cancel()
				}
			}()
			return cmd.Run()
		}, nil
	}
	rules, err := programFilter(true).file()
	if err != nil {
		return nil, nil, err
	}
	args = append(append(append(args, r.path("bwrap")), inside()...), procInside...)
	args = append(args, "--ro-bind", d.in, originalInside, "--bind", d.Out, outInside, "--seccomp", "3", "--",
		r.path(c.Program))
	cmd := exec.CommandContext(ctx, r.path("prlimit"), append(args, c.Args...)...) //nolint:gosec // as above
	cmd.Env = []string{"PATH=/usr/bin"}
	cmd.ExtraFiles = []*os.File{rules}
	whole(cmd) // killing bwrap ends everything inside, for its namespace of processes goes with it
	return cmd, func() error {
		defer func() { _ = rules.Close() }()
		return cmd.Run()
	}, nil
}

// Worker makes the command of a long-lived process of this very program, and what starts it. ExtraFiles that the caller
// adds go before those that are there. The process must call Seal before it reads anything of a stranger.
func (r *Runner) Worker(env []string, args ...string) (cmd *exec.Cmd, start func() error) {
	switch r.WorkerWalls() {
	case Bubblewrap:
		wall := append(inside(), "--dev-bind", os.DevNull, os.DevNull)
		for _, v := range env {
			if dirs, ok := strings.CutPrefix(v, "LD_LIBRARY_PATH="); ok {
				for _, dir := range filepath.SplitList(dirs) {
					wall = append(wall, "--ro-bind-try", dir, dir)
				}
			}
		}
		program, file := workerInside, (*os.File)(nil)
		if path := ownPath(); path != "" {
			wall = append(wall, "--ro-bind", path, workerInside)
		} else if f, err := os.Open(self); err == nil {
			// A newer one has taken this program's place: what runs is reached by its descriptor, the one after the
			// caller's.
			wall = append(wall, "--proc", "/proc")
			program, file = "/proc/self/fd/4", f
		}
		cmd = exec.Command(r.path("bwrap"), append(append(wall, "--", program), args...)...) //nolint:gosec // this program itself
		start = func() error {
			if file != nil {
				defer func() { _ = file.Close() }()
				cmd.ExtraFiles = append(cmd.ExtraFiles, file)
			}
			return cmd.Start()
		}
	case Landlock:
		to := access{Read: readable.Read, Files: append([]string{self}, readable.Files...)}
		for _, v := range env {
			if dirs, ok := strings.CutPrefix(v, "LD_LIBRARY_PATH="); ok {
				to.Read = append(filepath.SplitList(dirs), to.Read...)
			}
		}
		cmd = launch{Access: to, Worker: true}.command(exec.Command(self, args...), env) //nolint:gosec // as above
		return cmd, cmd.Start
	default:
		path, err := os.Executable()
		if _, missing := os.Stat(self); err != nil || missing == nil {
			path = self
		}
		cmd = exec.Command(path, args...) //nolint:gosec // as above
		start = func() error { return cmd.Start() }
	}
	cmd.Env = env
	return cmd, start
}

// self is this program, after its file has been replaced by a newer one too.
const self = "/proc/self/exe"

// ownPath is the path of this program's file, "" when another is there now.
func ownPath() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	there, err := os.Stat(path)
	if err != nil {
		return ""
	}
	if own, err := os.Stat("/proc/self/exe"); err != nil || !os.SameFile(there, own) {
		return ""
	}
	return path
}
