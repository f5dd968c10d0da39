package bucket

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
	"vitrine/test/ports"
)

// openSSH is OpenSSH's own server with its sftp-server, which serves a folder to whoever has an encrypted key.
type openSSH struct{ dir, addr, user, hostKey, key string }

const passphrase = "open, sesame"

const sshdConfig = `ListenAddress %s
HostKey %s
AuthorizedKeysFile %s
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
Subsystem sftp internal-sftp -d %s
`

func serveOpenSSH(t *testing.T) openSSH {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	keys := t.TempDir()
	s := openSSH{dir: t.TempDir(), addr: ports.Reserve(t), user: me.Username}
	file := func(name string) string { return filepath.Join(keys, name) }
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v (scripts/setup installs what the tests need)\n%s", name, err, out)
		}
	}
	read := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// One round of the key's slow hash is enough for a test.
	run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file("host"))
	run("ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-f", file("user"))
	host, _, _, _, err := ssh.ParseAuthorizedKey(read("host.pub"))
	if err != nil {
		t.Fatal(err)
	}
	s.hostKey, s.key = ssh.FingerprintSHA256(host), string(read("user"))
	if err := os.WriteFile(file("sshd_config"), fmt.Appendf(nil, sshdConfig, s.addr, file("host"), file("user.pub"),
		s.dir),
		0o600); err != nil {
		t.Fatal(err)
	}
	if me.Uid == "0" { // where sshd's unprivileged part lives; the service's start script makes it otherwise
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// A file for its log: the processes of open sessions would keep a pipe open, and end with this test's process.
	cmd := exec.Command("/usr/sbin/sshd", "-D", "-E", file("log"), "-f", file("sshd_config"))
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (scripts/setup installs what the tests need)", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // "signal: killed"
		if t.Failed() {
			t.Logf("sshd said:\n%s", read("log"))
		}
	})
	publishertest.Eventually(t, func() bool {
		c, err := net.Dial("tcp", s.addr)
		return err == nil && c.Close() == nil
	}, func() string { return "sshd does not listen: " + string(read("log")) })
	return s
}

func (s openSSH) config(prefix, phrase string) string {
	raw, _ := json.Marshal(map[string]string{"host": s.addr, "user": s.user, "host_key": s.hostKey,
		"private_key": s.key,
		"passphrase":  phrase, "prefix": prefix, "url": "https://shop.example.com"}) // texts always marshal
	return string(raw)
}

func TestSFTP(t *testing.T) {
	s := serveOpenSSH(t)
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
		return harness(t, SFTP(new(net.Dialer).DialContext), s.config(dam.NewID("x"), passphrase))
	})
}

func TestSFTPKill(t *testing.T) {
	s := serveOpenSSH(t)
	publishertest.Kill(t, 10, harness(t, SFTP(new(net.Dialer).DialContext), s.config("media", passphrase)))
}

// TestPassphrase tests that a key whose passphrase is missing or wrong says so, and names the setting.
func TestPassphrase(t *testing.T) {
	s := serveOpenSSH(t)
	for phrase, code := range map[string]string{passphrase: "", "": reasons.CodeKeyPassphraseNeeded,
		"open sesame": reasons.CodeKeyPassphraseWrong} {
		_, err := SFTP(new(net.Dialer).DialContext).Publisher.Verify(t.Context(), publishers.Account{
			Config:  json.RawMessage(s.config("media", "")),
			Secrets: map[string]string{"private_key": s.key, "passphrase": phrase}})
		var d *dam.Error
		if code == "" && err != nil || code != "" && (!errors.As(err, &d) || d.Field != "config.passphrase" ||
			d.Reason.ReasonCode != code) {
			t.Errorf("passphrase %q: %v, want %q", phrase, err, code)
		}
	}
}
