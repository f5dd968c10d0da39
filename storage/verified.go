package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// Record knows the checksums that stored objects must have. Vitrine's record is the catalogue.
type Record interface {
	// Expect returns the checksums of what was stored under key. found is false for an object without a record; the
	// sums have no Blocks if those have not been computed yet.
	Expect(ctx context.Context, key string) (sums Sums, found bool, err error)
	// Damaged reports that a recorded object does not match Expect: cause wraps ErrDamaged or ErrNotFound. The same
	// damage may be reported many times.
	Damaged(ctx context.Context, key string, cause error)
}

// Verified is a Store that compares objects with a Record while they are read: it returns no byte of a block before the
// block's checksum has been verified. If a block is wrong, and also in the Second store if there is one, reading fails
// with an error that wraps ErrDamaged.
//
// Objects without a record, or without block checksums yet, are returned unverified and counted.
type Verified struct {
	Store
	Record Record
	// Second has copies of the same objects under the same keys; nil if there is none.
	Second Store

	unverified atomic.Int64
	mu         sync.Mutex
	known      map[string]Sums // cache: makes ranges of one object cheap, and bridges short failures of the record
	knownBytes int
}

// NewVerified wraps a store. second has copies of its objects; nil if there is none.
func NewVerified(s, second Store, r Record) *Verified {
	return &Verified{Store: s, Second: second, Record: r, known: map[string]Sums{}}
}

// Unwrap returns the store below.
func (v *Verified) Unwrap() Store { return v.Store }

func (v *Verified) second() Store { return v.Second }

// Unverified returns how many objects were returned without verification since the start.
func (v *Verified) Unverified() int64 { return v.unverified.Load() }

// maxKnown bounds the cache of checksums, in bytes.
const maxKnown = 8 << 20

