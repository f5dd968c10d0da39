package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

// The cost of a new hash: 19 MiB, two passes, one lane (the OWASP minimum for argon2id), which takes about 20 ms. Each
// hash contains its own cost, so this may be raised: a password is hashed again at its next sign-in.
const (
	hashMemory  = 19 * 1024 // KiB
	hashPasses  = 2
	hashLanes   = 1
	hashLength  = 32
	saltLength  = 16
	minPassword = 12
	maxPassword = 1024 // bytes; hashing longer ones would help attackers
)

// prepared returns a password as it is hashed: in the form of RFC 8265 (OpaqueString), which is the same whichever
// keyboard or system composes É or types a space. ok is false for a password that has no such form.
func prepared(password string) (form string, ok bool) {
	form, err := precis.OpaqueString.String(password)
	return form, err == nil
}

// hash checks the password against the policy, prepares and hashes it.
func (s *Service) hash(ctx context.Context, field, password, email string) (string, error) {
	if err := dam.CheckText(field, password); err != nil {
		return "", err
	}
	if password != "" { // which is too short
		form, ok := prepared(password)
		if !ok {
			return "", dam.InvalidInput(field, reasons.PasswordCharacters())
		}
		password = form
	}
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return "", dam.InvalidInput(field, reasons.PasswordTooShort(minPassword))
	case len(password) > maxPassword:
		return "", dam.InvalidInput(field, reasons.PasswordTooLong(maxPassword))
	case strings.EqualFold(strings.TrimSpace(password), email):
		return "", dam.InvalidInput(field, reasons.PasswordIsEmail())
	}
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // crypto/rand.Read never fails
	return s.derive(ctx, password, salt)
}

func (s *Service) derive(ctx context.Context, password string, salt []byte) (string, error) {
	if err := s.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.gate }()
	sum := argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, hashLanes, hashLength)
	return costPrefix + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(sum),
		nil
}

// costPrefix is the prefix of every hash with the current cost.
var costPrefix = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, hashMemory, hashPasses, hashLanes)

func (s *Service) enter(ctx context.Context) error {
	select {
	case s.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// matches compares a password with a hash; stale reports that it should be hashed again: at another cost, or prepared,
// because hashes of earlier versions are of the password as it was typed.
func (s *Service) matches(ctx context.Context, password, encoded string) (ok, stale bool) {
	form, fits := prepared(password)
	if fits {
		if ok, stale = s.compare(ctx, form, encoded); ok || form == password {
			return ok, stale
		}
	}
	ok, _ = s.compare(ctx, password, encoded)
	return ok, true
}

// compare compares in constant time; stale reports that the hash has another cost than new ones. An invalid hash
// matches nothing.
func (s *Service) compare(ctx context.Context, password, encoded string) (ok, stale bool) {
	var version int
	var memory, passes uint32
	var lanes uint8
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || len(password) > maxPassword {
		return false, false
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || passes == 0 ||
		lanes == 0 {
		return false, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 || s.enter(ctx) != nil {
		return false, false
	}
	defer func() { <-s.gate }()
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, !strings.HasPrefix(encoded, costPrefix)
}

// nobody is the hash that the password for an unknown account is compared with, so that it takes the same time.
var nobody = costPrefix + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43)

var readable = base32.NewEncoding("abcdefghjkmnpqrstvwxyz0123456789").WithPadding(base32.NoPadding)

// oneTimePassword returns 100 random bits in groups that can be read aloud.
func oneTimePassword() string {
	b := make([]byte, 13)
	_, _ = rand.Read(b)
	p := readable.EncodeToString(b)
	return p[:5] + "-" + p[5:10] + "-" + p[10:15] + "-" + p[15:20]
}

// newSecret returns 32 random bytes, printable.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashSecret returns the stored form of session and token secrets: they are random, so a fast hash is enough.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

const sealPurpose = "people.one-time"

func (s *Service) seal(secret string) string {
	if s.sealer == nil || secret == "" {
		return ""
	}
	return s.sealer.Seal([]byte(secret), sealPurpose)
}

func (s *Service) unseal(sealed string) string {
	if s.sealer == nil || sealed == "" {
		return ""
	}
	b, _, err := s.sealer.Open(sealed, sealPurpose)
	if err != nil {
		return "" // the key is no longer available: as if there were no sealer
	}
	return string(b)
}
