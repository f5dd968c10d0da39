package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// activated starts the server as systemd does when a .socket unit holds its address: systemd's own program hands it the
// socket.
func (x *server) activated(socket *os.File, notify string) {
	x.Helper()
	serve := vitrine(x.TB, x.setup, "serve", "--log-level", "warn")
	args := []string{"-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec systemd-socket-activate "$@"`, "sh"}
	for _, v := range append(serve.Env, "NOTIFY_SOCKET="+notify) {
		if strings.HasPrefix(v, "VITRINE_") || strings.HasPrefix(v, "NOTIFY_SOCKET") {
			args = append(args, "-E", v)
		}
	}
	x.log = &bytes.Buffer{}
	x.cmd = exec.Command("sh", append(append(args, serve.Path), serve.Args[1:]...)...)
	x.cmd.ExtraFiles = []*os.File{socket}
	x.cmd.Stdout, x.cmd.Stderr = x.log, x.log
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := x.cmd.Start(); err != nil {
		x.Fatal(err)
	}
	exited := make(chan struct{})
	x.exited = exited
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(exited) }(x.cmd)
}

// states hears what the server tells systemd.
type states struct {
	*server
	conn *net.UnixConn
}

func (s *states) expect(want string) {
	s.Helper()
	if err := s.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		s.Fatal(err)
	}
	b := make([]byte, 1000)
	n, err := s.conn.Read(b)
	if err != nil || string(b[:n]) != want {
		s.Fatalf("systemd was told %q %v, want %q\n%s", b[:n], err, want, s.log)
	}
}

// Restarts under systemd's socket activation refuse and cut nothing: clients that connect anew for every request, and
// clients that keep their connection and change things.
func TestRestartsUnderSocketActivation(t *testing.T) {
	x := start(t, setup{})
	asset := x.upload("edited.jpg", photo(t, 750, 320, 240))
	x.terminate()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	x.addr = l.Addr().String()
	x.url = "http://" + x.addr
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	told := &states{x, conn}

	var clients sync.WaitGroup
	var enough atomic.Bool
	var requests atomic.Int64
	request := func(client *http.Client, method, path, body string) error {
		req, err := http.NewRequest(method, x.url+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+x.token)
		if body != "" {
			req.Header.Set("Content-Type", "application/merge-patch+json")
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(res.Body)
		err = errors.Join(err, res.Body.Close())
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", res.Status, b)
		}
		return err
	}
	for i := range 4 {
		clients.Go(func() {
			client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: i%2 == 0}}
			defer client.CloseIdleConnections()
			for n := 0; !enough.Load(); n++ {
				method, path, body := "GET", "/healthz", ""
				if i%2 == 1 {
					method, path, body = "PATCH", "/api/assets/"+asset.ID,
						fmt.Sprintf(`{"title":{"en":"edit %d of %d"}}`, n, i)
				}
				if err := request(client, method, path, body); err != nil {
					t.Errorf("client %d, request %d: %v", i, n, err)
					return
				}
				requests.Add(1)
			}
		})
	}
	for range soak(2, 50) {
		x.activated(socket, path)
		told.expect("READY=1")
		before := requests.Load()
		x.until("requests are answered", func() bool { return requests.Load() > before+20 || t.Failed() })
		if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		told.expect("STOPPING=1")
		select {
		case <-x.exited:
		case <-time.After(30 * time.Second):
			t.Fatalf("no end:\n%s", x.log)
		}
	}
	x.activated(socket, path) // somebody has to answer those who wait
	told.expect("READY=1")
	enough.Store(true)
	clients.Wait()
	t.Logf("%d requests", requests.Load())
	x.terminate()
}
