// Package storage is the contract for the bytes of originals and renditions.
//
// A store maps keys to immutable objects: an object appears whole or not at
// all, is overwritten only by Replace, which repairs damage, and disappears only by Delete. Two drivers meet
// the contract, vitrine/storage/disk and vitrine/storage/s3, with one layout
// of keys, so a library can be moved from one to the other with Copy:
//
//	originals/ab/cd/<sha256>                   an original, named by its bytes
//	renditions/<sha256>/<rendition-hash>.<ext> what was derived from it
//	copies/<sha256>/<sha256 of the copy>       its download with metadata
//
// Every driver passes vitrine/storage/storagetest.
package storage

import (
	"context"
	"errors"
	"io"
	"iter"
	"syscall"
	"time"
)

// The errors callers tell apart with errors.Is. Drivers wrap them with the key
// and the cause.
var (
	// ErrNotFound: nothing is stored under the key.
	ErrNotFound = errors.New("object not found")
	// ErrExists: something is already stored under the key; it was left as it is.
	ErrExists = errors.New("object exists already")
	// ErrChecksum: the bytes are not the promised ones, by SHA-256 or by size.
	ErrChecksum = errors.New("object differs from its checksum or size")
	// ErrDamaged: the stored bytes are no longer those that were stored.
	ErrDamaged = errors.New("the stored object is damaged")
	// ErrKey: the key can't be used, see ValidKey.
	ErrKey = errors.New("invalid object key")
)

// Full says of a remote store's refusal that the store, or the quota for it, is full. Like the error of a full disk it
// is syscall.ENOSPC, so that callers need to know one only.
func Full(cause error) error { return &fullError{cause} }

type fullError struct{ cause error }

func (e *fullError) Error() string {
	return "the object storage is full, or over its quota: " + e.cause.Error()
}
func (e *fullError) Unwrap() error        { return e.cause }
func (e *fullError) Is(target error) bool { return target == syscall.ENOSPC }

// Full is for those who word the error: which of the server's places is full.
func (e *fullError) Full() string { return "the object storage is full, or over its quota" }

// Info describes a stored object.
type Info struct {
	Key     string
	Size    int64     // bytes
	SHA256  string    // lower-case hex; "" when the store can't tell without reading the object
	ModTime time.Time // when the object was stored, by the store's clock
}

// PutOptions says what is known about the bytes before they are read.
type PutOptions struct {
	// Size is the number of bytes promised; -1 when unknown. The zero value
	// promises an empty object.
	Size int64
	// SHA256 is the expected hash in lower-case hex, "" when unknown.
	SHA256 string
	// ContentType is kept by stores that can, for people who look into the
	// bucket; Vitrine itself never reads it back.
	ContentType string
	// Sums, when not nil, gets the checksums of what was stored once Put or
	// Replace has succeeded.
	Sums *Sums
}

// Object is an open object. Reading past the end gives io.EOF; an object cut
// short by a failure gives another error, never io.EOF. ReadAt may be called
// from several goroutines, the other methods may not.
type Object interface {
	io.ReadSeekCloser
	io.ReaderAt
	// Info is what was known when the object was opened.
	Info() Info
}

// Store keeps objects. All methods may be called from several goroutines, and
// from several processes on the same store. A key that ValidKey refuses gives
// ErrKey from every method.
//
// A store may refuse a key that is a folder of another ("a" and "a/b") with
// ErrKey; Vitrine's layout never needs both.
type Store interface {
	// Put stores what r gives until io.EOF under key and never overwrites:
	// ErrExists when the key is there, and r may be unread then. Of several
	// concurrent Puts of one key exactly one succeeds. Size and SHA256, when
	// given, are checked against the bytes, ErrChecksum when they differ. When
	// Put returns nil the object survives a power cut; when it returns an error
	// nothing of it is visible under key. The one exception is a remote store
	// whose last answer was lost: the object may be there, whole and checked,
	// and a repeated Put answers ErrExists.
	Put(ctx context.Context, key string, r io.Reader, o PutOptions) error

	// Replace stores like Put, but takes the place of what is stored under key:
	// whoever opens the key gets the object before or the one after it, whole,
	// and never none. Of several concurrent Replaces one is the last. It is for
	// repair: objects don't change. When it returns an error the object before
	// it is there still, with Put's one exception.
	Replace(ctx context.Context, key string, r io.Reader, o PutOptions) error
	// Open gives the object for reading, ErrNotFound when there is none. A
	// remote store fetches lazily and in ranges; ctx must live as long as the
	// object is read. An object deleted after Open is still read whole or gives
	// an error.
	Open(ctx context.Context, key string) (Object, error)

	// Stat describes the object, ErrNotFound when there is none.
	Stat(ctx context.Context, key string) (Info, error)

	// Delete removes the object. A missing one is a success.
	Delete(ctx context.Context, key string) error

	// List yields every object whose key starts with prefix ("" for all; any
	// leading part of a key, not only whole folders) in the byte order of keys.
	// The first error ends the sequence. Leaving the loop early and cancelling
	// ctx both stop it promptly. Objects stored or deleted meanwhile may or may
	// not appear.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// Clean removes what Puts and Replaces that were cut off before an instant
	// have left below a prefix, a whole folder of keys that ends in a slash:
	// unfinished uploads, temporary files (which a driver may not be able to tell
	// by prefix), empty folders. It returns how much it removed. Objects are not
	// touched.
	Clean(ctx context.Context, prefix string, before time.Time) (int, error)
	// Check proves that the store is reachable and writable by writing and
	// removing a probe that List never shows.
	Check(ctx context.Context) error

	// String is the location, as Locate takes it, without credentials.
	String() string
}
