package libraries

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Archival says what archiving a library touches; nothing is changed. Who isn't in the library learns how many channels
// there are, without their names.
func (s *Service) Archival(ctx context.Context, id string) (dam.LibraryArchival, error) {
	actor := dam.ActorOf(ctx)
	if err := needInstallation(actor); err != nil {
		return dam.LibraryArchival{}, err
	}
	l, err := s.Get(ctx, id)
	if err != nil {
		return dam.LibraryArchival{}, err
	}
	zone, err := dam.Zone(l.Zone)
	if err != nil {
		return dam.LibraryArchival{}, err
	}
	a, err := s.Catalog.Libraries().Archival(ctx, id, zone)
	if err != nil {
		return a, err
	}
	channels, err := s.Catalog.Channels().List(ctx, id)
	if err != nil {
		return a, err
	}
	a.Hosts, a.Channels = l.Hosts, make([]dam.NamedItem, len(channels))
	for i, ch := range channels {
		if a.Channels[i].ID = ch.ID; actor.CanEverywhere(id, dam.MaySee) {
			a.Channels[i].Name = ch.Name
		}
	}
	return a, nil
}

// Archive archives a library, or restores one: while it is archived nothing in it changes, its channels send nothing,
// and what is public stays public. The error is dam.NotFound, dam.Forbidden, or dam.Conflict for the library that the
// installation began with.
func (s *Service) Archive(ctx context.Context, id string, archived bool) (dam.Library, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Library, error) {
		if err := needInstallation(tx.Actor()); err != nil {
			return dam.Library{}, err
		}
		list, err := tx.Libraries().LockLibraries(ctx)
		if err != nil {
			return dam.Library{}, err
		}
		l, err := find(tx.Actor(), list, id)
		switch {
		case err != nil:
			return l, err
		case id == dam.DefaultLibrary && archived:
			return l, &dam.Error{Code: dam.Conflict, Reason: reasons.LibraryFirstStays()}
		case archived == (l.ArchivedAt != nil):
			return l, nil
		}
		event := dam.LibraryRestored
		l.ArchivedAt, l.ArchivedBy = nil, ""
		if archived {
			now := tx.Now()
			event, l.ArchivedAt, l.ArchivedBy = dam.LibraryArchived, &now, tx.Actor().ID
		}
		tx.Emit(dam.Event{Library: id, Type: event, Subject: id})
		l.Revision++
		return l, tx.Libraries().PutLibrary(ctx, l)
	})
}
