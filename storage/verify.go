package storage

import (
	"context"
	"fmt"
	"io"
)

// Verifier reads from a reader and returns io.EOF only if size and hash are the expected ones, so that a driver that
// commits on io.EOF can't commit anything else. It stops with the context's error once that is cancelled.
type Verifier struct {
	*Summer
	ctx  context.Context
	r    io.Reader
	want PutOptions
	err  error
}

// NewVerifier returns a Verifier of r against o. The error wraps ErrChecksum if o.SHA256 isn't a lower-case hex SHA-256
// or o.Size is below -1. o.Sums, if not nil, is set at the end.
func NewVerifier(ctx context.Context, r io.Reader, o PutOptions) (*Verifier, error) {
	if o.SHA256 != "" && !isSHA256(o.SHA256) {
		return nil, fmt.Errorf("%w: the expected SHA-256 %q isn't 64 lower-case hex digits", ErrChecksum, o.SHA256)
	}
	if o.Size < -1 {
		return nil, fmt.Errorf("%w: the expected size is %d", ErrChecksum, o.Size)
	}
	return &Verifier{Summer: NewSummer(), ctx: ctx, r: r, want: o}, nil
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
	_, _ = v.Write(p[:n]) // a hash never fails
	switch {
	case v.want.Size >= 0 && v.Size() > v.want.Size:
		v.err = fmt.Errorf("%w: more than the promised %d bytes", ErrChecksum, v.want.Size)
	case err == io.EOF:
		v.err = v.result()
	default:
		v.err = err
	}
	return n, v.err
}

func (v *Verifier) result() error {
	if v.want.Size >= 0 && v.Size() != v.want.Size {
		return fmt.Errorf("%w: %d bytes instead of the promised %d", ErrChecksum, v.Size(), v.want.Size)
	}
	sums := v.Sums()
	if v.want.SHA256 != "" && sums.SHA256 != v.want.SHA256 {
		return fmt.Errorf("%w: SHA-256 is %s instead of the promised %s", ErrChecksum, sums.SHA256, v.want.SHA256)
	}
	if v.want.Sums != nil {
		*v.want.Sums = sums
	}
	return io.EOF
}
