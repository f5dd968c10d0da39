package bucket

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// SFTPName is the name of the kind that writes over SFTP.
const SFTPName = "sftp"

const sftpSchema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["host", "user", "host_key"],
 "properties": {
  "host": {"type": "string", "x-destination": true, "title": "Server", "description": "host or host:port", "minLength": 1,
   "x-fr": {"title": "Serveur", "description": "hôte ou hôte:port"}},
  "user": {"type": "string", "title": "User", "minLength": 1,
   "x-fr": {"title": "Utilisateur"}},
  "password": {"type": "string", "title": "Password", "writeOnly": true,
   "x-fr": {"title": "Mot de passe"}},
  "private_key": {"type": "string", "title": "Private key", "description": "In OpenSSH or PEM form, instead of a password", "writeOnly": true, "format": "textarea",
   "x-fr": {"title": "Clé privée", "description": "Au format OpenSSH ou PEM, au lieu d’un mot de passe"}},
  "passphrase": {"type": "string", "title": "Passphrase", "description": "Of the private key, if it is encrypted", "writeOnly": true,
   "x-fr": {"title": "Phrase secrète", "description": "De la clé privée, si elle est chiffrée"}},
  "host_key": {"type": "string", "x-destination": true, "title": "Host key", "description": "SHA256:… of the server's key, as ssh-keygen -l prints it; enter ? to be told what the server shows", "minLength": 1,
   "x-fr": {"title": "Clé du serveur", "description": "SHA256:… de la clé du serveur, comme l’affiche ssh-keygen -l ; saisissez ? pour savoir ce que présente le serveur"}},
  "prefix": {"type": "string", "title": "Folder", "description": "Below the user's own folder, for example media/",
   "x-fr": {"title": "Dossier", "description": "Sous le dossier de l’utilisateur, par exemple media/"}},
  "url": {"type": "string", "title": "Public URL", "description": "Where that folder's parent is served, for links in the manifest",
   "x-fr": {"title": "URL publique", "description": "L’adresse qui sert le parent de ce dossier, pour les liens du manifeste"}}
 }
}`

type sftpConfig struct {
	Host    string `json:"host"`
	User    string `json:"user"`
	HostKey string `json:"host_key"`
	Prefix  string `json:"prefix"`
	URL     string `json:"url"`
}

// Dial opens a network connection and decides which addresses are allowed.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// SFTP returns the kind of channel that writes over SFTP.
func SFTP(dial Dial) publishers.Kind {
	read := func(a publishers.Account) (site, error) {
		var c sftpConfig
		if err := json.Unmarshal(a.Config, &c); err != nil {
			return site{}, unreadable()
		}
		if c.Prefix != "" && !strings.HasSuffix(c.Prefix, "/") {
			c.Prefix += "/"
		}
		if !plain(c.Prefix) {
			return site{}, dam.InvalidInput("config.prefix", reasons.SftpFolderForm())
		}
		t := &remote{dial: dial, c: c}
		if _, _, err := net.SplitHostPort(c.Host); err != nil {
			t.c.Host = net.JoinHostPort(strings.Trim(c.Host, "[]"), "22")
		}
		if a.Secrets["private_key"] == "" && a.Secrets["password"] == "" {
			return site{}, dam.InvalidInput("config.password", reasons.PasswordOrKeyNeeded())
		}
		return site{name: c.User + "@" + c.Host, prefix: c.Prefix, url: c.URL, dial: func() (target, error) {
			var err error
			t.auth, err = login(a.Secrets) // once: opening an encrypted key takes time on purpose
			return t, err
		}}, nil
	}
	return publishers.Kind{Name: SFTPName, Title: "Folder over SFTP", Schema: json.RawMessage(sftpSchema),
		Publisher: &publisher{read: read, open: map[string]target{}}, Tested: "OpenSSH 9.2",
		Overwrites: true, Destination: func(raw json.RawMessage) string {
			var c sftpConfig
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return strings.Join([]string{c.Host, c.User, c.Prefix}, "\x00")
		}}
}

// login returns the ways to log in that the secrets allow.
func login(secrets map[string]string) (ways []ssh.AuthMethod, err error) {
	if key := []byte(secrets["private_key"]); len(key) > 0 {
		signer, err := ssh.ParsePrivateKey(key)
		if e := (*ssh.PassphraseMissingError)(nil); errors.As(err, &e) {
			phrase := secrets["passphrase"]
			if phrase == "" {
				return nil, dam.InvalidInput("config.passphrase", reasons.KeyPassphraseNeeded())
			}
			signer, err = ssh.ParsePrivateKeyWithPassphrase(key, []byte(phrase))
			if errors.Is(err, x509.IncorrectPasswordError) {
				return nil, dam.InvalidInput("config.passphrase", reasons.KeyPassphraseWrong())
			}
		}
		if err != nil {
			return nil, dam.InvalidInput("config.private_key", reasons.PrivateKeyUnreadable())
		}
		ways = append(ways, ssh.PublicKeys(signer))
	}
	if w := secrets["password"]; w != "" {
		ways = append(ways, ssh.Password(w))
	}
	return ways, nil
}

// remote is a target on an SFTP server. One connection serves all calls, and is reopened after it breaks.
type remote struct {
	dial Dial
	c    sftpConfig
	auth []ssh.AuthMethod

	mu   sync.Mutex
	live *connection
}

type connection struct {
	*sftp.Client
	ssh *ssh.Client
}

func (c *connection) close() { _, _ = c.Close(), c.ssh.Close() } // errors only say that it was already closed

// with calls f with the connection. The protocol has no cancellation: when ctx ends, the connection is closed, and
// other calls that were using it try again.
func (t *remote) with(ctx context.Context, f func(*sftp.Client) error) error {
	t.mu.Lock()
	c, err := t.live, error(nil)
	if c == nil {
		if c, err = t.connect(ctx); err == nil {
			t.live = c
		}
	}
	t.mu.Unlock()
	if err != nil {
		return err
	}
	drop := func() {
		t.mu.Lock()
		if t.live == c {
			t.live = nil
		}
		t.mu.Unlock()
		c.close()
	}
	stop := context.AfterFunc(ctx, drop)
	defer stop()
	err = f(c.Client)
	var status *sftp.StatusError
	if err != nil && !errors.As(err, &status) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) &&
		!errors.Is(err, errAbsent) {
		drop() // not an answer of the server: the connection may be broken
	}
	return errors.Join(err, ctx.Err())
}

func (t *remote) connect(ctx context.Context) (*connection, error) {
	raw, err := t.dial(ctx, "tcp", t.c.Host)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	conn, chans, reqs, err := ssh.NewClientConn(raw, t.c.Host, &ssh.ClientConfig{User: t.c.User, Auth: t.auth,
		HostKeyCallback: t.pinned, Timeout: 20 * time.Second})
	if err != nil {
		_ = raw.Close()
		var d *dam.Error
		if errors.As(err, &d) {
			return nil, d
		}
		if strings.Contains(err.Error(), "unable to authenticate") {
			return nil, publishers.Disconnected(reasons.SftpRefusesLogin(), err)
		}
		return nil, err
	}
	client := ssh.NewClient(conn, chans, reqs)
	s, err := sftp.NewClient(client)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return &connection{s, client}, nil
}

// pinned accepts only the key that was entered.
func (t *remote) pinned(_ string, _ net.Addr, key ssh.PublicKey) error {
	shown := ssh.FingerprintSHA256(key)
	if want := strings.TrimSpace(t.c.HostKey); want != shown {
		return dam.InvalidInput("config.host_key", reasons.HostKeyDiffers(shown, strconv.Quote(want)))
	}
	return nil
}

func (t *remote) put(ctx context.Context, key string, r io.Reader, size int64, _ object) error {
	return t.with(ctx, func(c *sftp.Client) (err error) {
		if dir := path.Dir(key); dir != "." {
			if err := c.MkdirAll(dir); err != nil {
				return err
			}
		}
		part := path.Join(path.Dir(key), "."+dam.NewID("x")+temporary)
		w, err := c.Create(part)
		if err != nil {
			return err
		}
		n, err := w.ReadFrom(io.LimitReader(r, size+1))
		if err == nil && n != size {
			err = io.ErrUnexpectedEOF
		}
		if _, ok := c.HasExtension("fsync@openssh.com"); ok && err == nil {
			err = w.Sync()
		}
		if err = errors.Join(err, w.Close()); err == nil {
			err = replace(c, part, key)
		}
		if err != nil {
			return errors.Join(err, c.Remove(part))
		}
		return nil
	})
}

// replace renames over an existing file. On a server without that extension there is a moment with neither file; a
// reader of the manifest then finds it missing at worst.
func replace(c *sftp.Client, from, to string) error {
	if _, ok := c.HasExtension("posix-rename@openssh.com"); ok {
		return c.PosixRename(from, to)
	}
	if err := c.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return c.Rename(from, to)
}

func (t *remote) get(ctx context.Context, key string, limit int64) (b []byte, err error) {
	err = t.with(ctx, func(c *sftp.Client) error {
		r, err := c.Open(key)
		if errors.Is(err, fs.ErrNotExist) {
			return errAbsent
		}
		if err != nil {
			return err
		}
		b, err = io.ReadAll(io.LimitReader(r, limit))
		return errors.Join(err, r.Close())
	})
	return b, err
}

func (t *remote) remove(ctx context.Context, key string) error {
	return t.with(ctx, func(c *sftp.Client) error {
		if err := c.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		_ = c.RemoveDirectory(path.Dir(key)) // removes the asset's folder if it is empty, otherwise fails
		return nil
	})
}

func (t *remote) list(ctx context.Context, prefix string) (map[string]int64, error) {
	out := map[string]int64{}
	err := t.with(ctx, func(c *sftp.Client) error {
		files, err := c.ReadDirContext(ctx, strings.TrimSuffix(prefix, "/"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		for _, f := range files {
			if f.Mode().IsRegular() {
				out[prefix+f.Name()] = f.Size()
			}
		}
		return err
	})
	return out, err
}

func (t *remote) check(ctx context.Context, prefix string) error {
	probe := prefix + ".vitrine-" + dam.NewID("x")
	if err := t.put(ctx, probe, bytes.NewReader(nil), 0, object{}); err != nil {
		return err
	}
	return t.with(ctx, func(c *sftp.Client) error { return c.Remove(probe) })
}
