package storage

import (
	"encoding/hex"
	"fmt"
	"strings"
)

const (
	maxKey     = 512 // bytes; S3 allows 1,024 for prefix and key together
	maxSegment = 255 // bytes; the limit of common file systems
)

// ValidKey returns an error that wraps ErrKey unless key is 1 to 512 bytes of [a-z0-9._/-] whose segments (between
// slashes) are 1 to 255 bytes long and don't begin with a dot: such names are reserved for the drivers' own files.
func ValidKey(key string) error {
	if key == "" {
		return fmt.Errorf("%w: it is empty", ErrKey)
	}
	if err := validText(key); err != nil {
		return err
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" {
			return fmt.Errorf("%w: %q has an empty segment", ErrKey, key)
		}
		if err := validSegment(segment, key); err != nil {
			return err
		}
	}
	return nil
}

// ValidPrefix is ValidKey for the argument of List: the empty string and any leading part of a valid key.
func ValidPrefix(prefix string) error {
	if err := validText(prefix); err != nil {
		return err
	}
	folder, last, deep := "", prefix, false
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		folder, last, deep = prefix[:i], prefix[i+1:], true
	}
	if deep {
		if err := ValidKey(folder); err != nil {
			return err
		}
	}
	return validSegment(last, prefix)
}

func validText(s string) error {
	if len(s) > maxKey {
		return fmt.Errorf("%w: %q… is longer than %d bytes", ErrKey, s[:32], maxKey)
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '_', c == '/', c == '-':
		default:
			return fmt.Errorf("%w: %q holds %q, only a-z 0-9 . _ / - are allowed", ErrKey, s, c)
		}
	}
	return nil
}

func validSegment(segment, key string) error {
	if strings.HasPrefix(segment, ".") {
		return fmt.Errorf("%w: %q has a segment that begins with a dot", ErrKey, key)
	}
	if len(segment) > maxSegment {
		return fmt.Errorf("%w: %q… has a segment longer than %d bytes", ErrKey, key[:32], maxSegment)
	}
	return nil
}

const originals = "originals/"

// OriginalKey returns the key of an original: originals/ab/cd/<sha256>. The hash is lower-case hex of 32 bytes;
// anything else gives a key that ValidKey refuses.
func OriginalKey(sha256 string) string {
	if !isSHA256(sha256) {
		return ""
	}
	return originals + sha256[:2] + "/" + sha256[2:4] + "/" + sha256
}

// KeySHA256 returns the hash in an original's key, "" for any other key.
func KeySHA256(key string) string {
	if sum := key[strings.LastIndexByte(key, '/')+1:]; key != "" && OriginalKey(sum) == key {
		return sum
	}
	return ""
}

func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && strings.ToLower(s) == s
}
