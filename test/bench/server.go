package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vitrine/test/ports"
)

// server is the real program on an empty folder.
type server struct {
	cmd         *exec.Cmd
	data        string
	base, token string
	release     func() // of the address
	run         func(ctx context.Context, args ...string) ([]byte, error)
}

func startServer(ctx context.Context, dir string) (*server, error) {
	program := filepath.Join(dir, "vitrine")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program,
		"./cmd/vitrine").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	address, release, err := ports.Hold()
	if err != nil {
		return nil, err
	}
	s := &server{release: release, base: "http://" + address, data: filepath.Join(dir, "data")}
	environment := append(os.Environ(), "VITRINE_LISTEN="+address, "VITRINE_DATA="+s.data, "VITRINE_SERVER="+s.base,
		"VITRINE_ADMIN_PASSWORD=a long enough one", "VITRINE_WEBHOOKS_ALLOW_PRIVATE=true")
	s.run = func(ctx context.Context, args ...string) ([]byte, error) {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env = slices.Concat(environment, []string{"VITRINE_TOKEN=" + s.token})
		out, err := cmd.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("vitrine %s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
		}
		return out, err
	}
	s.cmd = exec.Command(program, "serve")
	s.cmd.Env = environment
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	s.cmd.Stderr = log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.until(ctx, s.base+"/readyz"); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	token, err := s.run(ctx, "token", "create", "--role", "admin", "--name", "bench")
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.token = strings.TrimSpace(string(token))
	return s, nil
}

func (s *server) stop() error {
	defer s.release()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	return s.cmd.Wait()
}

// until waits for an address to answer with 200.
func (s *server) until(ctx context.Context, url string) error {
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		status, _, err := get(ctx, url)
		if status == http.StatusOK {
			return nil
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("%s answers %d: %w", url, status, err)
		}
	}
}

// call sends a request as the administrator; mediaType is the body's.
func (s *server) call(ctx context.Context, method, url, mediaType string, body io.Reader, out any) (status int,
	err error) {
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	if body != nil {
		r.Header.Set("Content-Type", mediaType)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = w.Body.Close() }()
	b, err := io.ReadAll(w.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(b, out)
	}
	return w.StatusCode, err
}

// peak is the most memory the server has had resident, in MB.
func (s *server) peak() (float64, error) {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), "status"))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kb, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	v, err := strconv.ParseFloat(kb, 64)
	return v / 1024, err
}
