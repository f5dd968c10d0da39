package server

import (
	"context"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/integrity"
	"vitrine/dam/reasons"
	"vitrine/web/api"
)

// checks are the checks of /readyz. A failed advisory check is reported but doesn't make the server unready.
func (s *Server) checks(health *integrity.Service) []api.Check {
	cat, store, index := s.Data.Catalog, s.Objects.Store, s.Library.Index
	return []api.Check{
		{Name: "database", Check: cat.Ping},
		{Name: "storage", Check: func(ctx context.Context) error {
			if err := store.Check(ctx); dam.SystemError(err) == nil {
				return err
			}
			return nil // a server with a full or read-only disk still serves readers
		}},
		{Name: "storage_writes", Advisory: true, Check: func(ctx context.Context) error {
			if e := dam.SystemError(store.Check(ctx)); e != nil {
				return e
			}
			return nil
		}},
		{Name: "search", Check: func(context.Context) error {
			if !index.Ready() && index.Problem() != nil {
				return &dam.Error{Code: dam.Unavailable,
					Reason: reasons.IndexDiskFull(index.Notice()), Err: index.Problem().Cause}
			}
			if !index.Ready() {
				percent, _ := index.Building()
				return &dam.Error{Code: dam.Unavailable,
					Reason: reasons.IndexBuilding(reasons.SearchIndexBuilding(percent))}
			}
			return nil
		}},
		{Name: "search_index", Advisory: true, Check: func(context.Context) error {
			if percent, ok := index.Building(); ok && index.Ready() {
				return &dam.Error{Code: dam.Unavailable,
					Reason: reasons.WordsIndexBuilding(reasons.SearchIndexBuilding(percent))}
			}
			return nil
		}},
		{Name: "clock", Advisory: true, Check: func(context.Context) error {
			if by := cat.Database().ClockOff(); by.Abs() > catalog.ClockTolerance {
				return &dam.Error{Code: dam.Unavailable, Reason: reasons.ClockDiffers(by.Round(time.Millisecond))}
			}
			return nil
		}},
		{Name: "search_follows", Advisory: true, Check: func(context.Context) error {
			if t := index.Problem(); t != nil {
				return &dam.Error{Code: dam.Unavailable,
					Reason: reasons.IndexDiskFullWaiting(index.Notice()), Err: t.Cause}
			}
			return nil
		}},
		{Name: "hold", Advisory: true, Check: func(ctx context.Context) error {
			h, err := cat.Epochs().Hold(ctx)
			if err == nil && h != nil {
				err = &dam.Error{Code: dam.Unavailable, Reason: reasons.OutboundHeld(h.Why())}
			}
			return err
		}},
		{Name: "channel_versions", Advisory: true, Check: s.Channels.Accounts.CheckVersions},
		{Name: "server", Check: s.checkStopping},
		{Name: "space", Advisory: true, Check: func(context.Context) error { return s.Library.volumes.Advice() }},
		{Name: "objects", Advisory: true, Check: health.Check},
	}
}

// checkStopping makes load balancers choose another node before this one stops accepting connections.
func (s *Server) checkStopping(context.Context) error {
	if s.stopped.Load() {
		return &dam.Error{Code: dam.Unavailable, Reason: reasons.NodeStopping()}
	}
	return nil
}
