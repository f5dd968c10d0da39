package catalog

import (
	"context"
	"errors"
	"time"

	"vitrine/dam"
)

// MetadataCopy returns the latest copy made of a version; found is false if there is none.
func (s Renditions) MetadataCopy(ctx context.Context, version string) (x dam.MetadataCopy, found bool, err error) {
	x, err = one(ctx, s.db, func(r row) (x dam.MetadataCopy, err error) {
		var created int64
		err = r.Scan(&x.Version, &x.Hash, &x.SHA256, &x.Size, asNote{&x.Note, &x.NoteReasons}, &created)
		x.CreatedAt = instant(created)
		return x, err
	}, `SELECT version_id,hash,sha256,size,note,created_at FROM metadata_copies WHERE version_id=$1`, version)
	if errors.Is(err, errNoRow) {
		return x, false, nil
	}
	return x, err == nil, err
}

// PutMetadataCopy records a copy, replacing the version's earlier one; key is "" if there is only a note.
func (s RenditionsTx) PutMetadataCopy(ctx context.Context, x dam.MetadataCopy, key string) error {
	_, err := s.tx.exec(ctx,
		`INSERT INTO metadata_copies(version_id,hash,key,sha256,size,note,created_at) VALUES($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT(version_id) DO UPDATE SET hash=excluded.hash,key=excluded.key,sha256=excluded.sha256,size=excluded.size,note=excluded.note,created_at=excluded.created_at`,
		x.Version, x.Hash, key, x.SHA256, x.Size, asNote{&x.Note, &x.NoteReasons}, micros(s.tx.now))
	return err
}

// DropMetadataCopy deletes the row of a version's copy.
func (s RenditionsTx) DropMetadataCopy(ctx context.Context, version string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM metadata_copies WHERE version_id=$1`, version)
	return err
}

// ForgetCopy deletes the row of a copy that is lost or damaged, and its damage.
func (s RenditionsTx) ForgetCopy(ctx context.Context, key string) error {
	if _, err := s.tx.exec(ctx, `DELETE FROM metadata_copies WHERE key=$1`, key); err != nil {
		return err
	}
	_, err := s.tx.exec(ctx, `DELETE FROM damage WHERE key=$1`, key)
	return err
}

// ExpireMetadataCopies deletes the rows of copies made before an instant.
func (s RenditionsTx) ExpireMetadataCopies(ctx context.Context, before time.Time) error {
	_, err := s.tx.exec(ctx, `DELETE FROM metadata_copies WHERE created_at<$1`, micros(before))
	return err
}
