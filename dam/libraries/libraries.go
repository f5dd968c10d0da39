// Package libraries makes, changes and archives libraries. Who manages the installation adds them and says how large
// they may get and which host names they have; what a library is called, its languages and its zone are its own
// administrators'.
package libraries

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Presets gives a library the ready-made presets.
type Presets interface {
	Seed(ctx context.Context, tx *catalog.Tx, library string) error
}

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	catalog.Writer
	Libraries() catalog.Libraries
	Channels() catalog.Channels
}

// Service manages libraries. It is safe for concurrent use.
type Service struct {
	Catalog Catalog
	Presets Presets
}

// NewLibrary describes a library to make. What is empty is as in the library that the installation began with.
type NewLibrary struct {
	ID     string `json:"id" maxLength:"40" doc:"2 to 40 lower-case letters, digits and hyphens; it stands in addresses and can't be changed later"`
	Name   string `json:"name" minLength:"1" maxLength:"200"`
	Locale string `json:"locale,omitempty" maxLength:"35" doc:"Default BCP 47 locale of texts; that of the library main when left out"`
	Zone   string `json:"zone,omitempty" maxLength:"64" doc:"IANA time zone; that of the library main when left out"`
	// Administrator is the id of the first administrator; the actor if it is empty.
	Administrator string `json:"administrator,omitempty" maxLength:"64" doc:"Id of the first administrator, a person of a library that you administer; yourself when left out"`
}

