// Package rights keeps licences and consents, and links them to assets.
//
// What an asset's records allow together is kept on the asset (dam.Limits), so that the one decision on what the public
// sees (dam.VisibilityAt) reads one row. Every change of a record or of its links renews it: for a few assets in the
// same transaction, for many as a job, which goes by the revision that each link was applied at.
package rights

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Channels() catalog.Channels
	Libraries() catalog.Libraries
	Log() catalog.Log
	Products() catalog.Products
}

// Finder hands over what a filter finds (see savedsearch.Service.Each).
type Finder interface {
	Each(ctx context.Context, library string, s dam.Selection, begin func(total int, seq int64) error,
		block func(ids []string) error) error
}

// Jobs enqueues.
type Jobs interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Service changes licences and consents. Every method works inside one library.
type Service struct {
	Catalog Catalog
	Find    Finder
	Jobs    Jobs
}

// TermsEdit is a change of what a record allows; what it leaves out stays.
type TermsEdit struct {
	From        *dam.Moment   `json:"from,omitempty" maxLength:"16" doc:"First day, or the minute from which on; empty: no limit"`
	Until       *dam.Moment   `json:"until,omitempty" maxLength:"16" doc:"Last day, or the minute at which it ends; empty: no limit"`
	Territories *[]string     `json:"territories,omitempty" maxItems:"300" eachLength:"2" doc:"ISO 3166-1 alpha-2 codes; none means everywhere"`
	Media       *[]dam.Medium `json:"media,omitempty" maxItems:"20" eachLength:"20" doc:"web, store, social, screen, print, email, ads, other; none means all"`
	Channels    *[]string     `json:"channels,omitempty" maxItems:"200" eachLength:"64" doc:"Ids of channels, and public for the public addresses; none means all"`
}

// RecordEdit is a change of what licences and consents have in common; what it leaves out stays.
type RecordEdit struct {
	Number   *string    `json:"number,omitempty" maxLength:"100" doc:"The number that people know it by; no two have the same"`
	Terms    *TermsEdit `json:"terms,omitempty"`
	Remark   *string    `json:"note,omitempty" maxLength:"4000"`
	Archived *bool      `json:"archived,omitempty" doc:"Whether it is out of use: linked to no more assets, and not listed"`
}

// LicenceEdit is a new licence, or a change of one; what it leaves out stays.
type LicenceEdit struct {
	RecordEdit
	Licensor  *string    `json:"licensor,omitempty" maxLength:"200" doc:"Who gives it; needed for a new one"`
	File      *string    `json:"file,omitempty" maxLength:"64" doc:"Id of the asset that is the contract; empty: none"`
	Exclusive *bool      `json:"exclusive,omitempty"`
	Cost      *dam.Price `json:"cost,omitempty" doc:"An empty amount: none"`
}

// ConsentEdit is a new consent, or a change of one; what it leaves out stays.
type ConsentEdit struct {
	RecordEdit
	Person  *string `json:"person,omitempty" maxLength:"200" doc:"Who gives it; needed for a new one"`
	Scope   *string `json:"scope,omitempty" maxLength:"1000" doc:"What for, in words"`
	Release *string `json:"release,omitempty" maxLength:"64" doc:"Id of the asset that is the signed release; empty: none"`
}

// maxName is how long the name of a licensor or a person may be.
const maxName = 200

type licenceDetails struct {
	File      string     `json:"file,omitempty"`
	Exclusive bool       `json:"exclusive,omitempty"`
	Cost      *dam.Price `json:"cost,omitempty"`
}

type consentDetails struct {
	Scope   string `json:"scope,omitempty"`
	Release string `json:"release,omitempty"`
}

func licence(x catalog.RightsRow) (dam.Licence, error) {
	var d licenceDetails
	err := json.Unmarshal(x.Details, &d)
	return dam.Licence{Record: x.Record, Licensor: x.Name, File: d.File, Exclusive: d.Exclusive, Cost: d.Cost}, err
}

func consent(x catalog.RightsRow) (dam.Consent, error) {
	var d consentDetails
	err := json.Unmarshal(x.Details, &d)
	return dam.Consent{Record: x.Record, Person: x.Name, Scope: d.Scope, Release: d.Release,
		WithdrawnAt: x.WithdrawnAt, WithdrawnBy: x.WithdrawnBy}, err
}

// apply changes a row; what is known of other rows is checked by check.
func (e LicenceEdit) apply(x *catalog.RightsRow) error {
	var d licenceDetails
	if err := json.Unmarshal(x.Details, &d); err != nil {
		return err
	}
	set(&d.File, e.File)
	set(&d.Exclusive, e.Exclusive)
	if e.Cost != nil {
		if d.Cost = e.Cost; e.Cost.Amount == "" {
			d.Cost = nil
		}
		if err := dam.CheckCost(d.Cost); err != nil {
			return err
		}
	}
	return e.RecordEdit.apply(x, e.Licensor, d)
}

