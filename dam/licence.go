package dam

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// RecordKind is what a record about the rights of assets is.
type RecordKind string

const (
	LicenceRecord RecordKind = "licence"
	ConsentRecord RecordKind = "consent"
)

// Record is what licences and consents have in common.
type Record struct {
	ID       string `json:"id"`
	Library  string `json:"library"`
	Revision int64  `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	// Number is the number that people know it by.
	Number string `json:"number,omitempty" doc:"The number that people know it by"`
	Terms  Terms  `json:"terms" doc:"What it allows"`
	Remark string `json:"note,omitempty"`
	Assets int    `json:"assets" doc:"How many assets it is linked to"`
	// Inherited counts those that it binds because they derive from these.
	Inherited int `json:"inherited,omitempty" doc:"How many more it binds because they derive from these"`
	// Applying is how many linked assets still have the limits of before a change: a job brings them in line.
	Applying   int        `json:"applying,omitempty" doc:"To how many of them a job has yet to apply the last change"`
	ArchivedAt *time.Time `json:"archived_at,omitempty" doc:"Since then it can't be linked to more assets; those that it has stay limited by it"`
	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

// Licence is what a licensor allows about the assets that it is linked to.
type Licence struct {
	Record
	Licensor  string `json:"licensor" doc:"Who gives it"`
	File      string `json:"file,omitempty" doc:"Id of the asset that is the contract"`
	Exclusive bool   `json:"exclusive" doc:"Nobody else has it"`
	Cost      *Price `json:"cost,omitempty"`
}

// Consent is what a person who is shown, or owns what is shown, allows about the assets that it is linked to.
type Consent struct {
	Record
	Person      string     `json:"person" doc:"Who gives it; empty once their data was erased"`
	Scope       string     `json:"scope,omitempty" doc:"What for, in words"`
	Release     string     `json:"release,omitempty" doc:"Id of the asset that is the signed release"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty" doc:"Since then no asset that it is linked to is shown; this can't be taken back"`
	WithdrawnBy string     `json:"withdrawn_by,omitempty" doc:"Who entered it"`
}

// RecordRef is a record as the page of an asset shows it.
type RecordRef struct {
	ID     string     `json:"id"`
	Kind   RecordKind `json:"kind" enum:"licence,consent"`
	Name   string     `json:"name,omitempty" doc:"The licensor or the person; absent for who may not know"`
	Number string     `json:"number,omitempty"`
	Terms  Terms      `json:"terms"`
	// Withdrawn is set on a consent that was taken back.
	Withdrawn bool `json:"withdrawn,omitempty"`
	Archived  bool `json:"archived,omitempty"`
	// Inherited records are linked to what the asset derives from. From is one of these, and how its file is called.
	Inherited bool   `json:"inherited,omitempty" doc:"It isn't linked to the asset, but to what this derives from"`
	From      string `json:"from,omitempty" doc:"Id of the asset that it is inherited from; absent for who may not see that"`
	FromFile  string `json:"from_file,omitempty" doc:"How the file of that asset is called"`
}

// AssetRights is what an asset may be shown by, and where each limit comes from.
type AssetRights struct {
	Own     Rights      `json:"own" doc:"As people entered them on the asset"`
	Records []RecordRef `json:"records" nullable:"false" doc:"Licences and consents that limit it further"`
	Limits  *Limits     `json:"limits,omitempty" doc:"What these allow together; absent without any"`
	Allowed Rights      `json:"allowed" doc:"Window and territories that are left of all"`
}

// RightsImpact is what a change of licences or consents touches. Lists have the first entries of what the asker sees;
// their counts have all.
type RightsImpact struct {
	Assets       int                   `json:"assets" doc:"Assets that it concerns"`
	Narrower     int                   `json:"narrower" doc:"Assets of which less is allowed than before"`
	Wider        int                   `json:"wider" doc:"Assets of which more is allowed than before"`
	Hidden       []string              `json:"hidden" nullable:"false" doc:"Ids of assets that the public sees now and would not see any more"`
	HiddenCount  int                   `json:"hidden_count"`
	Publications []ImpactedPublication `json:"publications" nullable:"false" doc:"What is planned or out and would be refused or taken back"`
	Published    int                   `json:"publications_count"`
	Slots        []ImpactedSlot        `json:"slots" nullable:"false" doc:"Slots of products whose asset the public would not see any more"`
	SlotsCount   int                   `json:"slots_count"`
}

// RightsShift is what a change of relations or links changes in what binds assets: ids of records, by asset.
type RightsShift struct{ Added, Gone map[string][]string }

// Assets returns which ones it concerns, in the order of their ids.
func (s RightsShift) Assets() []string {
	all := map[string]bool{}
	for _, of := range []map[string][]string{s.Added, s.Gone} {
		for id := range of {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Records returns which ones it concerns, in the order of their ids.
func (s RightsShift) Records() (out []string) {
	for _, of := range []map[string][]string{s.Added, s.Gone} {
		for _, ids := range of {
			out = append(out, ids...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ImpactedPublication is a publication that a change of rights would end or refuse.
type ImpactedPublication struct {
	ID      string           `json:"id"`
	Asset   string           `json:"asset"`
	Channel string           `json:"channel"`
	State   PublicationState `json:"state"`
	At      time.Time        `json:"at" doc:"When it is due, or was sent"`
}

// ImpactedSlot is a slot of a product whose asset a change of rights would hide.
type ImpactedSlot struct {
	SKU   string `json:"sku"`
	Slot  string `json:"slot"`
	N     int    `json:"n"`
	Asset string `json:"asset"`
}

// Requirements are the records without which a library approves nothing.
type Requirements struct {
	Licence bool `json:"licence" doc:"Every asset needs a licence"`
	Consent bool `json:"consent" doc:"An asset that shows people, which is one with a protected zone of a face, needs a consent"`
}

// ShowsPeople reports whether somebody marked a face in the asset.
func (a *Asset) ShowsPeople() bool {
	for _, z := range a.Zones {
		if z.Kind == ZoneFace {
			return true
		}
	}
	return false
}

// Check returns an error if an asset lacks a record that is required to approve it.
func (r Requirements) Check(a *Asset) error {
	l := a.Limits
	if l == nil {
		l = &Limits{}
	}
	switch {
	case r.Licence && l.Licences == 0:
		return &Error{Code: Conflict, Field: "licences", Reason: reasons.ApprovalNeedsLicence()}
	case r.Consent && a.ShowsPeople() && l.Consents == 0:
		return &Error{Code: Conflict, Field: "consents", Reason: reasons.ApprovalNeedsConsent()}
	case r.Consent && a.ShowsPeople() && l.Withdrawn:
		return &Error{Code: Conflict, Field: "consents", Reason: reasons.ConsentWithdrawn()}
	}
	return nil
}

// CheckCost checks the form of what a licence costs.
func CheckCost(p *Price) error {
	if p == nil {
		return nil
	}
	err := p.Validate()
	var e *Error
	if errors.As(err, &e) {
		e.Field = "cost" + strings.TrimPrefix(e.Field, "price")
	}
	return err
}