// LibraryEdit holds changes of a library; nil members stay as they are.
type LibraryEdit struct {
	Name    *string            `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Locale  *string            `json:"locale,omitempty" maxLength:"35" doc:"Default BCP 47 locale of texts"`
	Locales *[]string          `json:"locales,omitempty" maxItems:"50" eachLength:"35" doc:"Further locales that texts are written in"`
	Zone    *string            `json:"zone,omitempty" maxLength:"64" doc:"IANA time zone: days of rights stay the days they are, and begin and end by its clock. A dry run says what changes in public"`
	Colors  *dam.LibraryColors `json:"colors,omitempty"`
	Logo    *string            `json:"logo,omitempty" maxLength:"64" doc:"Id of an asset of the library that is a picture; empty: none"`
	Hosts   *[]string          `json:"hosts,omitempty" maxItems:"100" eachLength:"253" doc:"Host names of product URLs; needs manage_system in the library main"`
	Quota   *int64             `json:"quota,omitempty" minimum:"0" doc:"Bytes that the files of all versions may have, assets in the bin included; 0 is no limit. Needs manage_system in the library main"`
	// ProductTerms replaces both; products keep what they have.
	ProductTerms *dam.ProductTerms `json:"product_terms,omitempty" doc:"Vocabularies that brands and categories of products are taken from from now on; products keep what they have"`
	// SetupDue can only be set to false: it may stay as it is.
	SetupDue *bool `json:"setup_due,omitempty" doc:"false: name, language and zone may stay as they are. Any other change says so, too"`
}

// installation reports whether the actor manages the installation.
func installation(p dam.Principal) bool {
	return p.CanEverywhere(dam.DefaultLibrary, dam.MayManageSystem)
}

// mayKnow returns an error unless the actor may know of a library: who is in it, or manages the installation.
func mayKnow(p dam.Principal, id string) error {
	if p.May(id) != 0 || installation(p) {
		return nil
	}
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("library", id)}
}

// needInstallation refuses who doesn't manage the installation.
func needInstallation(p dam.Principal) error {
	if installation(p) {
		return nil
	}
	return &dam.Error{Code: dam.Forbidden,
		Reason: reasons.PermissionNeededEverywhere(string(dam.MayManageSystem), dam.DefaultLibrary)}
}

// List returns the libraries that the actor is in; all of them, if the actor manages the installation.
func (s *Service) List(ctx context.Context) ([]dam.Library, error) {
	list, err := s.Catalog.Libraries().List(ctx)
	actor := dam.ActorOf(ctx)
	return slices.DeleteFunc(list, func(l dam.Library) bool { return mayKnow(actor, l.ID) != nil }), err
}

// Get returns a library. The error is dam.NotFound for one that the actor may not know of.
func (s *Service) Get(ctx context.Context, id string) (dam.Library, error) {
	if err := mayKnow(dam.ActorOf(ctx), id); err != nil {
		return dam.Library{}, err
	}
	return s.Catalog.Libraries().Library(ctx, id)
}

// Create makes a library with the ready-made presets and one administrator. The error is dam.Invalid, dam.Forbidden, or
// dam.Conflict if the id is taken.
func (s *Service) Create(ctx context.Context, n NewLibrary) (dam.Library, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Library, error) {
		if err := needInstallation(tx.Actor()); err != nil {
			return dam.Library{}, err
		}
		if err := dam.CheckLibraryID(n.ID); err != nil {
			return dam.Library{}, err
		}
		list, err := tx.Libraries().LockLibraries(ctx)
		if err != nil {
			return dam.Library{}, err
		}
		l := dam.Library{ID: n.ID, Revision: 1, Name: n.Name, Locale: n.Locale, Zone: n.Zone}
		for _, other := range list {
			if other.ID == l.ID {
				return l, &dam.Error{Code: dam.Conflict, Field: "id", Reason: reasons.LibraryExists(l.ID)}
			}
			if other.ID == dam.DefaultLibrary && l.Locale == "" {
				l.Locale = other.Locale
			}
			if other.ID == dam.DefaultLibrary && l.Zone == "" {
				l.Zone = other.Zone
			}
		}
		if err := l.Check(); err != nil {
			return l, err
		}
		if err := tx.Libraries().PutLibrary(ctx, l); err != nil {
			return l, err
		}
		if err := s.administrator(ctx, tx, l.ID, n.Administrator); err != nil {
			return l, err
		}
		tx.Emit(dam.Event{Library: l.ID, Type: dam.LibraryCreated, Subject: l.ID})
		return l, s.Presets.Seed(ctx, tx, l.ID)
	})
}

// administrator makes somebody the administrator of a new library: the actor, or a person whom the actor administers
// elsewhere.
func (s *Service) administrator(ctx context.Context, tx *catalog.Tx, library, who string) error {
	actor := tx.Actor()
	if who == "" && !actor.IsSystem() {
		who = actor.ID
	}
	if who != actor.ID {
		a, err := tx.People().Account(ctx, who)
		known := err == nil && actor.IsSystem()
		for l := range a.Grants {
			known = known || actor.CanEverywhere(l, dam.MayManagePeople)
		}
		if who == "" || dam.CodeOf(err) == dam.NotFound || err == nil && !known {
			return dam.InvalidInput("administrator", reasons.LibraryAdministratorNeeded())
		}
		if err != nil {
			return err
		}
	}
	tx.Emit(dam.Event{Library: library, Type: dam.UserUpdated, Subject: who, Data: fieldNames("role")})
	return tx.People().Join(ctx, who, library, dam.Admin)
}

// Update changes a library. The error is dam.NotFound, dam.Invalid, dam.Stale, dam.Forbidden, or dam.Conflict if it is
// archived or a host is another library's.
func (s *Service) Update(ctx context.Context, id string, ifMatch int64, e LibraryEdit) (dam.Library, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Library, error) {
		list, err := tx.Libraries().LockLibraries(ctx)
		if err != nil {
			return dam.Library{}, err
		}
		l, err := editable(tx.Actor(), list, id, ifMatch, e)
		if err != nil {
			return l, err
		}
		before := l
		e.apply(&l)
		if err := l.Check(); err != nil {
			return l, err
		}
		if err := hostsFree(list, &l); err != nil {
			return l, err
		}
		if l.Logo != before.Logo {
			if err := checkLogo(ctx, tx, &l); err != nil {
				return l, err
			}
		}
		changes := differences(&before, &l)
		if len(changes) == 0 && !before.SetupDue {
			return l, nil
		}
		l.SetupDue = false
		if err := termsThere(ctx, tx, &l); err != nil {
			return l, err
		}
		if before.Zone != l.Zone {
			if err := touchDated(ctx, tx, id); err != nil {
				return l, err
			}
		}
		tx.Emit(dam.Event{Library: id, Type: dam.LibraryUpdated, Subject: id, Data: changedFields(changes)}, changes...)
		l.Revision++
		return l, tx.Libraries().PutLibrary(ctx, l)
	})
}

// editable returns the library if the actor may make a change of it now.
func editable(p dam.Principal, list []dam.Library, id string, ifMatch int64, e LibraryEdit) (dam.Library, error) {
	l, err := find(p, list, id)
	if err != nil {
		return l, err
	}
	if l.ArchivedAt != nil {
		return l, &dam.Error{Code: dam.Conflict, Reason: reasons.LibraryArchived(id)}
	}
	if !installation(p) {
		if err := p.Need(id, dam.MayManageLibrary); err != nil {
			return l, err
		}
		if e.Hosts != nil || e.Quota != nil {
			return l, needInstallation(p)
		}
	}
	if ifMatch != 0 && ifMatch != l.Revision {
		return l, &dam.Error{Code: dam.Stale, Reason: reasons.EditedMeanwhile(l.Revision, ifMatch)}
	}
	return l, nil
}

func find(p dam.Principal, list []dam.Library, id string) (dam.Library, error) {
	at := slices.IndexFunc(list, func(l dam.Library) bool { return l.ID == id })
	if at < 0 {
		return dam.Library{}, &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("library", id)}
	}
	return list[at], mayKnow(p, id)
}

// apply puts a change into a library.
func (e LibraryEdit) apply(l *dam.Library) {
	set(&l.Name, e.Name)
	set(&l.Locale, e.Locale)
	set(&l.Locales, e.Locales)
	set(&l.Zone, e.Zone)
	set(&l.Colors, e.Colors)
	set(&l.Logo, e.Logo)
	set(&l.Hosts, e.Hosts)
	set(&l.Quota, e.Quota)
	set(&l.ProductTerms, e.ProductTerms)
}

func set[T any](at *T, v *T) {
	if v != nil {
		*at = *v
	}
}

// differences lists what of a library has changed.
func differences(before, after *dam.Library) []dam.Change {
	list := []dam.Change{
		{Field: "name", Before: before.Name, After: after.Name},
		{Field: "locale", Before: before.Locale, After: after.Locale},
		{Field: "locales", Before: before.Locales, After: after.Locales},
		{Field: "zone", Before: before.Zone, After: after.Zone},
		{Field: "colors", Before: before.Colors, After: after.Colors},
		{Field: "logo", Before: before.Logo, After: after.Logo},
		{Field: "hosts", Before: before.Hosts, After: after.Hosts},
		{Field: "quota", Before: before.Quota, After: after.Quota},
		{Field: "product_terms", Before: before.ProductTerms, After: after.ProductTerms},
	}
	return slices.DeleteFunc(list, func(c dam.Change) bool { return reflect.DeepEqual(c.Before, c.After) })
}

// termsThere refuses vocabularies of brands and categories that the library doesn't have. They stay until the commit.
func termsThere(ctx context.Context, tx *catalog.Tx, l *dam.Library) error {
	in := tx.Libraries().Vocabularies()
	for field, id := range map[string]string{"brand": l.ProductTerms.Brand, "category": l.ProductTerms.Category} {
		if id == "" {
			continue
		}
		if err := in.KeepVocabulary(ctx, id); err != nil {
			return err
		}
		_, err := in.Vocabulary(ctx, l.ID, id)
		if dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput("product_terms."+field, reasons.NotFound("vocabulary", id))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hostsFree refuses a host that another library has.
func hostsFree(list []dam.Library, l *dam.Library) error {
	for _, other := range list {
		for _, host := range l.Hosts {
			if other.ID != l.ID && slices.Contains(other.Hosts, host) {
				return &dam.Error{Code: dam.Conflict, Field: "hosts", Reason: reasons.HostTaken(host)}
			}
		}
	}
	return nil
}

// checkLogo refuses a logo that isn't a picture of the library which the actor sees.
func checkLogo(ctx context.Context, tx *catalog.Tx, l *dam.Library) error {
	if l.Logo == "" {
		return nil
	}
	a, err := tx.Assets().Asset(ctx, l.ID, l.Logo)
	if err != nil && dam.CodeOf(err) != dam.NotFound {
		return err
	}
	if err != nil || a.DeletedAt != nil || !tx.Actor().Sees(&a) {
		return dam.InvalidInput("logo", reasons.NoAssetOfField(l.Logo))
	}
	if a.Kind != dam.KindImage {
		return dam.InvalidInput("logo", reasons.LogoNotPicture(l.Logo))
	}
	return nil
}

func changedFields(changes []dam.Change) json.RawMessage {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Field
	}
	slices.Sort(names)
	return fieldNames(names...)
}

// fieldNames returns the event data that names the changed fields.
func fieldNames(names ...string) json.RawMessage {
	raw, err := json.Marshal(map[string][]string{"fields": names})
	if err != nil {
		panic(err) // strings only
	}
	return raw
}