func (e ConsentEdit) apply(x *catalog.RightsRow) error {
	var d consentDetails
	if err := json.Unmarshal(x.Details, &d); err != nil {
		return err
	}
	set(&d.Scope, e.Scope)
	set(&d.Release, e.Release)
	return e.RecordEdit.apply(x, e.Person, d)
}

func (e RecordEdit) apply(x *catalog.RightsRow, name *string, details any) (err error) {
	if x.Details, err = json.Marshal(details); err != nil {
		return err
	}
	set(&x.Name, name)
	set(&x.Number, e.Number)
	set(&x.Remark, e.Remark)
	if e.Archived != nil && *e.Archived != (x.ArchivedAt != nil) {
		if x.ArchivedAt = nil; *e.Archived {
			now := time.Now().UTC()
			x.ArchivedAt = &now
		}
	}
	x.Name, x.Number = canon.Name(x.Name), canon.Name(x.Number)
	if n := len([]rune(x.Name)); n == 0 && x.WithdrawnAt == nil || n > maxName {
		field := map[dam.RecordKind]string{dam.LicenceRecord: "licensor", dam.ConsentRecord: "person"}[x.Kind]
		return dam.InvalidInput(field, reasons.RightsNameLength(maxName))
	}
	if err := dam.CheckLine("number", x.Number); err != nil {
		return err
	}
	if t := e.Terms; t != nil {
		set(&x.Terms.From, t.From)
		set(&x.Terms.Until, t.Until)
		set(&x.Terms.Territories, t.Territories)
		set(&x.Terms.Media, t.Media)
		set(&x.Terms.Channels, t.Channels)
	}
	x.Terms.Territories = distinct(x.Terms.Territories)
	x.Terms.Media, x.Terms.Channels = distinct(x.Terms.Media), distinct(x.Terms.Channels)
	whole := dam.Rights{From: x.Terms.From, Until: x.Terms.Until}.Whole()
	x.Terms.From, x.Terms.Until = whole.From, whole.Until
	return x.Terms.Validate()
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// distinct returns a list sorted and without repetitions.
func distinct[T ~string](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }

// Page is a page of licences or consents.
type Page = catalog.RightsPage

// list returns a page, and the cursor of the next one.
func list[T any](ctx context.Context, s *Service, library string, kind dam.RecordKind, p Page,
	of func(catalog.RightsRow) (T, error)) ([]T, string, error) {
	limit := p.Limit
	p.Limit++
	rows, err := s.Catalog.Assets().Rights().List(ctx, library, kind, p)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	out := make([]T, len(rows))
	for i, x := range rows {
		if out[i], err = of(x); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// Licences returns a page of a library's licences, newest first, and the cursor of the next one.
func (s *Service) Licences(ctx context.Context, library string, p Page) ([]dam.Licence, string, error) {
	return list(ctx, s, library, dam.LicenceRecord, p, licence)
}

// Consents is Licences for consents.
func (s *Service) Consents(ctx context.Context, library string, p Page) ([]dam.Consent, string, error) {
	return list(ctx, s, library, dam.ConsentRecord, p, consent)
}

// Licence returns a licence.
func (s *Service) Licence(ctx context.Context, library, id string) (dam.Licence, error) {
	x, err := s.Catalog.Assets().Rights().Record(ctx, library, dam.LicenceRecord, id)
	if err != nil {
		return dam.Licence{}, err
	}
	return licence(x)
}

// Consent returns a consent.
func (s *Service) Consent(ctx context.Context, library, id string) (dam.Consent, error) {
	x, err := s.Catalog.Assets().Rights().Record(ctx, library, dam.ConsentRecord, id)
	if err != nil {
		return dam.Consent{}, err
	}
	return consent(x)
}

// CreateLicence makes a licence.
func (s *Service) CreateLicence(ctx context.Context, library string, e LicenceEdit) (dam.Licence, error) {
	x, err := s.create(ctx, library, dam.LicenceRecord, e.apply)
	if err != nil {
		return dam.Licence{}, err
	}
	return licence(x)
}

// CreateConsent makes a consent.
func (s *Service) CreateConsent(ctx context.Context, library string, e ConsentEdit) (dam.Consent, error) {
	x, err := s.create(ctx, library, dam.ConsentRecord, e.apply)
	if err != nil {
		return dam.Consent{}, err
	}
	return consent(x)
}

func (s *Service) create(ctx context.Context, library string, kind dam.RecordKind,
	edit func(*catalog.RightsRow) error) (catalog.RightsRow, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (catalog.RightsRow, error) {
		return s.createIn(ctx, tx, library, kind, edit)
	})
}

func (s *Service) createIn(ctx context.Context, tx *catalog.Tx, library string, kind dam.RecordKind,
	edit func(*catalog.RightsRow) error) (catalog.RightsRow, error) {
	was := catalog.RightsRow{Kind: kind, Details: json.RawMessage(`{}`)}
	was.ID, was.Library = dam.NewID(prefixes[kind]), library
	x := was
	if err := edit(&x); err != nil {
		return x, err
	}
	if err := check(ctx, tx, &was, &x); err != nil {
		return x, err
	}
	tx.Emit(dam.Event{Type: created[kind], Library: library, Subject: x.ID})
	return x, tx.Assets().Rights().Insert(ctx, &x)
}

var (
	prefixes = map[dam.RecordKind]string{dam.LicenceRecord: dam.LicencePrefix, dam.ConsentRecord: dam.ConsentPrefix}
	created  = map[dam.RecordKind]dam.EventType{dam.LicenceRecord: dam.LicenceCreated,
		dam.ConsentRecord: dam.ConsentCreated}
	updated = map[dam.RecordKind]dam.EventType{dam.LicenceRecord: dam.LicenceUpdated,
		dam.ConsentRecord: dam.ConsentUpdated}
)

// check refuses a row that now names what the library hasn't got, or has a number that is taken. What it named before
// may be gone since: that is in the way of no other change.
func check(ctx context.Context, tx *catalog.Tx, was, x *catalog.RightsRow) error {
	if x.Number != was.Number && x.Number != "" {
		// It is looked up under the lock of the library, so that two people can't give it at once.
		if err := tx.Libraries().LockFields(ctx, x.Library); err != nil {
			return err
		}
		other, err := tx.Assets().Rights().Numbered(ctx, x.Library, x.Kind, x.Number)
		if err != nil {
			return err
		}
		if other != "" && other != x.ID {
			return &dam.Error{Code: dam.Conflict, Field: "number", Reason: reasons.RightsNumberTaken(x.Number, other)}
		}
	}
	for _, id := range x.Terms.Channels {
		if id == dam.PublicChannel || slices.Contains(was.Terms.Channels, id) {
			continue
		}
		if _, err := tx.Channels().Channel(ctx, x.Library, id); dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput("terms.channels", reasons.NoChannel(id))
		} else if err != nil {
			return err
		}
	}
	var before, d struct{ File, Release string }
	if err := errors.Join(json.Unmarshal(was.Details, &before), json.Unmarshal(x.Details, &d)); err != nil {
		return err
	}
	for _, f := range []struct{ name, was, is string }{{"file", before.File, d.File},
		{"release", before.Release, d.Release}} {
		if f.is == "" || f.is == f.was {
			continue
		}
		if _, err := tx.Assets().Asset(ctx, x.Library, f.is); dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput(f.name, reasons.NoSuccessorAsset(f.is))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// Requirements returns the records that a library requires to approve an asset.
func (s *Service) Requirements(ctx context.Context, library string) (dam.Requirements, error) {
	return s.Catalog.Assets().Rights().Requirements(ctx, library)
}

// SetRequirements changes which records a library requires. What is approved stays so.
func (s *Service) SetRequirements(ctx context.Context, library string, r dam.Requirements) (dam.Requirements, error) {
	return r, s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		tx.Emit(dam.Event{Type: dam.RightsRequired, Library: library, Subject: library})
		return tx.Assets().Rights().SetRequirements(ctx, library, r)
	})
}

// OfAsset returns what an asset may be shown by. Who may not edit rights is not told who the licensors and people are.
func (s *Service) OfAsset(ctx context.Context, library, asset string) (dam.AssetRights, error) {
	a, err := s.Catalog.Assets().Asset(ctx, library, asset)
	if err != nil {
		return dam.AssetRights{}, err
	}
	rows, err := s.Catalog.Assets().Rights().Of(ctx, []string{a.ID})
	if err != nil {
		return dam.AssetRights{}, err
	}
	out := dam.AssetRights{Own: a.Rights, Records: []dam.RecordRef{}, Limits: a.Limits, Allowed: a.Effective()}
	named := catalog.ActorOf(ctx).NeedOn(&a, dam.MayEditRights) == nil
	sources, err := s.sourcesOf(ctx, a.ID, rows[a.ID])
	if err != nil {
		return dam.AssetRights{}, err
	}
	list, err := s.Catalog.Assets().List(ctx, distinct(slices.Concat(slices.Collect(maps.Values(sources))...)))
	if err != nil {
		return dam.AssetRights{}, err
	}
	files := map[string]string{}
	for _, x := range catalog.Visible(ctx, list) {
		files[x.ID] = x.Latest.FileName
	}
	for _, x := range rows[a.ID] {
		ref := dam.RecordRef{ID: x.ID, Kind: x.Kind, Terms: x.Terms, Withdrawn: x.WithdrawnAt != nil,
			Archived: x.ArchivedAt != nil, Inherited: x.Inherits}
		if named {
			ref.Name, ref.Number = x.Name, x.Number
		}
		if x.Inherits {
			at := slices.IndexFunc(sources[x.ID], func(id string) bool { _, seen := files[id]; return seen })
			if at >= 0 {
				ref.From = sources[x.ID][at]
				ref.FromFile = files[ref.From]
			}
		}
		out.Records = append(out.Records, ref)
	}
	return out, nil
}
