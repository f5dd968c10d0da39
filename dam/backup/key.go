package backup

import (
	"bytes"
	"io"
	"strings"

	"filippo.io/age"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Key encrypts and decrypts a backup. It is an age identity (X25519), as made by age-keygen. A nil Key encrypts
// nothing.
type Key struct {
	identity *age.X25519Identity
	overhead int64 // bytes that encryption adds to an empty file, without those of its one chunk
}

const (
	chunk    = 64 << 10 // age encrypts in chunks of this size
	chunkTag = 16       // bytes that it adds to each
)

// NewKey makes a key and returns it as text: AGE-SECRET-KEY-1….
func NewKey() (string, error) {
	i, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	return i.String(), nil
}

// ParseKey reads a key as NewKey and age-keygen write it; lines that begin with # are comments.
func ParseKey(text string) (*Key, error) {
	var found []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	if len(found) != 1 {
		return nil, errKey()
	}
	i, err := age.ParseX25519Identity(found[0])
	if err != nil {
		return nil, errKey() // the error may contain the key
	}
	k := &Key{identity: i}
	var empty bytes.Buffer
	w, err := age.Encrypt(&empty, i.Recipient())
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, err
	}
	k.overhead = int64(empty.Len()) - chunkTag
	return k, nil
}

func errKey() error {
	return dam.InvalidInput("backup_key", reasons.NotAnAgeIdentity())
}

// public returns the key's public half.
func (k *Key) public() string {
	if k == nil {
		return ""
	}
	return k.identity.Recipient().String()
}

// suffix returns the suffix of the names of encrypted files.
func (k *Key) suffix() string {
	if k == nil {
		return ""
	}
	return ".age"
}

// stored returns the stored size in bytes of a file of n bytes.
func (k *Key) stored(n int64) int64 {
	if k == nil {
		return n
	}
	return k.overhead + n + chunkTag*max(1, (n+chunk-1)/chunk)
}

// writer encrypts what is written to it; Close ends the encrypted file without closing w.
func (k *Key) writer(w io.Writer) (io.WriteCloser, error) {
	if k == nil {
		return plainWriter{w}, nil
	}
	return age.Encrypt(w, k.identity.Recipient())
}

type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }

// reader decrypts size stored bytes.
func (k *Key) reader(r io.ReaderAt, size int64) (*io.SectionReader, error) {
	if k == nil {
		return io.NewSectionReader(r, 0, size), nil
	}
	plain, n, err := age.DecryptReaderAt(r, size, k.identity)
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(plain, 0, n), nil
}
