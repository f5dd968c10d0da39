package storagetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/test/ports"
)

// S3Config is a running S3 server.
type S3Config struct {
	Endpoint  string // host:port, without TLS
	Region    string
	AccessKey string
	SecretKey string
}

// Location returns a storage location for a new bucket of this test, which is created when it is opened. options are
// further parameters ("part=5").
func (c S3Config) Location(options ...string) url.URL {
	query := append([]string{"endpoint=" + c.Endpoint, "region=" + c.Region, "tls=false", "create=true"}, options...)
	return url.URL{Scheme: "s3", Host: "test-" + strings.ToLower(rand.Text()), RawQuery: strings.Join(query, "&")}
}

// MinIO starts a MinIO server and stops it when the test ends. It fails the test if the binary isn't built.
func MinIO(t testing.TB) S3Config {
	t.Helper()
	return serve(t, "minio", "/minio/health/ready", func(dir, address string, c S3Config) (args, env []string) {
		return []string{"server", "--quiet", "--address", address, "--console-address", "127.0.0.1:0", "--certs-dir",
				filepath.Join(dir, "certs"), filepath.Join(dir, "data")},
			[]string{"HOME=" + dir, "MINIO_ROOT_USER=" + c.AccessKey, "MINIO_ROOT_PASSWORD=" + c.SecretKey,
				"MINIO_UPDATE=off", "MINIO_SITE_REGION=" + c.Region}
	})
}

// VersityGW starts a versitygw server on a folder, like MinIO. It can't store both of the keys "a" and "a/b".
func VersityGW(t testing.TB) S3Config {
	t.Helper()
	return serve(t, "versitygw", "/health", func(dir, address string, c S3Config) (args, env []string) {
		return []string{"--quiet", "--health", "/health", "--keep-alive", "--port", address, "posix",
				filepath.Join(dir, "data")},
			[]string{"HOME=" + dir, "ROOT_ACCESS_KEY=" + c.AccessKey, "ROOT_SECRET_KEY=" + c.SecretKey}
	})
}

const startLimit = 30 * time.Second

type command func(dir, address string, c S3Config) (args, env []string)

func serve(t testing.TB, tool, health string, line command) S3Config {
	t.Helper()
	binary, err := findTool(tool)
	if err != nil {
		t.Fatal(err)
	}
	c, err := start(t, binary, health, line)
	if err != nil {
		t.Fatalf("%s doesn't start: %v", tool, err)
	}
	return c
}

func start(t testing.TB, binary, health string, line command) (S3Config, error) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o750); err != nil {
		return S3Config{}, err
	}
	address := ports.Reserve(t)
	c := S3Config{Endpoint: address, Region: "us-east-1", AccessKey: "tester", SecretKey: rand.Text()}
	args, env := line(dir, address, c)
	output := &log{}
	cmd := exec.Command(binary, args...)
	cmd.Dir, cmd.Env = dir, slices.Concat(env, []string{"PATH=" + os.Getenv("PATH")})
	cmd.Stdout, cmd.Stderr = output, output
	started, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		// On Linux the server dies with the thread that started it, so that a
		// test that panics leaves nothing behind.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		dieWithParent(cmd)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // always an error: it is killed
		}
	}()
	if err := <-started; err != nil {
		return S3Config{}, err
	}
	stop := sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may have exited already
		<-ended
	})
	if err := ready("http://"+address+health, ended); err != nil {
		stop()
		return S3Config{}, fmt.Errorf("%w; it wrote: %s", err, output)
	}
	t.Cleanup(stop)
	return c, nil
}

func ready(address string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("not ready after %v", startLimit)
		case <-poll.C:
		}
	}
}

// findTool looks in VITRINE_TOOLS, or in bin/tools of the module if that is unset.
func findTool(name string) (string, error) {
	dir := os.Getenv("VITRINE_TOOLS")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			return "", err
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			above := filepath.Dir(root)
			if above == root {
				return "", errors.New("no go.mod above the test's folder: set VITRINE_TOOLS to where the tools are")
			}
			root = above
		}
		dir = filepath.Join(root, "bin", "tools")
	}
	binary := filepath.Join(dir, name)
	if _, err := os.Stat(binary); err != nil {
		return "", fmt.Errorf("%w; build it with: make tools", err)
	}
	return binary, nil
}

// log has the last output of a process.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Len() > 64<<10 {
		l.buf.Reset()
	}
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
