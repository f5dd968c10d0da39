package rights

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// Changed is a record after a change, or, of a dry run, what the change would touch.
type Changed[T any] struct {
	Record T
	Impact *dam.RightsImpact
}

// ChangeLicence edits a licence; ifMatch is the revision the caller has seen, 0 for any. A dry run changes nothing and
// says what it would touch.
func (s *Service) ChangeLicence(ctx context.Context, library, id string, ifMatch int64, e LicenceEdit,
	dry bool) (Changed[dam.Licence], error) {
	return outcome(licence)(s.change(ctx, address{library, dam.LicenceRecord, id, ifMatch}, e.apply, dry))
}

// ChangeConsent is ChangeLicence for a consent.
func (s *Service) ChangeConsent(ctx context.Context, library, id string, ifMatch int64, e ConsentEdit,
	dry bool) (Changed[dam.Consent], error) {
	return outcome(consent)(s.change(ctx, address{library, dam.ConsentRecord, id, ifMatch}, e.apply, dry))
}

// Withdraw notes that a person took their consent back: no asset that it is linked to is shown any more. It can't be
// undone.
func (s *Service) Withdraw(ctx context.Context, library, id string, ifMatch int64, dry bool) (Changed[dam.Consent],
	error) {
	now := time.Now().UTC()
	withdraw := func(x *catalog.RightsRow) error {
		if x.WithdrawnAt != nil {
			return &dam.Error{Code: dam.Conflict, Reason: reasons.ConsentIsWithdrawn()}
		}
		x.WithdrawnAt, x.WithdrawnBy = &now, catalog.ActorOf(ctx).ID
		return nil
	}
	return outcome(consent)(s.change(ctx, address{library, dam.ConsentRecord, id, ifMatch}, withdraw, dry))
}

// address says which record is changed, and in which state the caller has seen it.
type address struct {
	library string
	kind    dam.RecordKind
	id      string
	ifMatch int64
}

// outcome turns what change returned into a noun.
func outcome[T any](of func(catalog.RightsRow) (T, error)) func(catalog.RightsRow, *dam.RightsImpact,
	error) (Changed[T], error) {
	return func(x catalog.RightsRow, impact *dam.RightsImpact, err error) (Changed[T], error) {
		if err != nil {
			return Changed[T]{}, err
		}
		t, err := of(x)
		return Changed[T]{t, impact}, err
	}
}

// errDry ends the transaction of a dry run.
var errDry = errors.New("a dry run changes nothing")

func (s *Service) change(ctx context.Context, at address, edit func(*catalog.RightsRow) error,
	dry bool) (catalog.RightsRow, *dam.RightsImpact, error) {
	var would catalog.RightsRow
	x, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (catalog.RightsRow, error) {
		x, err := hold(ctx, tx, at.library, at.kind, at.id)
		if err != nil {
			return x, err
		}
		if at.ifMatch != 0 && at.ifMatch != x.Revision {
			return x, &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.RightsRecordChanged()}
		}
		if dry {
			would = x
			if err := edit(&would); err != nil {
				return x, err
			}
			return x, cmp.Or(check(ctx, tx, &x, &would), errDry)
		}
		_, err = s.changeIn(ctx, tx, &x, edit)
		return x, err
	})
	if !errors.Is(err, errDry) {
		return x, nil, err
	}
	impact, err := s.impactOf(ctx, &would)
	return would, impact, err
}

// changeIn edits a record that is held, and reports whether that changed anything.
func (s *Service) changeIn(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow,
	edit func(*catalog.RightsRow) error) (bool, error) {
	was := *x
	if err := edit(x); err != nil {
		return false, err
	}
	if err := check(ctx, tx, &was, x); err != nil {
		return false, err
	}
	fields := fieldsOf(&was, x)
	if len(fields) == 0 {
		return false, nil
	}
	event := updated[x.Kind]
	if x.WithdrawnAt != nil && was.WithdrawnAt == nil {
		event = dam.ConsentWithdrawnEvent
	}
	tx.Emit(dam.Event{Type: event, Library: x.Library, Subject: x.ID, Data: fieldData(fields)})
	again := !reflect.DeepEqual(was.Terms, x.Terms) || event == dam.ConsentWithdrawnEvent
	if err := tx.Assets().Rights().Update(ctx, x, again); err != nil || !again {
		return true, err
	}
	return true, s.bring(ctx, tx, x)
}

// fieldsOf names what differs between two states of a record.
func fieldsOf(was, x *catalog.RightsRow) (out []string) {
	name := map[dam.RecordKind]string{dam.LicenceRecord: "licensor", dam.ConsentRecord: "person"}[x.Kind]
	for _, f := range []struct {
		name string
		same bool
	}{
		{name, was.Name == x.Name}, {"number", was.Number == x.Number}, {"note", was.Remark == x.Remark},
		{"terms", reflect.DeepEqual(was.Terms, x.Terms)}, {"details", string(was.Details) == string(x.Details)},
		{"archived", (was.ArchivedAt == nil) == (x.ArchivedAt == nil)},
		{"withdrawn", (was.WithdrawnAt == nil) == (x.WithdrawnAt == nil)},
	} {
		if !f.same {
			out = append(out, f.name)
		}
	}
	return out
}

