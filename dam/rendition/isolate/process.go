package isolate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"vitrine/dam"
)

// Allocator is how the C library hands out memory in a child, for its environment: as few arenas as leave no gaps
// between them, and what a picture needed is kept for the next one, up to 16 MB, instead of being given back and
// cleared again.
func Allocator() []string {
	return []string{"MALLOC_ARENA_MAX=2",
		"GLIBC_TUNABLES=glibc.malloc.mmap_threshold=8388608:glibc.malloc.trim_threshold=16777216"}
}

// child is one process.
type child struct {
	cmd    *exec.Cmd
	conn   *net.UnixConn
	stderr *words
	exited chan struct{}
	jobs   int
	owner  string // the library whose files it has seen
	sealed bool
	once   sync.Once
}

// start starts a child and waits, until ctx ends, for its word that it can work.
func start(ctx context.Context, cmd *exec.Cmd, run func() error) (*child, error) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "child"), os.NewFile(uintptr(pair[1]), "parent")
	defer func() { _, _ = ours.Close(), theirs.Close() }()
	conn, err := net.FileConn(ours)
	if err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, conn: conn.(*net.UnixConn), stderr: &words{}, exited: make(chan struct{})}
	cmd.ExtraFiles = append([]*os.File{theirs}, cmd.ExtraFiles...) // the first is descriptor 3
	cmd.Stderr = c.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for the parent, which ends its jobs in order
	cmd.WaitDelay = time.Second                           // for what it has started and left with its standard error
	if run == nil {
		run = cmd.Start
	}
	if err := run(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	_ = theirs.Close() // so that the socket closes with the child
	go func() {
		_ = cmd.Wait() // the state says how it ended
		close(c.exited)
	}()
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	var h hello
	if _, err := receive(c.conn, &h); err != nil {
		state := c.end()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("no word from the process: %w: %s", context.Cause(ctx), state)
		}
		return nil, fmt.Errorf("the process did not start: %s", state)
	}
	c.sealed = h.Sealed
	return c, nil
}

// kill makes the child's end certain, and that of all it has started; what waits for its answer sees the socket close.
func (c *child) kill() { _ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }

// end closes and reaps the child, and says how it ended.
func (c *child) end() string {
	c.once.Do(func() { _ = c.conn.Close() })
	select {
	case <-c.exited:
	default:
		c.kill()
		<-c.exited
	}
	return strings.TrimSpace(c.cmd.ProcessState.String() + ": " + c.stderr.String())
}

// outOfMemory: Go and C say so before they die of it.
func (c *child) outOfMemory() bool {
	s := c.stderr.String()
	for _, words := range []string{"out of memory", "cannot allocate", "failed to allocate", "Cannot allocate",
		"bad_alloc"} {
		if strings.Contains(s, words) {
			return true
		}
	}
	return false
}

// workError is the child's own answer, as opposed to trouble with the child.
type workError struct{ err error }

func (e *workError) Error() string { return e.err.Error() }

func (c *child) work(original *os.File, q request, body []byte, each func(reply, []byte) error) error {
	lost := func(err error) error {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) ||
			errors.Is(err, syscall.ECONNRESET) {
			<-c.exited // a socket closes before the process is gone
			return errCrashed
		}
		return err
	}
	if _, _, err := c.conn.WriteMsgUnix([]byte{'j'}, syscall.UnixRights(int(original.Fd())), nil); err != nil {
		return lost(err)
	}
	if err := send(c.conn, q, body); err != nil {
		return lost(err)
	}
	for {
		var r reply
		b, err := receive(c.conn, &r)
		if err != nil {
			return lost(err)
		}
		if r.Spec < 0 || r.Spec >= max(len(q.Specs), 1) {
			return fmt.Errorf("an answer about rendition %d of %d", r.Spec, len(q.Specs))
		}
		if f := r.Failure; f != nil {
			e := &dam.Error{Code: f.Code, Field: f.Field, Reason: f.Reason}
			if f.Cause != "" {
				e.Err = errors.New(f.Cause)
			}
			return &workError{e}
		}
		if err := each(r, b); err != nil {
			return err
		}
		if r.End {
			return nil
		}
	}
}

// words keeps the first words of a child: they name the reason of a crash.
type words struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *words) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := 512 - t.buf.Len(); room > 0 {
		t.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (t *words) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(strings.Fields(t.buf.String()), " ")
}
