package bucket

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"vitrine/publishers"
)

// sshServer is an SSH server in this process whose SFTP subsystem serves a folder: it takes a password, and its
// connections can be cut. OpenSSH is in openssh_test.go.
type sshServer struct {
	t       *testing.T
	dir     string
	addr    string
	hostKey string // fingerprint
	mu      sync.Mutex
	open    []net.Conn
	logins  int
}

func serveSFTP(t *testing.T) *sshServer {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sshServer{t: t, dir: t.TempDir(), addr: l.Addr().String(), hostKey: ssh.FingerprintSHA256(signer.PublicKey())}
	config := &ssh.ServerConfig{PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		if c.User() != "shop" || string(password) != "sesame" {
			return nil, errors.New("no")
		}
		return nil, nil
	}}
	config.AddHostKey(signer)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open = append(s.open, c)
			s.mu.Unlock()
			wg.Go(func() { s.session(c, config) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); s.cut(); wg.Wait() })
	return s
}

func (s *sshServer) session(c net.Conn, config *ssh.ServerConfig) {
	defer func() { _ = c.Close() }()
	_, chans, reqs, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.logins++
	s.mu.Unlock()
	go ssh.DiscardRequests(reqs)
	for ch := range chans {
		channel, requests, err := ch.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(r.Type == "subsystem" && strings.HasSuffix(string(r.Payload), "sftp"), nil)
			}
		}()
		server, err := sftp.NewServer(channel, sftp.WithServerWorkingDirectory(s.dir))
		if err != nil {
			return
		}
		go func() {
			if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
				_ = server.Close()
			}
		}()
	}
}

// cut closes every connection.
func (s *sshServer) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		_ = c.Close()
	}
	s.open = nil
}

func (s *sshServer) config(hostKey string) string {
	return fmt.Sprintf(
		`{"host": %q, "user": "shop", "password": "sesame", "host_key": %q, "prefix": "media", "url": "https://shop.example.com"}`, s.addr, hostKey)
}

func TestSFTPAccount(t *testing.T) {
	s := serveSFTP(t)
	p := SFTP(new(net.Dialer).DialContext).Publisher
	verify := func(config string, password string) error {
		_, err := p.Verify(t.Context(), publishers.Account{Config: json.RawMessage(config),
			Secrets: map[string]string{"password": password}})
		return err
	}
	if err := verify(s.config(s.hostKey), "sesame"); err != nil {
		t.Fatal(err)
	}
	// If the host's key isn't known, the error names it, and nothing is sent to an unknown host.
	if err := verify(s.config("?"), "sesame"); err == nil || !strings.Contains(err.Error(), s.hostKey) {
		t.Errorf("an unknown host key: %v", err)
	}
	var e *publishers.Error
	if err := verify(s.config(s.hostKey), "wrong"); !errors.As(err, &e) || e.Class != publishers.ClassDisconnected {
		t.Errorf("a wrong password: %v", err)
	}
	if err := verify(s.config(s.hostKey), ""); err == nil {
		t.Error("no credentials at all")
	}
	if list, err := os.ReadDir(filepath.Join(s.dir, "media")); err != nil || len(list) != 0 {
		t.Errorf("left behind by the tests of the account: %v %v", list, err)
	}
	// A broken connection is reopened.
	s.mu.Lock()
	before := s.logins
	s.mu.Unlock()
	s.cut()
	if err := verify(s.config(s.hostKey), "sesame"); err != nil {
		if err = verify(s.config(s.hostKey), "sesame"); err != nil {
			t.Errorf("after the connection broke: %v", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.logins <= before {
		t.Error("no new connection")
	}
}
