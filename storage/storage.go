// Package storage defines the contract of stores, which hold the bytes of originals and renditions.
//
// A store maps keys to immutable objects: an object appears whole or not at all, is overwritten only by Replace, which
// repairs damage, and disappears only by Delete. Two drivers implement the contract, vitrine/storage/disk and
// vitrine/storage/s3, with the same layout of keys, so a library can be moved from one to the other with Copy:
//
//	originals/ab/cd/<sha256>                   an original, named by its bytes
//	renditions/<sha256>/<rendition-hash>.<ext> a rendition of it
//	copies/<sha256>/<sha256 of the copy>       a copy of it with metadata, for downloads
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

// Errors to compare with errors.Is. Drivers wrap them with the key and the cause.
var (
	// ErrNotFound means that nothing is stored under the key.
	ErrNotFound = errors.New("object not found")
	// ErrExists means that something is already stored under the key; it was not changed.
	ErrExists = errors.New("object exists already")
	// ErrChecksum means that the bytes do not match the given SHA-256 or size.
	ErrChecksum = errors.New("object differs from its checksum or size")
	// ErrDamaged means that the stored bytes are no longer those that were stored.
	ErrDamaged = errors.New("the stored object is damaged")
	// ErrKey means that the key is invalid, see ValidKey.
	ErrKey = errors.New("invalid object key")
)

// Full returns the error of a remote store that refuses an object because it, or its quota, is full. Like the error of
// a full disk it is syscall.ENOSPC, so that callers need to check for that only.
func Full(cause error) error { return &fullError{cause} }

type fullError struct{ cause error }

func (e *fullError) Error() string {
	return "the object storage is full, or over its quota: " + e.cause.Error()
}
func (e *fullError) Unwrap() error        { return e.cause }
func (e *fullError) Is(target error) bool { return target == syscall.ENOSPC }

// Full says what is full, for messages.
func (e *fullError) Full() string { return "the object storage is full, or over its quota" }

// Info describes a stored object.
type Info struct {
	Key     string
	Size    int64     // bytes
	SHA256  string    // lower-case hex; "" if the store doesn't know it without reading the object
	ModTime time.Time // when the object was stored, by the store's clock
}

// PutOptions is what is known about the bytes before they are read.
type PutOptions struct {
	// Size is the expected number of bytes; -1 if unknown. The zero value expects an empty object.
	Size int64
	// SHA256 is the expected hash in lower-case hex, "" when unknown.
	SHA256 string
	// ContentType is stored by drivers that can, for people who look into the bucket; Vitrine never reads it back.
	ContentType string
	// Sums, if not nil, is set to the checksums of what was stored once Put or Replace has succeeded.
	Sums *Sums
}

// Object is an open object. Reading past the end returns io.EOF; if a failure cuts the object short, the error is
// another one. ReadAt may be called from several goroutines, the other methods may not.
type Object interface {
	io.ReadSeekCloser
	io.ReaderAt
	// Info returns what was known when the object was opened.
	Info() Info
}

// Store holds objects. All methods may be called from several goroutines, and from several processes on the same store.
// Every method returns ErrKey for a key that ValidKey refuses.
//
// A store may also return ErrKey for a key that is a folder of another ("a" and "a/b"); Vitrine's layout never needs
// both.
type Store interface {
	// Put stores the bytes of r under key and never overwrites: it returns ErrExists if the key is taken, possibly
	// without reading r. Of several concurrent Puts of the same key exactly one succeeds. Size and SHA256, if given,
	// are compared with the bytes; ErrChecksum if they differ. When Put returns nil the object survives a power cut;
	// when it returns an error nothing of it is visible under key. The one exception is a remote store whose last
	// answer was lost: the object may be stored, whole and verified, and a repeated Put returns ErrExists.
	Put(ctx context.Context, key string, r io.Reader, o PutOptions) error

	// Replace stores like Put, but replaces what is stored under key: concurrent readers get the old object or the new
	// one, whole, and never ErrNotFound. Of several concurrent Replaces one is the last. It is for repair only, because
	// objects don't change. If it returns an error, the old object is still there, with the same exception as Put.
	Replace(ctx context.Context, key string, r io.Reader, o PutOptions) error
	// Open opens the object for reading; ErrNotFound if there is none. A remote store fetches lazily and in ranges; ctx
	// must live as long as the object is read. An object that is deleted after Open is either read whole or returns an
	// error.
	Open(ctx context.Context, key string) (Object, error)

	// Stat describes the object; ErrNotFound if there is none.
	Stat(ctx context.Context, key string) (Info, error)

	// Delete removes the object. A missing object is not an error.
	Delete(ctx context.Context, key string) error

	// List yields every object whose key starts with prefix ("" for all; any leading part of a key, not only whole
	// folders) in the byte order of keys. The first error ends the sequence. Leaving the loop early and cancelling ctx
	// both stop it promptly. Objects that are stored or deleted during the listing may or may not appear.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// Clean removes what Puts and Replaces that were interrupted before an instant have left below a prefix, which is a
	// whole folder of keys ending in a slash: unfinished uploads, temporary files (also those outside the prefix, if
	// the driver can't tell), empty folders. It returns how much it removed. It doesn't touch objects.
	Clean(ctx context.Context, prefix string, before time.Time) (int, error)
	// Check verifies that the store is reachable and writable, by writing and removing a probe that List never shows.
	Check(ctx context.Context) error

	// String returns the location, as Locate accepts it, without credentials.
	String() string
}
