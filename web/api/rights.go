package api

import (
	"context"

	"vitrine/dam"
	"vitrine/dam/rights"
)

// Rights is the part of rights.Service that has addresses.
type Rights interface {
	Licences(ctx context.Context, library string, p rights.Page) ([]dam.Licence, string, error)
	Licence(ctx context.Context, library, id string) (dam.Licence, error)
	CreateLicence(ctx context.Context, library string, e rights.LicenceEdit) (dam.Licence, error)
	ChangeLicence(ctx context.Context, library, id string, ifMatch int64, e rights.LicenceEdit,
		dry bool) (rights.Changed[dam.Licence], error)
	Consents(ctx context.Context, library string, p rights.Page) ([]dam.Consent, string, error)
	Consent(ctx context.Context, library, id string) (dam.Consent, error)
	CreateConsent(ctx context.Context, library string, e rights.ConsentEdit) (dam.Consent, error)
	ChangeConsent(ctx context.Context, library, id string, ifMatch int64, e rights.ConsentEdit,
		dry bool) (rights.Changed[dam.Consent], error)
	Withdraw(ctx context.Context, library, id string, ifMatch int64, dry bool) (rights.Changed[dam.Consent], error)
	Link(ctx context.Context, library string, kind dam.RecordKind, id string, f dam.BulkFilter,
		in bool) (rights.Linked, error)
	WouldLink(ctx context.Context, library string, kind dam.RecordKind, id string, f dam.BulkFilter,
		in bool) (rights.Linked, error)
	Covered(ctx context.Context, library string, kind dam.RecordKind, id, after string,
		limit int) ([]string, string, error)
	Import(ctx context.Context, library string, rows []rights.LicenceRow, dry bool) (rights.RecordsImported, error)
	ImportConsents(ctx context.Context, library string, rows []rights.ConsentRow, dry bool) (rights.RecordsImported,
		error)
	Requirements(ctx context.Context, library string) (dam.Requirements, error)
	SetRequirements(ctx context.Context, library string, r dam.Requirements) (dam.Requirements, error)
	OfAsset(ctx context.Context, library, asset string) (dam.AssetRights, error)
}

