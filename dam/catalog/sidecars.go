package catalog

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"vitrine/dam"
)

// RecentBy returns the newest versions that a principal has uploaded since an instant to assets of a library that are
// not in the bin, whose file is named stem, with an extension or without. It returns no more than most.
func (s Versions) RecentBy(ctx context.Context, library, principal string, since time.Time, stem string,
	most int) ([]dam.Version, error) {
	like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(stem) + ".%"
	return all(ctx, s.db, scanVersion, `SELECT `+versionColumns+` FROM versions v JOIN assets a ON a.latest_version=v.id
		WHERE v.created_by=$1 AND v.created_at>=$2 AND a.library=$3 AND a.deleted_at IS NULL
		AND (lower(v.file_name)=lower($4) OR lower(v.file_name) LIKE lower($5) ESCAPE '\'
			AND lower(v.file_name) NOT LIKE lower($6) ESCAPE '\') LIMIT $7`,
		principal, micros(since), library, stem, like, like+".%", most)
}

// SidecarPacket returns the bytes of a version's sidecar, nil for none.
func (s Versions) SidecarPacket(ctx context.Context, version string) ([]byte, error) {
	packed, err := one(ctx, s.db, value[[]byte], `SELECT packet FROM sidecars WHERE version_id=$1`, version)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// PutSidecar stores a version's sidecar instead of the one that it has; nil removes it.
func (s VersionsTx) PutSidecar(ctx context.Context, version string, of *dam.Sidecar, packet []byte) error {
	if _, err := s.tx.exec(ctx, `DELETE FROM sidecars WHERE version_id=$1`, version); err != nil {
		return err
	}
	if of != nil {
		of.At, of.By = s.tx.now, s.tx.actor.ID
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(packet); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		if _, err := s.tx.exec(ctx, `INSERT INTO sidecars(version_id,packet) VALUES($1,$2)`, version,
			packed.Bytes()); err != nil {
			return err
		}
	}
	_, err := s.tx.exec(ctx, `UPDATE versions SET sidecar=$2 WHERE id=$1`, version, asJSON{of})
	return err
}
