package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// Verifier reads what Put was given and gives io.EOF only when size and hash
// are the promised ones, so that a driver which commits on io.EOF can't commit
// anything else. It stops with the context's error once that is cancelled.
type Verifier struct {
	ctx  context.Context
	r    io.Reader
	want PutOptions
	size int64
	hash hash.Hash
	err  error
}

// NewVerifier checks r against o. It gives an error that wraps ErrChecksum when
// o.SHA256 isn't a lower-case hex SHA-256 or o.Size is below -1.
func NewVerifier(ctx context.Context, r io.Reader, o PutOptions) (*Verifier, error) {
	if o.SHA256 != "" && !isSHA256(o.SHA256) {
		return nil, fmt.Errorf("%w: the expected SHA-256 %q isn't 64 lower-case hex digits", ErrChecksum, o.SHA256)
	}
	if o.Size < -1 {
		return nil, fmt.Errorf("%w: the expected size is %d", ErrChecksum, o.Size)
	}
	return &Verifier{ctx: ctx, r: r, want: o, hash: sha256.New()}, nil
}

// Read implements io.Reader. Errors are sticky.
func (v *Verifier) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	if v.err = v.ctx.Err(); v.err != nil {
		return 0, v.err
	}
	n, err := v.r.Read(p)
	v.size += int64(n)
	v.hash.Write(p[:n])
	switch {
	case v.want.Size >= 0 && v.size > v.want.Size:
		v.err = fmt.Errorf("%w: more than the promised %d bytes", ErrChecksum, v.want.Size)
	case err == io.EOF:
		v.err = v.verdict()
	default:
		v.err = err
	}
	return n, v.err
}

func (v *Verifier) verdict() error {
	if v.want.Size >= 0 && v.size != v.want.Size {
		return fmt.Errorf("%w: %d bytes instead of the promised %d", ErrChecksum, v.size, v.want.Size)
	}
	if sum := v.SHA256(); v.want.SHA256 != "" && sum != v.want.SHA256 {
		return fmt.Errorf("%w: SHA-256 is %s instead of the promised %s", ErrChecksum, sum, v.want.SHA256)
	}
	return io.EOF
}

// Size is the number of bytes read so far.
func (v *Verifier) Size() int64 { return v.size }

// SHA256 is the lower-case hex hash of the bytes read so far.
func (v *Verifier) SHA256() string { return hex.EncodeToString(v.hash.Sum(nil)) }
