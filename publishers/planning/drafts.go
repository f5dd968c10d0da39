package planning

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Draft is a publication that somebody is composing. Nothing of it is checked before it is planned.
type Draft struct {
	dam.DraftFacts
	Post PublishInput `json:"post"`
	// Missing are its assets that are gone, or that whoever asks may not see.
	Missing []string `json:"missing,omitempty" doc:"Assets of it that are in the bin, are gone, or can't be seen"`
}

// DraftRevision is what a draft said after a change; the entry before it has what it said until then.
type DraftRevision struct {
	dam.DraftChange
	Post PublishInput `json:"post" doc:"As it was after the change"`
}

const (
	// maxDraft is how many bytes a draft may have.
	maxDraft = 64 << 10
	// maxDrafts is how many open drafts a library may have.
	maxDrafts = 2000
)

var draftEvents = map[string]dam.EventType{"created": dam.DraftEventCreated, "updated": dam.DraftEventUpdated,
	"deleted": dam.DraftEventDeleted, "restored": dam.DraftEventRestored, "planned": dam.DraftEventPlanned}

// Drafts keeps what people are composing. A draft is shared by all who may publish each of its assets; its author sees
// it in any case.
type Drafts struct{ catalog Catalog }

// Drafts returns the drafts of the service's catalogue.
func (s *Service) Drafts() *Drafts { return &Drafts{s.Catalog} }

// files are the assets of a post.
func (in *PublishInput) files() []string {
	var out []string
	for _, f := range in.Files {
		if f.Asset != "" && !slices.Contains(out, f.Asset) {
			out = append(out, f.Asset)
		}
	}
	if in.Asset != "" && !slices.Contains(out, in.Asset) {
		out = append(out, in.Asset)
	}
	return out
}

// Create keeps a new draft.
func (s *Drafts) Create(ctx context.Context, library string, in PublishInput) (Draft, error) {
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (Draft, error) {
		n, err := tx.Schedule().Drafts().Count(ctx, library, dam.DraftOpen)
		if err != nil {
			return Draft{}, err
		}
		if n >= maxDrafts {
			return Draft{}, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyDrafts(maxDrafts)}
		}
		d := Draft{DraftFacts: dam.DraftFacts{ID: dam.NewID(dam.DraftPrefix), Library: library, State: dam.DraftOpen}}
		return put(ctx, tx, d, in, "created")
	})
}

// put writes a draft with what it says now, and tells the log.
func put(ctx context.Context, tx *catalog.Tx, d Draft, in PublishInput, change string) (Draft, error) {
	in.Draft, in.FromDraft, in.DraftRevision = false, "", 0
	post, err := json.Marshal(in)
	if err != nil {
		return d, err
	}
	if len(post) > maxDraft {
		return d, dam.InvalidInput("", reasons.DraftTooLarge(maxDraft))
	}
	row := catalog.DraftRow{DraftFacts: d.DraftFacts, Post: post}
	if err := tx.Schedule().Drafts().PutDraft(ctx, &row, change, in.files()); err != nil {
		return d, err
	}
	d.DraftFacts, d.Post = row.DraftFacts, in
	data := map[string]any{"revision": d.Revision}
	if change == "planned" {
		data["became"] = d.Became
	}
	told, err := json.Marshal(data)
	if err != nil {
		return d, err
	}
	tx.Emit(dam.Event{Library: d.Library, Type: draftEvents[change], Subject: d.ID, Data: told})
	d.Missing, err = missing(ctx, tx.Assets().Assets, d.Library, in.files())
	return d, err
}

func read(row catalog.DraftRow) (d Draft, err error) {
	d.DraftFacts = row.DraftFacts
	return d, json.Unmarshal(row.Post, &d.Post)
}

// missing are those of some assets that are not there for whoever asks.
func missing(ctx context.Context, assets catalog.Assets, library string, ids []string) ([]string, error) {
	var gone []string
	found, err := assets.List(ctx, ids)
	who := dam.ActorOf(ctx)
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(a dam.Asset) bool {
			return a.ID == id && a.Library == library && a.DeletedAt == nil && who.Sees(&a)
		}) && !slices.Contains(gone, id) {
			gone = append(gone, id)
		}
	}
	return gone, err
}

// shared reports whether somebody may see and change a draft. Whose permission is limited to collections may do so with
// those that have assets of these only.
func shared(ctx context.Context, assets catalog.Assets, d *Draft) (bool, error) {
	who := dam.ActorOf(ctx)
	if who.CanEverywhere(d.Library, dam.MayPublish) || d.CreatedBy == who.ID {
		return true, nil
	}
	ids := d.Post.files()
	found, err := assets.List(ctx, ids)
	if err != nil || len(ids) == 0 || len(found) < len(ids) {
		return false, err
	}
	return !slices.ContainsFunc(found, func(a dam.Asset) bool {
		return a.Library != d.Library || who.NeedOn(&a, dam.MayPublish) != nil
	}), nil
}

// Get returns a draft.
func (s *Drafts) Get(ctx context.Context, library, id string) (Draft, error) {
	row, err := s.catalog.Schedule().Drafts().Draft(ctx, library, id)
	if err != nil {
		return Draft{}, err
	}
	return open(ctx, s.catalog.Assets(), row)
}

// open returns a draft for whoever may see it.
func open(ctx context.Context, assets catalog.Assets, row catalog.DraftRow) (Draft, error) {
	d, err := read(row)
	if err != nil {
		return Draft{}, err
	}
	if ok, err := shared(ctx, assets, &d); err != nil || !ok {
		return Draft{}, cmp.Or(err, error(&dam.Error{Code: dam.NotFound, Reason: reasons.NoDraft(row.ID)}))
	}
	d.Missing, err = missing(ctx, assets, d.Library, d.Post.files())
	return d, err
}

