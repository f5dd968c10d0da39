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

// CopyReport counts what Copy did. Progress receives it after every object.
type CopyReport struct {
	Copied  int   // objects copied and verified by this run
	Bytes   int64 // bytes of those
	Skipped int   // objects the target had already, with the same size
	// Failed are objects that could not be copied although both stores work:
	// damaged or unreadable in the source, deleted meanwhile, or stored in the
	// target with another size.
	Failed []CopyFailure
}

// CopyFailure is an object that Copy left out.
type CopyFailure struct {
	Key string
	Err error
}

// maxUnreadable is how many objects in a row may fail to be read before the source itself counts as failed.
const maxUnreadable = 50

// ErrDiffers says that the target has an object of another size under the key.
var ErrDiffers = errors.New("the target has another object under this key")

// Copy copies every object of from that to lacks. It is resumable: run it again
// after an error or a crash and it goes on, because objects are immutable and a
// target that has the key with the same size is taken to have the object. An
// original that the target holds with another size is damaged there, and is
// replaced.
//
// Every copy is verified: the source is hashed while it is read and compared
// with the hash in an original's name or, else, the one the source remembers;
// then the target is read back and its hash compared. A copy that differs is
// removed from the target.
//
// An object's own failure is reported and passed over, an error while it is
// read included; Copy's error then wraps ErrIncomplete. What ends the run is a
// failure of the target, of a list, or of the source: many objects in a row
// that can't be read. progress may be nil.
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
		// Both lists are in key order: walk them side by side.
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

// ErrIncomplete says that the run came to its end, and objects were left out.
var ErrIncomplete = errors.New("objects could not be copied")

// errSource marks an error of reading the source, other than that the object is damaged or gone.
var errSource = errors.New("the source can't be read")

// sourceReader marks the errors of what it reads, so that Put's caller can tell them from the target's.
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

// ownFailure tells an object's failure from a store's.
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
	if errors.Is(err, ErrExists) { // another run was as quick
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
		// An unverified copy must not look like a finished one to the next run.
		return errors.Join(err, to.Delete(context.WithoutCancel(ctx), source.Key))
	}
	report.Copied++
	report.Bytes += source.Size
	return nil
}

// replace copies an original over a damaged one. The source is read first, so that the target loses nothing to a source
// that is damaged as well.
func replace(ctx context.Context, from, to Store, source Info, report *CopyReport) error {
	promised := KeySHA256(source.Key)
	if promised == "" {
		return ErrDiffers // either may be right
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
