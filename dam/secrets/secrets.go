// Package secrets seals credentials at rest with AES-256-GCM under a key that has
// an id, so that keys can be rotated: new values are sealed with the first key,
// old ones are opened with whichever key sealed them.
package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vitrine/dam"
)

// Box seals and opens secrets.
type Box struct{ keys []key }

type key struct {
	id   string
	raw  []byte
	aead cipher.AEAD
}

const keyFile = "secret.key"

// ErrNoKey says that no key was given, and there is no key file.
var ErrNoKey = errors.New("there is no secret key")

// Open is Load, or Create when there is no key yet. It is for what has never sealed anything: where a key may have been
// lost, Load tells.
func Open(dir, env string) (*Box, error) {
	b, err := Load(dir, env)
	if errors.Is(err, ErrNoKey) {
		return Create(dir)
	}
	return b, err
}

// Load returns the box with the keys of env (comma separated, the newest first,
// each 32 random bytes in base64 or any passphrase of at least 32 characters); when
// env is empty, with those of dir/secret.key. ErrNoKey when there are neither.
func Load(dir, env string) (*Box, error) {
	if env != "" {
		return parse(strings.Split(env, ","))
	}
	path := filepath.Join(dir, keyFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(path); err == nil && st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others: run chmod 600 on it", path)
	}
	return parse(strings.Fields(string(b)))
}

// Create makes a key and writes it to dir/secret.key, mode 0600, which must not exist yet.
func Create(dir string) (*Box, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	// Linked to its name when it is whole: a start that is cut off must not leave an empty key file.
	path := filepath.Join(dir, keyFile)
	f, err := os.CreateTemp(dir, ".secret-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	text := fresh()
	_, err = f.WriteString(text + "\n")
	if err = errors.Join(err, f.Sync(), f.Close(), dam.GiveToFolder(f.Name())); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return nil, err
	}
	return parse([]string{text})
}

// IDs are the ids of the box's keys, the newest first. An id tells nothing about its key.
func (b *Box) IDs() []string {
	var out []string
	for _, k := range b.keys {
		out = append(out, k.id)
	}
	return out
}

// AddKey puts a fresh first key into dir/secret.key; values sealed before stay
// readable and are resealed by their owners.
func AddKey(dir string) error {
	path := filepath.Join(dir, keyFile)
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, append([]byte(fresh()+"\n"), old...), 0o600); err != nil {
		return err
	}
	if err := dam.GiveToFolder(tmp); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func fresh() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.StdEncoding.EncodeToString(b)
}

func parse(list []string) (*Box, error) {
	box := &Box{}
	for _, s := range list {
		s = strings.TrimSpace(s)
		if len(s) < 32 {
			return nil, errors.New("a secret key has at least 32 characters; make one with: openssl rand -base64 32")
		}
		raw, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(raw) != 32 {
			h := sha256.Sum256([]byte(s))
			raw = h[:]
		}
		block, err := aes.NewCipher(raw)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		id := sha256.Sum256(append([]byte("vitrine key id "), raw...))
		box.keys = append(box.keys, key{id: hex.EncodeToString(id[:4]), raw: raw, aead: aead})
	}
	if len(box.keys) == 0 {
		return nil, ErrNoKey
	}
	return box, nil
}

// Seal encrypts a secret for a purpose ("channel:ch_…"); it opens only for the same purpose.
func (b *Box) Seal(plain []byte, purpose string) string {
	k := b.keys[0]
	return k.id + "." + base64.RawStdEncoding.EncodeToString(k.aead.Seal(nil, nil, plain, []byte(purpose)))
}

// Open decrypts what Seal made. stale says that it was sealed with an older key
// and should be sealed again.
func (b *Box) Open(sealed, purpose string) (plain []byte, stale bool, err error) {
	id, body, ok := strings.Cut(sealed, ".")
	if !ok {
		return nil, false, errors.New("not a sealed secret")
	}
	raw, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil {
		return nil, false, err
	}
	for i, k := range b.keys {
		if k.id == id {
			plain, err = k.aead.Open(nil, nil, raw, []byte(purpose))
			return plain, i > 0, err
		}
	}
	return nil, false,
		fmt.Errorf("the secret was sealed with key %s, which this server does not have: add it to VITRINE_SECRET_KEY",
			id)
}

// Derive returns a 32-byte key for a purpose from the i-th key, 0 being the
// newest: for signing, where rotation means accepting the older ones too.
func (b *Box) Derive(i int, purpose string) ([]byte, bool) {
	if i >= len(b.keys) {
		return nil, false
	}
	k, err := hkdf.Key(sha256.New, b.keys[i].raw, nil, purpose, 32)
	return k, err == nil
}
