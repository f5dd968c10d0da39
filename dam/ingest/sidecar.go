package ingest

import (
	"context"
	"os"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Sidecars keeps XMP sidecars with the files that they stand beside; see assets.Service.
type Sidecars interface {
	PutSidecar(ctx context.Context, library, asset, version, fileName string, packet []byte) (dam.Asset, error)
}

// TookSidecar is the status of an upload that was a sidecar: it has become a part of the asset.
const TookSidecar = "sidecar"

// sidecarFor is how long a file that was uploaded is looked for when its sidecar comes alone.
const sidecarFor = 24 * time.Hour

// takeSidecar gives an uploaded sidecar to the asset that it names or, by its name, to the file that its sender has
// uploaded lately. It never becomes an asset, and one that is refused is kept nowhere.
func (s *Service) takeSidecar(ctx context.Context, f Spooled, up Upload) (Result, error) {
	r, err := s.putSidecar(catalog.WithoutIdempotencyKey(ctx), f, up) // the same one again changes nothing
	refusal := dam.Lasting(err)
	if refusal == nil && err != nil {
		return r, err
	}
	if up.Resume != "" {
		o := Outcome{Status: r.Status, Asset: r.Asset.ID, Version: r.Version, SHA256: f.SHA256, Owner: up.Owner}
		if refusal != nil {
			o = Outcome{Status: "rejected", SHA256: f.SHA256, Code: string(refusal.Code), Why: refusal.Why(),
				Owner: up.Owner}
		}
		if err := s.record(ctx, up.Resume, o); err != nil {
			return r, err
		}
	}
	if refusal != nil {
		return Result{}, &RejectedError{Reason: refusal}
	}
	return r, nil
}

func (s *Service) putSidecar(ctx context.Context, f Spooled, up Upload) (Result, error) {
	if f.Size == 0 {
		return Result{}, dam.InvalidInput("file", reasons.FileEmpty())
	}
	if f.Size > dam.MaxSidecar {
		return Result{}, sidecarTooLarge()
	}
	packet, err := os.ReadFile(f.Path)
	if err != nil {
		return Result{}, err
	}
	id, version := up.Asset, ""
	if id == "" {
		if id, version, err = s.pictureOf(ctx, up.Library, up.FileName); err != nil {
			return Result{}, err
		}
	}
	a, err := s.Sidecars.PutSidecar(ctx, up.Library, id, version, up.FileName, packet)
	return Result{Status: TookSidecar, Asset: a, Version: a.Latest.ID, SHA256: f.SHA256}, err
}

func sidecarTooLarge() *dam.Error {
	return &dam.Error{Code: dam.TooLarge, Field: "file", Reason: reasons.SidecarTooLarge(dam.MaxSidecar >> 20)}
}

// sidecarRivals is how many files of the same name are compared; beyond it nobody can tell whose a sidecar is.
const sidecarRivals = 50

// pictureOf finds the one file that a sidecar can belong to by its name, among those that the actor has uploaded
// lately.
func (s *Service) pictureOf(ctx context.Context, library, sidecar string) (asset, version string, err error) {
	recent, err := s.Catalog.Versions().RecentBy(ctx, library, catalog.ActorOf(ctx).ID, time.Now().Add(-sidecarFor),
		dam.SidecarStem(sidecar), sidecarRivals+1)
	if err != nil {
		return "", "", err
	}
	refuse := func(why reasons.Reason) (string, string, error) {
		return "", "", &dam.Error{Code: dam.Unsupported, Field: "file", Reason: why}
	}
	if len(recent) > sidecarRivals {
		return refuse(reasons.SidecarOfSeveral(sidecar))
	}
	names := []string{sidecar}
	for _, v := range recent {
		names = append(names, v.FileName)
	}
	found := 0
	for _, v := range recent {
		if dam.SidecarOf(v.FileName, names) != "" {
			asset, version = v.Asset, v.ID
			found++
		}
	}
	switch {
	case found == 1:
		return asset, version, nil
	case found == 0 && len(recent) < 2:
		return refuse(reasons.SidecarWithoutPicture(sidecar))
	}
	return refuse(reasons.SidecarOfSeveral(sidecar))
}
