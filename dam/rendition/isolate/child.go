package isolate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// socket is the descriptor on which a child finds its parent.
const socket = 3

// Service is a child's side of a pool.
type Service struct {
	// Memory is the most bytes that the child may allocate, 0 for no limit.
	Memory int64
	// Engine is made after the limit is set.
	Engine func() (rendition.Engine, error)
	// Seal puts up the child's own walls once the engine is there, before anything of a stranger is read; nil for none.
	Seal func() error
	// Unsealed lets the child work without them when they can't be put up.
	Unsealed bool
}

// Serve is a child's life: it answers jobs with the engine until its parent closes the socket.
func Serve(s Service) error {
	file := os.NewFile(socket, "parent")
	c, err := net.FileConn(file)
	if err != nil {
		return fmt.Errorf("no parent to work for: %w", err)
	}
	_ = file.Close() // c is a duplicate
	conn, ok := c.(*net.UnixConn)
	if !ok {
		return errors.New("no parent to work for: descriptor 3 is no Unix socket")
	}
	if s.Memory > 0 {
		// Data, not address space: Go and C libraries reserve far more than they use.
		if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: uint64(s.Memory),
			Max: uint64(s.Memory)}); err != nil {
			return fmt.Errorf("memory limit: %w", err)
		}
		debug.SetMemoryLimit(s.Memory / 2)
	}
	// A crash says what it has to say on standard error; a core file of customers' pictures is nobody's business.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	// Nor has it a file to write.
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
	e, err := s.Engine()
	if err != nil {
		return err
	}
	h := hello{}
	if s.Seal != nil {
		if err := s.Seal(); err == nil {
			h.Sealed = true
		} else if !s.Unsealed {
			return fmt.Errorf("the walls could not be put up: %w", err)
		}
	}
	go followParent()
	if err := send(conn, h, nil); err != nil {
		return nil
	}
	for {
		original, err := receiveFile(conn)
		if err != nil {
			return nil // the parent has gone, or wants no more
		}
		if err := answer(conn, e, original); err != nil {
			return err
		}
	}
}

// followParent ends the process when its parent is no more: C code in a loop would not see the socket close.
func followParent() {
	parent := os.Getppid()
	for range time.Tick(time.Second) {
		if os.Getppid() != parent {
			os.Exit(0)
		}
	}
}

// receiveFile takes the one byte that begins a job, with the original's descriptor.
func receiveFile(conn *net.UnixConn) (*os.File, error) {
	oob := make([]byte, syscall.CmsgSpace(4))
	n, m, _, _, err := conn.ReadMsgUnix(make([]byte, 1), oob)
	if err != nil || n != 1 {
		return nil, errors.Join(errors.New("no job"), err)
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:m])
	if err != nil || len(messages) != 1 {
		return nil, errors.Join(errors.New("no descriptor"), err)
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errors.Join(errors.New("no descriptor"), err)
	}
	return os.NewFile(uintptr(fds[0]), "original"), nil
}

func answer(conn *net.UnixConn, e rendition.Engine, original *os.File) error {
	defer func() { _ = original.Close() }()
	var q request
	body, err := receive(conn, &q)
	if err != nil {
		return err
	}
	end := reply{End: true}
	ctx := context.Background() // the parent ends a job by ending the process
	if q.Op == "probe" {
		var info rendition.Info
		if info, err = e.Probe(ctx, original); err == nil {
			end.Info = &info
		}
	} else {
		err = e.Render(ctx, original, q.Specs, rendition.Options{MaxPixels: q.Max, MaxAnimation: q.Animation,
			Workers:   q.Workers,
			Watermark: watermarks(q.Watermarks, body)}, outputs(conn, q.Specs))
	}
	var refused *dam.Error
	if errors.As(err, &refused) {
		end.Failure = &failure{refused.Code, refused.Field, refused.Why(), ""}
		if refused.Err != nil {
			end.Failure.Cause = refused.Err.Error()
		}
	} else if err != nil {
		end.Failure = &failure{Code: dam.Internal, Reason: reasons.PictureNotRendered(), Cause: err.Error()}
	}
	return send(conn, end, nil)
}

// outputs sends each as it is ready.
func outputs(conn *net.UnixConn, specs []rendition.Spec) func(rendition.Output) error {
	sent := make([]bool, len(specs))
	return func(o rendition.Output) error {
		for i, s := range specs {
			if s == o.Spec && !sent[i] {
				sent[i] = true
				return send(conn, reply{Spec: i, Width: o.Width, Height: o.Height, MediaType: o.MediaType,
					Note: o.Note}, o.Bytes)
			}
		}
		return fmt.Errorf("an output nobody asked for: %+v", o.Spec)
	}
}

func watermarks(sizes []watermarkSize, body []byte) func(context.Context, string) ([]byte, error) {
	have := map[string][]byte{}
	for _, m := range sizes {
		if m.Size > len(body) {
			break
		}
		have[m.SHA256], body = body[:m.Size], body[m.Size:]
	}
	return func(_ context.Context, sha256 string) ([]byte, error) {
		b, ok := have[sha256]
		if !ok {
			return nil, &dam.Error{Code: dam.Internal, Reason: reasons.WatermarkNotSent()}
		}
		return bytes.Clone(b), nil
	}
}