const (
	atOnce    = 300 // assets whose limits are renewed in the transaction of the change
	chunkSize = 100 // assets in a transaction of the job
)

// bring renews the limits of all that a record is linked to and that don't have them yet: now if they are few, else as
// a job. The caller holds the record.
func (s *Service) bring(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow) error {
	ids, err := tx.Assets().Rights().Pending(ctx, x.ID, atOnce+1)
	if err != nil {
		return err
	}
	if len(ids) > atOnce {
		now, err := tx.Assets().Rights().Record(ctx, x.Library, x.Kind, x.ID)
		if err != nil {
			return err
		}
		x.Applying = now.Applying
		return s.Jobs.Enqueue(ctx, tx, ApplyArgs{Record: x.ID}, jobs.Options{})
	}
	x.Applying = 0
	for chunk := range slices.Chunk(ids, chunkSize) {
		if err := apply(ctx, tx, x, chunk, nil); err != nil {
			return err
		}
	}
	return nil
}

// apply brings the limits of up to 500 assets in line with a record that is held.
func apply(ctx context.Context, tx *catalog.Tx, x *catalog.RightsRow, ids []string, noted *dam.Change) error {
	if err := renew(ctx, tx, ids, noted); err != nil {
		return err
	}
	return tx.Assets().Rights().Applied(ctx, x.ID, x.Applies, ids)
}

// ApplyArgs asks for the limits of what a record is linked to.
type ApplyArgs struct {
	Record string `json:"record"`
}

// Kind implements jobs.Args.
func (ApplyArgs) Kind() string { return "rights.apply" }

// Apply renews the limits of all that a record is linked to. It can be cut off and repeated: what is done is noted with
// each asset.
func (s *Service) Apply(ctx context.Context, args ApplyArgs, _ jobs.Info) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (bool, error) {
			x, err := tx.Assets().Rights().LockRecord(ctx, "", "", args.Record)
			if dam.CodeOf(err) == dam.NotFound {
				return false, nil
			}
			if err != nil {
				return false, err
			}
			ids, err := tx.Assets().Rights().Pending(ctx, x.ID, chunkSize)
			if err != nil || len(ids) == 0 {
				return false, err
			}
			return true, apply(ctx, tx, &x, ids, nil)
		})
		if err != nil || !more {
			return err
		}
	}
}

// SweepArgs asks for what no job has brought to its end.
type SweepArgs struct{}

// Kind implements jobs.Args.
func (SweepArgs) Kind() string { return "rights.sweep" }

// Sweep renews the limits that a change has left to a job which was given up.
func (s *Service) Sweep(ctx context.Context, _ SweepArgs, info jobs.Info) error {
	ids, err := s.Catalog.Assets().Rights().Unapplied(ctx, 100)
	for _, id := range ids {
		err = errors.Join(err, s.Apply(ctx, ApplyArgs{Record: id}, info))
	}
	return err
}

// limitsOf returns what records allow together, nil without any.
func limitsOf(rows []catalog.RightsRow) *dam.Limits {
	if len(rows) == 0 {
		return nil
	}
	l := &dam.Limits{}
	for _, x := range rows {
		l.Add(x.Kind, x.Terms, x.WithdrawnAt != nil)
	}
	return l
}

// renew brings the limits of up to 500 assets in line with their records. noted has a line for the history of each
// asset, nil for none.
func renew(ctx context.Context, tx *catalog.Tx, ids []string, noted *dam.Change) error {
	// Also those that the actor doesn't see: a limit holds for every asset that the record is linked to.
	assets, err := tx.Assets().Rights().LockLinked(ctx, ids)
	if err != nil {
		return err
	}
	rows, err := tx.Assets().Rights().Of(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range assets {
		next := limitsOf(rows[a.ID])
		if next.Same(a.Limits) && noted == nil {
			continue
		}
		fields, changes := []string{}, []dam.Change{}
		if noted != nil {
			fields, changes = append(fields, noted.Field), append(changes, *noted)
		}
		if !next.Same(a.Limits) {
			fields = append(fields, "limits")
			changes = append(changes, dam.Change{Field: "limits", Before: plain(a.Limits), After: plain(next)})
		}
		a.Limits = next
		tx.EmitAsset(dam.AssetUpdated, &a, map[string]any{"fields": fields}, changes...)
		if err := tx.Assets().UpdateAsset(ctx, &a); err != nil {
			return err
		}
	}
	return nil
}

// plain returns limits as a value of the history, nil without any.
func plain(l *dam.Limits) any {
	if l == nil {
		return nil
	}
	return *l
}
