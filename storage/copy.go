package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
)

// CopyReport counts what Copy did. progress is called with it after every object.
type CopyReport struct {
	Copied  int   // objects copied and verified by this run
	Bytes   int64 // bytes of those
	Skipped int   // objects that the target already had with the same size
	// Failed are the objects that could not be copied although both stores work: damaged or unreadable in the source,
	// deleted during the run, or stored in the target with another size.
	Failed []CopyFailure
}

// CopyFailure is an object that Copy skipped because of an error.
type CopyFailure struct {
	Key string
	Err error
}

// maxUnreadable is how many objects in a row may fail to be read before the source itself counts as failed.
const maxUnreadable = 50

// ErrDiffers means that the target has an object of another size under the key.
var ErrDiffers = errors.New("the target has another object under this key")

// Copy copies every object of from that to lacks. It is resumable: run again after an error or a crash, it continues,
// because objects are immutable and a target that has the key with the same size is assumed to have the object. An
// original that the target has with another size is damaged there, and is replaced.
//
// Every copy is verified: the source is hashed while it is read and compared with the hash in an original's key or, for
// other objects, the one the source knows; then the target is read back and its hash compared. A copy that differs is
// removed from the target.
//
// An object that fails on its own, also while it is read, is reported and skipped; Copy's error then wraps
// ErrIncomplete. A failure of the target, of a list, or of the source (many objects in a row that can't be read) ends
// the run. progress may be nil.
func Copy(ctx context.Context, from, to Store, progress func(CopyReport)) (CopyReport, error) {
	var report CopyReport
	unreadable := 0
	there, stop := iter.Pull2(to.List(ctx, ""))
	defer stop()
	target, err, more := there()
	for source, e := range from.List(ctx, "") {
		if e != nil {
			return report, fmt.Errorf("copy from %s: %w", from, e)
		}
		// Both lists are in key order: merge them.
		for more && err == nil && target.Key < source.Key {
			target, err, more = there()
		}
		if err != nil {
			return report, fmt.Errorf("copy to %s: %w", to, err)
		}
		var failure error
		switch {
		case !more || target.Key != source.Key:
			failure = copyObject(ctx, from, to, source, &report)
		case target.Size != source.Size:
			failure = replace(ctx, from, to, source, &report)
		default:
			report.Skipped++
		}
		if failure != nil {
			failure = fmt.Errorf("copy %s: %w", source.Key, failure)
			if !ownFailure(failure) || ctx.Err() != nil {
				return report, failure
			}
			report.Failed = append(report.Failed, CopyFailure{source.Key, failure})
		}
		if errors.Is(failure, errSource) {
			unreadable++
		} else {
			unreadable = 0
		}
		if unreadable == maxUnreadable {
			return report, fmt.Errorf("%d objects in a row can't be read: %w", unreadable, failure)
		}
		if progress != nil {
			progress(report)
		}
	}
	if n := len(report.Failed); n > 0 {
		return report, fmt.Errorf("%w: %d, the first: %w", ErrIncomplete, n, report.Failed[0].Err)
	}
	return report, nil
}

// ErrIncomplete means that the run reached the end but skipped objects.
var ErrIncomplete = errors.New("objects could not be copied")

// errSource marks an error while reading the source, except those that mean that the object is damaged or missing.
var errSource = errors.New("the source can't be read")

// sourceReader marks the errors of the reader it wraps, so that they can be told from the target's.
type sourceReader struct{ io.Reader }

func (r sourceReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	return n, asSource(err)
}

func asSource(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, ErrChecksum) || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("%w: %w", errSource, err)
}

// ownFailure reports whether an error is of the object and not of a store.
func ownFailure(err error) bool {
	return errors.Is(err, errSource) || errors.Is(err, ErrChecksum) || errors.Is(err, ErrNotFound) ||
		errors.Is(err, ErrDiffers) || errors.Is(err, ErrKey)
}

func copyObject(ctx context.Context, from, to Store, source Info, report *CopyReport) error {
	object, err := from.Open(ctx, source.Key)
	if err != nil {
		return asSource(err)
	}
	defer func() { _ = object.Close() }()
	promised := KeySHA256(source.Key)
	if promised == "" {
		promised = object.Info().SHA256
	}
	sum := sha256.New()
	err = to.Put(ctx, source.Key, io.TeeReader(sourceReader{object}, sum),
		PutOptions{Size: source.Size, SHA256: promised})
	if errors.Is(err, ErrExists) { // a concurrent run stored it
		target, err := to.Stat(ctx, source.Key)
		if err == nil && target.Size != source.Size {
			err = ErrDiffers
		}
		if err == nil {
			report.Skipped++
		}
		return err
	}
	if err != nil {
		return err
	}
	if err := readBack(ctx, to, source.Key, hex.EncodeToString(sum.Sum(nil))); err != nil {
		// The next run must not take an unverified copy for a finished one.
		return errors.Join(err, to.Delete(context.WithoutCancel(ctx), source.Key))
	}
	report.Copied++
	report.Bytes += source.Size
	return nil
}

// replace copies an original over a damaged one. It reads the source first, so that a damaged source doesn't destroy
// anything in the target.
func replace(ctx context.Context, from, to Store, source Info, report *CopyReport) error {
	promised := KeySHA256(source.Key)
	if promised == "" {
		return ErrDiffers // either one may be right
	}
	if err := readBack(ctx, from, source.Key, promised); err != nil {
		return asSource(err)
	}
	if err := to.Delete(ctx, source.Key); err != nil {
		return err
	}
	return copyObject(ctx, from, to, source, report)
}

func readBack(ctx context.Context, s Store, key, want string) error {
	object, err := s.Open(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = object.Close() }()
	read, err := NewVerifier(ctx, object, PutOptions{Size: object.Info().Size, SHA256: want})
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, read); err != nil {
		return fmt.Errorf("the copy read back: %w", err)
	}
	return nil
}