// expect asks the record. The cached answer is used if the record fails, or if again is false: an object's checksums
// change only when it is replaced.
func (v *Verified) expect(ctx context.Context, key string, again bool) (Sums, bool, error) {
	v.mu.Lock()
	sums, remembered := v.known[key]
	v.mu.Unlock()
	if remembered && !again {
		return sums, true, nil
	}
	now, found, err := v.Record.Expect(ctx, key)
	if err != nil {
		if remembered {
			return sums, true, nil
		}
		return Sums{}, false, fmt.Errorf("the record of %s: %w", key, err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if old, ok := v.known[key]; ok {
		v.knownBytes -= len(key) + len(old.Blocks) + 100
		delete(v.known, key)
	}
	if cost := len(key) + len(now.Blocks) + 100; found && now.Covered() && cost < maxKnown/8 {
		for other, old := range v.known { // evicts any entry: asking again is cheap
			if v.knownBytes+cost <= maxKnown {
				break
			}
			delete(v.known, other)
			v.knownBytes -= len(other) + len(old.Blocks) + 100
		}
		v.known[key] = now
		v.knownBytes += cost
	}
	return now, found, nil
}

// Open implements Store.
func (v *Verified) Open(ctx context.Context, key string) (Object, error) {
	sums, found, err := v.expect(ctx, key, false)
	if err != nil {
		return nil, err
	}
	o, err := v.Store.Open(ctx, key)
	if err != nil && (!found || ctx.Err() != nil) {
		return nil, err
	}
	if err == nil && (!found || !sums.Covered()) {
		v.unverified.Add(1)
		return o, nil
	}
	if err == nil && o.Info().Size != sums.Size {
		// It was replaced since the record was asked, or is damaged.
		if sums, found, err = v.expect(ctx, key, true); err != nil {
			return nil, errors.Join(err, o.Close())
		}
		if !found || !sums.Covered() {
			v.unverified.Add(1)
			return o, nil
		}
		if o.Info().Size != sums.Size {
			err = fmt.Errorf("%w: it has %d bytes instead of %d", ErrDamaged, o.Info().Size, sums.Size)
			_ = o.Close()
			o = nil
		}
	}
	r := &verified{ctx: ctx, v: v, key: key, sums: sums, object: o, block: -1}
	if err == nil {
		return r, nil
	}
	v.report(ctx, key, err)
	if v.Second == nil {
		return nil, err
	}
	if !sums.Covered() {
		o, other := v.Second.Open(ctx, key)
		if other != nil {
			return nil, errors.Join(err, other)
		}
		v.unverified.Add(1)
		return o, nil
	}
	if other := r.openSecond(); other != nil {
		return nil, errors.Join(err, other)
	}
	return r, nil
}

// report tells the record that an object is damaged or missing; only the record knows whether a missing object should
// be there.
func (v *Verified) report(ctx context.Context, key string, cause error) {
	if errors.Is(cause, ErrDamaged) || errors.Is(cause, ErrNotFound) {
		v.Record.Damaged(context.WithoutCancel(ctx), key, cause)
	}
}

// verified reads an object block by block.
type verified struct {
	ctx    context.Context
	v      *Verified
	key    string
	sums   Sums
	object Object // nil when only the second store has it

	mu     sync.Mutex // guards second and sums
	second Object
	closed atomic.Bool

	pos   int64  // the position of the next Read
	at    int64  // the position of object
	lent  bool   // the file was verified in every block and returned by Whole: others may move its offset
	block int64  // the block in buf, -1 if none
	buf   []byte // a verified block
}

// Info implements Object.
func (o *verified) Info() Info {
	if o.object != nil {
		return o.object.Info()
	}
	return o.second.Info()
}

// Read implements io.Reader.
func (o *verified) Read(p []byte) (int, error) {
	switch {
	case o.closed.Load():
		return 0, fs.ErrClosed
	case len(p) == 0:
		return 0, nil
	case o.pos >= o.sums.Size:
		return 0, io.EOF
	}
	block := o.pos / BlockSize
	if start := block * BlockSize; block != o.block {
		// If p has room for the whole block, load directly into it; the caller doesn't look at p until Read returns.
		if n := o.sums.length(block); o.pos == start && int64(len(p)) >= n {
			if err := o.load(block, p[:n]); err != nil {
				return 0, err
			}
			o.pos += n
			return int(n), nil
		}
		if o.buf == nil {
			o.buf = make([]byte, min(BlockSize, o.sums.Size))
		}
		o.block = -1
		if err := o.load(block, o.buf[:o.sums.length(block)]); err != nil {
			return 0, err
		}
		o.block = block
	}
	n := copy(p, o.buf[o.pos-block*BlockSize:o.sums.length(block)])
	o.pos += int64(n)
	return n, nil
}

// load reads and verifies a block. It continues where the object is, which needs no new request for the next block.
func (o *verified) load(block int64, into []byte) error {
	if o.object == nil {
		return o.recover(block, into, ErrNotFound)
	}
	start := block * BlockSize
	if o.lent {
		return o.readSpan(block, block, into)
	}
	if o.at != start {
		if _, err := o.object.Seek(start, io.SeekStart); err != nil {
			return err
		}
	}
	n, err := io.ReadFull(o.object, into)
	o.at = start + int64(n)
	if err != nil {
		return o.recover(block, into, err)
	}
	if o.sums.intact(block, into) {
		return nil
	}
	return o.recover(block, into, ErrDamaged)
}

// recover gets a block that was wrong or unreadable: once more from the same store, verified against what the record
// says now, then from the second store.
func (o *verified) recover(block int64, into []byte, cause error) error {
	if o.ctx.Err() != nil {
		return o.ctx.Err()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.object != nil {
		if n, err := o.object.ReadAt(into, block*BlockSize); n == len(into) && (err == nil || err == io.EOF) {
			if o.sums.intact(block, into) {
				return nil
			}
			cause = ErrDamaged
		}
		// An object that was replaced after it was opened is verified against its own checksums only.
		if now, found, err := o.v.expect(o.ctx, o.key, true); errors.Is(cause, ErrDamaged) && err == nil && found &&
			now.SHA256 != o.sums.SHA256 {
			return fmt.Errorf("%s was replaced while it was read", o.key)
		}
		if errors.Is(cause, ErrDamaged) {
			cause = fmt.Errorf("%w: %s, block %d of %d", ErrDamaged, o.key, block, blocks(o.sums.Size))
			o.v.report(o.ctx, o.key, cause)
		}
	}
	if o.v.Second == nil {
		return cause
	}
	if err := o.openSecond(); err != nil {
		return errors.Join(cause, err)
	}
	if n, err := o.second.ReadAt(into, block*BlockSize); n < len(into) {
		return errors.Join(cause, err)
	}
	if !o.sums.intact(block, into) {
		return errors.Join(cause, fmt.Errorf("and so is its copy in %s", o.v.Second))
	}
	return nil
}

// openSecond opens the copy in the second store. recover holds mu; Open needs no lock.
func (o *verified) openSecond() (err error) {
	if o.second == nil {
		o.second, err = o.v.Second.Open(o.ctx, o.key)
	}
	return err
}

// Seek implements io.Seeker.
func (o *verified) Seek(offset int64, whence int) (int64, error) {
	if o.closed.Load() {
		return 0, fs.ErrClosed
	}
	at, err := Offset(o.key, o.pos, o.sums.Size, offset, whence)
	if err == nil {
		o.pos = at
	}
	return at, err
}

// spans are the buffers of ReadAt.
var spans = sync.Pool{New: func() any { b := make([]byte, 0, 4*BlockSize); return &b }}

// ReadAt implements io.ReaderAt.
func (o *verified) ReadAt(p []byte, offset int64) (n int, err error) {
	switch {
	case o.closed.Load():
		return 0, fs.ErrClosed
	case offset < 0:
		return 0, fmt.Errorf("read %s: %d is before the start", o.key, offset)
	case len(p) == 0:
		return 0, nil
	}
	lent := spans.Get().(*[]byte)
	defer spans.Put(lent)
	for n < len(p) && offset < o.sums.Size {
		first := offset / BlockSize
		// Read as many blocks as the buffer has room for and the caller wants, because each read may be a request.
		last := min((offset+int64(len(p)-n)-1)/BlockSize, first+int64(cap(*lent))/BlockSize-1,
			(o.sums.Size-1)/BlockSize)
		span := (*lent)[:last*BlockSize+o.sums.length(last)-first*BlockSize]
		if err := o.readSpan(first, last, span); err != nil {
			return n, err
		}
		k := copy(p[n:], span[offset-first*BlockSize:])
		n += k
		offset += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (o *verified) readSpan(first, last int64, span []byte) error {
	cause := ErrNotFound
	got := 0
	if o.object != nil {
		got, cause = o.object.ReadAt(span, first*BlockSize)
		if got == len(span) {
			cause = ErrDamaged
		}
	}
	for block := first; block <= last; block++ {
		from := int((block - first) * BlockSize)
		part := span[from : from+int(o.sums.length(block))]
		if from+len(part) <= got && o.sums.intact(block, part) {
			continue
		}
		if err := o.recover(block, part, cause); err != nil {
			return err
		}
	}
	return nil
}

// Whole implements Filer. A file with a block that had to come from the second store is incomplete.
func (o *verified) Whole(ctx context.Context) (*os.File, error) {
	below, ok := o.object.(Filer)
	if !ok || o.closed.Load() {
		return nil, fmt.Errorf("%s is no open file: %w", o.key, errors.ErrUnsupported)
	}
	f, err := below.Whole(ctx)
	if o.at = 0; err != nil || o.lent { // already compared
		return f, err
	}
	buffer := spans.Get().(*[]byte)
	defer spans.Put(buffer)
	for block, n := int64(0), blocks(o.sums.Size); block < n; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		last := min(n, block+int64(cap(*buffer))/BlockSize) - 1
		if err := o.readSpan(block, last, (*buffer)[:(last-block)*BlockSize+o.sums.length(last)]); err != nil {
			return nil, err
		}
		block = last + 1
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.second != nil {
		return nil, fmt.Errorf("%s is damaged, and read from %s: %w", o.key, o.v.Second, errors.ErrUnsupported)
	}
	o.lent = true
	return f, nil
}

// Close implements io.Closer.
func (o *verified) Close() error {
	if o.closed.Swap(true) {
		return fs.ErrClosed
	}
	var err error
	if o.object != nil {
		err = o.object.Close()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.second != nil {
		err = errors.Join(err, o.second.Close())
	}
	return err
}
