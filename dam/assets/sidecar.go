package assets

import (
	"context"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// PutSidecar keeps an XMP sidecar with a version of an asset ("" is the newest), and takes what it says into the fields
// that nobody has edited, before what the file itself says. An empty packet removes the sidecar. The same one again
// changes nothing.
func (s *Service) PutSidecar(ctx context.Context, library, id, version, fileName string, packet []byte) (dam.Asset,
	error) {
	a, v, err := s.versionOf(ctx, library, id, version)
	if err != nil {
		return a, err
	}
	if err := catalog.ActorOf(ctx).MayEdit(&a); err != nil {
		return a, err
	}
	if len(packet) == 0 && v.Sidecar == nil {
		return a, &dam.Error{Code: dam.NotFound, Field: "sidecar", Reason: reasons.VersionWithoutSidecar()}
	}
	var of *dam.Sidecar
	if len(packet) > 0 {
		of = &dam.Sidecar{FileName: dam.FileName(fileName), SHA256: sumOf(packet), Size: int64(len(packet))}
		if v.Sidecar != nil && v.Sidecar.SHA256 == of.SHA256 && v.Sidecar.FileName == of.FileName {
			return a, nil
		}
	}
	m, err := s.read(ctx, library, v, packet)
	if err != nil {
		return a, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Asset, error) {
		a, err := tx.Assets().LockAsset(ctx, library, id)
		if err != nil {
			return a, err
		}
		if err := tx.Actor().MayEdit(&a); err != nil {
			return a, err
		}
		if a.DeletedAt != nil {
			return a, &dam.Error{Code: dam.Conflict, Reason: reasons.AssetInBin()}
		}
		if err := tx.Versions().PutSidecar(ctx, v.ID, of, packet); err != nil {
			return a, err
		}
		found, err := s.takeIn(ctx, tx, &a, dam.Reading{v.ID: {Metadata: m, Sidecar: sumOf(packet)}}, false)
		if err != nil {
			return a, err
		}
		if len(found.Changes) == 0 {
			if err := touch(ctx, tx, &a, "sidecar"); err != nil {
				return a, err
			}
		}
		return tx.Assets().Asset(ctx, library, id)
	})
}

// Sidecar returns a version's sidecar and its bytes.
func (s *Service) Sidecar(ctx context.Context, library, id, version string) (dam.Sidecar, []byte, error) {
	_, v, err := s.versionOf(ctx, library, id, version)
	if err != nil {
		return dam.Sidecar{}, nil, err
	}
	if v.Sidecar == nil {
		return dam.Sidecar{}, nil,
			&dam.Error{Code: dam.NotFound, Field: "sidecar", Reason: reasons.VersionWithoutSidecar()}
	}
	packet, err := s.Catalog.Versions().SidecarPacket(ctx, v.ID)
	return *v.Sidecar, packet, err
}

// versionOf finds a version of an asset that the actor sees; "" is the newest.
func (s *Service) versionOf(ctx context.Context, library, id, version string) (dam.Asset, dam.Version, error) {
	a, err := s.Catalog.Assets().Asset(ctx, library, id)
	if err != nil || version == "" || version == a.Latest.ID {
		return a, a.Latest, err
	}
	versions, err := s.Catalog.Versions().List(ctx, id)
	if err != nil {
		return a, dam.Version{}, err
	}
	if !dam.ActorOf(ctx).SeesUnapproved(&a) {
		versions = nil // but the one that is shown, which is a.Latest
	}
	i := slices.IndexFunc(versions, func(v dam.Version) bool { return v.ID == version })
	if i < 0 {
		return a, dam.Version{}, &dam.Error{Code: dam.NotFound, Field: "version",
			Reason: reasons.AssetWithoutVersionId(version)}
	}
	return a, versions[i], nil
}