type recordsIn struct {
	Q        string `query:"q" maxLength:"200" doc:"Parts of the name or the number"`
	Archived bool   `query:"archived" doc:"Those that are archived instead"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After    string `query:"after" maxLength:"64" doc:"next of the page before"`
}

func (in recordsIn) page() rights.Page {
	return rights.Page{Q: in.Q, Archived: in.Archived, Limit: in.Limit, After: in.After}
}

// pageOut is a page of a list.
type pageOut[T any] struct {
	Body struct {
		Items []T    `json:"items" nullable:"false"`
		Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

func pageOf[T any](list []T, next string, err error) (*pageOut[T], error) {
	if err != nil {
		return nil, err
	}
	out := &pageOut[T]{}
	out.Body.Items, out.Body.Next = list, next
	return out, nil
}

func (s *API) listLicences(ctx context.Context, in *recordsIn) (*pageOut[dam.Licence], error) {
	return pageOf(s.Rights.Licences(ctx, requestOf(ctx).library, in.page()))
}

func (s *API) listConsents(ctx context.Context, in *recordsIn) (*pageOut[dam.Consent], error) {
	return pageOf(s.Rights.Consents(ctx, requestOf(ctx).library, in.page()))
}

func licenceAnswer(x dam.Licence, err error) (*tagged[dam.Licence], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Licence]{etag(x.Revision), x}, nil
}

func consentAnswer(x dam.Consent, err error) (*tagged[dam.Consent], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[dam.Consent]{etag(x.Revision), x}, nil
}

func (s *API) getLicence(ctx context.Context, in *ByID) (*tagged[dam.Licence], error) {
	return licenceAnswer(s.Rights.Licence(ctx, requestOf(ctx).library, in.ID))
}

func (s *API) getConsent(ctx context.Context, in *ByID) (*tagged[dam.Consent], error) {
	return consentAnswer(s.Rights.Consent(ctx, requestOf(ctx).library, in.ID))
}

type createLicenceIn struct{ Body rights.LicenceEdit }

func (s *API) createLicence(ctx context.Context, in *createLicenceIn) (*tagged[dam.Licence], error) {
	return licenceAnswer(s.Rights.CreateLicence(ctx, requestOf(ctx).library, in.Body))
}

type createConsentIn struct{ Body rights.ConsentEdit }

func (s *API) createConsent(ctx context.Context, in *createConsentIn) (*tagged[dam.Consent], error) {
	return consentAnswer(s.Rights.CreateConsent(ctx, requestOf(ctx).library, in.Body))
}

// Impacted is what a dry run answers with beside the record.
type Impacted struct {
	Impact *dam.RightsImpact `json:"impact,omitempty" doc:"Of a dry run: what it would touch"`
}

// ChangedLicence is a licence after a change, or as a dry run would leave it.
type ChangedLicence struct {
	dam.Licence
	Impacted
}

// ChangedConsent is a consent after a change, or as a dry run would leave it.
type ChangedConsent struct {
	dam.Consent
	Impacted
}

type changeLicenceIn struct {
	Edit
	Body struct {
		rights.LicenceEdit
		DryRun bool `json:"dry_run,omitempty" doc:"Change nothing: answer with what it would touch"`
	}
}

func (s *API) changeLicence(ctx context.Context, in *changeLicenceIn) (*tagged[ChangedLicence], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	x, err := s.Rights.ChangeLicence(ctx, requestOf(ctx).library, in.ID, rev, in.Body.LicenceEdit, in.Body.DryRun)
	if err != nil {
		return nil, err
	}
	return &tagged[ChangedLicence]{etag(x.Record.Revision), ChangedLicence{x.Record, Impacted{x.Impact}}}, nil
}

type changeConsentIn struct {
	Edit
	Body struct {
		rights.ConsentEdit
		DryRun bool `json:"dry_run,omitempty" doc:"Change nothing: answer with what it would touch"`
	}
}

func changedConsent(x rights.Changed[dam.Consent], err error) (*tagged[ChangedConsent], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[ChangedConsent]{etag(x.Record.Revision), ChangedConsent{x.Record, Impacted{x.Impact}}}, nil
}

func (s *API) changeConsent(ctx context.Context, in *changeConsentIn) (*tagged[ChangedConsent], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return changedConsent(s.Rights.ChangeConsent(ctx, requestOf(ctx).library, in.ID, rev, in.Body.ConsentEdit,
		in.Body.DryRun))
}

type withdrawIn struct {
	Edit
	Body struct {
		DryRun bool `json:"dry_run,omitempty" doc:"Change nothing: answer with what it would touch"`
	}
}

func (s *API) withdrawConsent(ctx context.Context, in *withdrawIn) (*tagged[ChangedConsent], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return changedConsent(s.Rights.Withdraw(ctx, requestOf(ctx).library, in.ID, rev, in.Body.DryRun))
}

type linkIn struct {
	ByID
	Body struct {
		Filter dam.BulkFilter `json:"filter" doc:"Assets by id, or what a search finds; at most 10,000 are linked and 500 unlinked in one step"`
		DryRun bool           `json:"dry_run,omitempty" doc:"Change nothing: answer with what it would touch"`
	}
}

// link links a licence or a consent to assets, or takes it from them.
func (s *API) link(kind dam.RecordKind, in bool) func(context.Context, *linkIn) (*body[rights.Linked], error) {
	return func(ctx context.Context, i *linkIn) (*body[rights.Linked], error) {
		do := s.Rights.Link
		if i.Body.DryRun {
			do = s.Rights.WouldLink
		}
		x, err := do(ctx, requestOf(ctx).library, kind, i.ID, i.Body.Filter, in)
		if err != nil {
			return nil, err
		}
		return &body[rights.Linked]{x}, nil
	}
}

type coveredIn struct {
	ByID
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	After string `query:"after" maxLength:"64" doc:"next of the page before"`
}

// covered lists what a licence or a consent is linked to.
func (s *API) covered(kind dam.RecordKind) func(context.Context, *coveredIn) (*pageOut[string], error) {
	return func(ctx context.Context, in *coveredIn) (*pageOut[string], error) {
		return pageOf(s.Rights.Covered(ctx, requestOf(ctx).library, kind, in.ID, in.After, in.Limit))
	}
}

type importLicencesIn struct {
	Body struct {
		Rows   []rights.LicenceRow `json:"rows" minItems:"1" maxItems:"200" nullable:"false"`
		DryRun bool                `json:"dry_run,omitempty" doc:"Change nothing: answer with what would be done"`
	}
}

func (s *API) importLicences(ctx context.Context, in *importLicencesIn) (*body[rights.RecordsImported], error) {
	x, err := s.Rights.Import(ctx, requestOf(ctx).library, in.Body.Rows, in.Body.DryRun)
	if err != nil {
		return nil, err
	}
	return &body[rights.RecordsImported]{x}, nil
}

type importConsentsIn struct {
	Body struct {
		Rows   []rights.ConsentRow `json:"rows" minItems:"1" maxItems:"200" nullable:"false"`
		DryRun bool                `json:"dry_run,omitempty" doc:"Change nothing: answer with what would be done"`
	}
}

func (s *API) importConsents(ctx context.Context, in *importConsentsIn) (*body[rights.RecordsImported], error) {
	x, err := s.Rights.ImportConsents(ctx, requestOf(ctx).library, in.Body.Rows, in.Body.DryRun)
	if err != nil {
		return nil, err
	}
	return &body[rights.RecordsImported]{x}, nil
}

func (s *API) getRequirements(ctx context.Context, _ *nothing) (*body[dam.Requirements], error) {
	r, err := s.Rights.Requirements(ctx, requestOf(ctx).library)
	return &body[dam.Requirements]{r}, err
}

type putRequirementsIn struct{ Body dam.Requirements }

func (s *API) putRequirements(ctx context.Context, in *putRequirementsIn) (*body[dam.Requirements], error) {
	r, err := s.Rights.SetRequirements(ctx, requestOf(ctx).library, in.Body)
	return &body[dam.Requirements]{r}, err
}

func (s *API) assetRights(ctx context.Context, in *ByID) (*body[dam.AssetRights], error) {
	r, err := s.Rights.OfAsset(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[dam.AssetRights]{r}, nil
}