// List returns a page of a library's drafts in a state, newest first, and the id to continue after, "" at the end.
func (s *Drafts) List(ctx context.Context, library string, state dam.DraftState, after string,
	limit int) (list []Draft, next string, err error) {
	state = cmp.Or(state, dam.DraftOpen)
	if !state.Valid() {
		return nil, "", dam.InvalidInput("state", reasons.NoDraftState(string(state)))
	}
	if limit < 1 || limit > 200 {
		limit = 50
	}
	rows, err := s.catalog.Schedule().Drafts().List(ctx, library, state, after, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > limit {
		rows, next = rows[:limit], rows[limit-1].ID
	}
	list = []Draft{}
	for _, row := range rows {
		d, err := open(ctx, s.catalog.Assets(), row)
		if dam.CodeOf(err) == dam.NotFound {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		list = append(list, d)
	}
	return list, next, nil
}

// change locks a draft, lets fn change it, and writes it.
func (s *Drafts) change(ctx context.Context, library, id string, ifMatch int64, what string,
	fn func(d *Draft) error) (Draft, error) {
	return catalog.Do(ctx, s.catalog, func(tx *catalog.Tx) (Draft, error) {
		row, err := tx.Schedule().Drafts().LockDraft(ctx, library, id)
		if err != nil {
			return Draft{}, err
		}
		d, err := open(ctx, tx.Assets().Assets, row)
		if err != nil {
			return Draft{}, err
		}
		if ifMatch != 0 && ifMatch != d.Revision {
			return Draft{}, &dam.Error{Code: dam.Stale, Reason: reasons.DraftChangedMeanwhile()}
		}
		if d.State == dam.DraftPlanned {
			return Draft{}, &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.DraftIsPlanned()}
		}
		if err := fn(&d); err != nil {
			return Draft{}, err
		}
		return put(ctx, tx, d, d.Post, what)
	})
}

// Save puts what a draft says in the place of what it said; ifMatch is the revision the caller saw, 0 for any.
func (s *Drafts) Save(ctx context.Context, library, id string, ifMatch int64, in PublishInput) (Draft, error) {
	return s.change(ctx, library, id, ifMatch, "updated", func(d *Draft) error {
		if d.State == dam.DraftDeleted {
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.DraftIsDeleted()}
		}
		d.Post = in
		return nil
	})
}

// Delete deletes a draft; Restore brings it back.
func (s *Drafts) Delete(ctx context.Context, library, id string, ifMatch int64) (Draft, error) {
	return s.change(ctx, library, id, ifMatch, "deleted", func(d *Draft) error {
		if d.State == dam.DraftDeleted {
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.DraftIsDeleted()}
		}
		d.State = dam.DraftDeleted
		return nil
	})
}

// Restore brings a deleted draft back.
func (s *Drafts) Restore(ctx context.Context, library, id string) (Draft, error) {
	return s.change(ctx, library, id, 0, "restored", func(d *Draft) error {
		if d.State != dam.DraftDeleted {
			return &dam.Error{Code: dam.Conflict, Field: "state", Reason: reasons.DraftNotDeleted()}
		}
		d.State = dam.DraftOpen
		return nil
	})
}

// History returns a draft's changes, newest first.
func (s *Drafts) History(ctx context.Context, library, id string) ([]DraftRevision, error) {
	if _, err := s.Get(ctx, library, id); err != nil {
		return nil, err
	}
	rows, err := s.catalog.Schedule().Drafts().History(ctx, id)
	if err != nil {
		return nil, err
	}
	out := []DraftRevision{}
	for _, r := range rows {
		x := Draft{DraftFacts: dam.DraftFacts{Library: library, CreatedBy: r.By}}
		if err := json.Unmarshal(r.Post, &x.Post); err != nil {
			return nil, err
		}
		// It may have had an asset then that is nothing for whoever sees it now.
		if ok, err := shared(ctx, s.catalog.Assets(), &x); err != nil {
			return nil, err
		} else if ok {
			out = append(out, DraftRevision{r.DraftChange, x.Post})
		}
	}
	return out, nil
}

// openDraft locks the draft that is about to be planned; nil for none. One that was planned or deleted is refused, so
// that two people who plan the same one post once, and one of another revision, if the caller says which one it saw.
func openDraft(ctx context.Context, tx *catalog.Tx, library, id string, seen int64) (*Draft, error) {
	if id == "" {
		return nil, nil
	}
	row, err := tx.Schedule().Drafts().LockDraft(ctx, library, id)
	var d Draft
	if err == nil {
		d, err = open(ctx, tx.Assets().Assets, row)
	}
	switch {
	case dam.CodeOf(err) == dam.NotFound:
		return nil, dam.InvalidInput("from_draft", reasons.NoDraft(id))
	case err != nil:
		return nil, err
	case d.State == dam.DraftPlanned:
		return nil, &dam.Error{Code: dam.Conflict, Field: "from_draft", Reason: reasons.DraftIsPlanned()}
	case d.State == dam.DraftDeleted:
		return nil, &dam.Error{Code: dam.Conflict, Field: "from_draft", Reason: reasons.DraftIsDeleted()}
	case seen != 0 && seen != d.Revision:
		return nil, &dam.Error{Code: dam.Stale, Field: "draft_revision", Reason: reasons.DraftChangedMeanwhile()}
	}
	return &d, nil
}

// endDraft makes a draft one that became what has these ids; it does nothing without a draft.
func endDraft(ctx context.Context, tx *catalog.Tx, d *Draft, became ...string) error {
	if d == nil {
		return nil
	}
	d.State, d.Became = dam.DraftPlanned, became
	_, err := put(ctx, tx, *d, d.Post, "planned")
	return err
}
