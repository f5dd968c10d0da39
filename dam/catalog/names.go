package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// nameWork is one transaction of the step of an upgrade that puts the names stored by earlier versions into canonical
// form.
type nameWork struct {
	tx   *Tx
	part string
	// library and key are the last ones that were looked at.
	library, key string
	changes      map[nameChange]*nameCount
}

type nameChange struct {
	library       string
	kind          dam.NameKind
	before, after string
}

type nameCount struct {
	places, merged int64
	example        string
	dropped        map[string]any
}

// namePortion is how many rows one transaction looks at; tests change it.
var namePortion = 2000

// canonicalNames does what migration 24 has left to do. Each transaction does a portion of one part and stores its
// place with it: the work goes on where it was cut off, and several nodes take turns.
func (c *Catalog) canonicalNames(ctx context.Context) error {
	for {
		done := false
		if err := c.Write(ctx, func(tx *Tx) (err error) {
			done, err = tx.canonicalPortion(ctx)
			return err
		}); err != nil || done {
			return err
		}
	}
}

func (tx *Tx) canonicalPortion(ctx context.Context) (done bool, err error) {
	// Every writer locks the log's head in the end. Whoever has it from the beginning is alone.
	if _, err := one(ctx, tx.Conn, value[int64], `SELECT seq FROM log_head WHERE id=1`+tx.forUpdate()); err != nil {
		return false, err
	}
	w, err := one(ctx, tx.Conn, func(r row) (w nameWork, err error) {
		err = r.Scan(&w.part, &w.library, &w.key)
		return
	}, `SELECT part,library,key FROM name_work ORDER BY position LIMIT 1`)
	if errors.Is(err, errNoRow) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	w.tx, w.changes = tx, map[nameChange]*nameCount{}
	more, err := w.step(ctx)
	if err != nil {
		return false, err
	}
	if err := w.store(ctx); err != nil {
		return false, err
	}
	if more {
		_, err = tx.exec(ctx, `UPDATE name_work SET library=$2, key=$3 WHERE part=$1`, w.part, w.library, w.key)
	} else {
		_, err = tx.exec(ctx, `DELETE FROM name_work WHERE part=$1`, w.part)
	}
	return false, err
}

// step does a portion of a part; more is false at its end.
func (w *nameWork) step(ctx context.Context) (more bool, err error) {
	switch w.part {
	case "libraries":
		return false, w.locales(ctx, `SELECT id,id,locale FROM libraries`, `UPDATE libraries SET locale=$2 WHERE id=$1`)
	case "users":
		return false, w.locales(ctx, `SELECT '',id,locale FROM users WHERE locale<>''`,
			`UPDATE users SET locale=$2 WHERE id=$1`)
	case "fields":
		return false, w.fields(ctx)
	case "rules":
		return false, w.rules(ctx)
	case "collections":
		return false, w.collections(ctx)
	case "campaigns":
		return false, w.campaigns(ctx)
	case "products":
		return w.products(ctx)
	case "slots":
		return w.slots(ctx)
	case "waiting":
		return w.waiting(ctx)
	case "assets":
		return w.assets(ctx)
	}
	return false, errors.New("the catalogue has unknown work to do: " + w.part)
}

// note counts a change for the list of changes.
func (w *nameWork) note(library string, kind dam.NameKind, before, after, example string) *nameCount {
	at := nameChange{library, kind, before, after}
	n := w.changes[at]
	if n == nil {
		n = &nameCount{example: example}
		w.changes[at] = n
	}
	n.places++
	return n
}

// store adds the counted changes to the list.
func (w *nameWork) store(ctx context.Context) error {
	if len(w.changes) == 0 {
		return nil
	}
	last, err := one(ctx, w.tx.Conn, value[int64], `SELECT COALESCE(max(n),0) FROM name_changes`)
	if err != nil {
		return err
	}
	list := slices.SortedFunc(maps.Keys(w.changes), func(a, b nameChange) int {
		return cmp.Or(cmp.Compare(a.library, b.library), cmp.Compare(a.kind, b.kind), cmp.Compare(a.after, b.after),
			cmp.Compare(a.before, b.before))
	})
	const width = 10
	for chunk := range slices.Chunk(list, 500) {
		var q strings.Builder
		q.WriteString(`INSERT INTO name_changes(n,library,kind,before,after,places,merged,example,dropped,at) VALUES `)
		args := make([]any, 0, len(chunk)*width)
		for i, c := range chunk {
			n := w.changes[c]
			last++
			placeholders(&q, i, width)
			args = append(args, last, c.library, string(c.kind), c.before, c.after, n.places, n.merged, n.example,
				asJSON{n.dropped}, micros(w.tx.now))
		}
		q.WriteString(` ON CONFLICT(library,kind,before,after) DO UPDATE SET places=name_changes.places+excluded.places,
			merged=name_changes.merged+excluded.merged,
			dropped=CASE WHEN name_changes.dropped IN ('null','{}') THEN excluded.dropped ELSE name_changes.dropped END`)
		if _, err := w.tx.exec(ctx, q.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// NameChanges returns up to limit of the spellings that upgrades replaced, after position after.
func (s Maintenance) NameChanges(ctx context.Context, after int64, limit int) ([]dam.NameChange, error) {
	return all(ctx, s.db, func(r row) (c dam.NameChange, err error) {
		var at int64
		err = r.Scan(&c.N, &c.Library, (*string)(&c.Kind), &c.Before, &c.After, &c.Places, &c.Merged, &c.Example,
			asJSON{&c.Dropped}, &at)
		c.Shown, c.At = canon.Reveal(c.Before), instant(at)
		return
	},
		`SELECT n,library,kind,before,after,places,merged,example,dropped,at FROM name_changes WHERE n>$1 ORDER BY n LIMIT $2`,
		after, limit)
}

// CountNameChanges returns how many spellings upgrades replaced, and of how many two became one somewhere.
func (s Maintenance) CountNameChanges(ctx context.Context) (changed, merged int, err error) {
	type counts struct{ changed, merged int }
	n, err := one(ctx, s.db, func(r row) (n counts, err error) {
		err = r.Scan(&n.changed, &n.merged)
		return
	}, `SELECT count(*), COALESCE(sum(CASE WHEN merged>0 THEN 1 ELSE 0 END),0) FROM name_changes`)
	return n.changed, n.merged, err
}

type namedRow struct{ library, id, name string }

func scanNamed(r row) (n namedRow, err error) {
	err = r.Scan(&n.library, &n.id, &n.name)
	return
}

// locales rewrites a column with one locale each.
func (w *nameWork) locales(ctx context.Context, find, update string) error {
	list, err := all(ctx, w.tx.Conn, scanNamed, find)
	if err != nil {
		return err
	}
	for _, r := range list {
		if l := dam.Locale(r.name); l != r.name {
			if _, err := w.tx.exec(ctx, update, r.id, l); err != nil {
				return err
			}
			w.note(r.library, dam.NameLocale, r.name, l, r.id)
		}
	}
	return nil
}

// fields rewrites the choices and the labels' locales of libraries' own fields.
func (w *nameWork) fields(ctx context.Context) error {
	list, err := all(ctx, w.tx.Conn, scanNamed, `SELECT library,key,spec FROM fields ORDER BY library,position`)
	if err != nil {
		return err
	}
	changed := map[string]bool{}
	for _, r := range list {
		var f dam.CustomField
		var raw struct {
			Label map[string]json.RawMessage `json:"label"`
		}
		if err := errors.Join(json.Unmarshal([]byte(r.name), &f), json.Unmarshal([]byte(r.name), &raw)); err != nil {
			return err
		}
		choices := slices.Clone(f.Choices)
		f.Choices = w.names(r.library, dam.NameChoice, r.id, choices)
		moved := w.textLocales(r.library, r.id, raw.Label)
		if slices.Equal(f.Choices, choices) && !moved {
			continue
		}
		changed[r.library] = true
		if _, err := w.tx.exec(ctx, `UPDATE fields SET spec=$3 WHERE library=$1 AND key=$2`, r.library, r.id,
			asJSON{f}); err != nil {
			return err
		}
	}
	for _, library := range slices.Sorted(maps.Keys(changed)) {
		var keys []string
		for _, r := range list {
			if r.library == library {
				keys = append(keys, r.id)
			}
		}
		raw, err := json.Marshal(map[string][]string{"fields": keys})
		if err != nil {
			return err
		}
		w.tx.Emit(dam.Event{Type: dam.FieldsChanged, Library: library, Subject: library, Data: raw})
	}
	return nil
}

// names returns a list of names in canonical form, each once, and notes what that changes.
func (w *nameWork) names(library string, kind dam.NameKind, place string, list []string) []string {
	form, key := canon.Name, canon.Key
	switch kind {
	case dam.NameSKU:
		form, key = canon.SKU, canon.ProductKey
	case dam.NameChoice: // "mm" and "Mm" are two
		key = canon.Name
	}
	out := make([]string, 0, len(list))
	at := map[string]string{}
	noted := map[string]*nameCount{}
	for _, s := range list {
		c := form(s)
		if c == "" { // nothing of it can be seen
			c = canon.Reveal(s)
		}
		k := key(c)
		have, there := at[k]
		switch {
		case !there && c != s:
			noted[k] = w.note(library, kind, s, c, place)
		case there && s == have && noted[k] != nil:
			noted[k].merged++
		case there:
			w.note(library, kind, s, have, place).merged++
		}
		if !there {
			at[k] = c
			out = append(out, c)
		}
	}
	return out
}

// textLocales notes the locales of a text that have another form, and reports whether there are any.
func (w *nameWork) textLocales(library, place string, text map[string]json.RawMessage) (changed bool) {
	for _, l := range slices.Sorted(maps.Keys(text)) {
		c := dam.Locale(l)
		if c == l {
			continue
		}
		changed = true
		n := w.note(library, dam.NameLocale, l, c, place)
		if _, there := text[c]; there {
			n.merged++
		}
	}
	return changed
}

// rules rewrites the patterns of file-name rules.
func (w *nameWork) rules(ctx context.Context) error {
	list, err := all(ctx, w.tx.Conn, scanNamed, `SELECT library,library,rules FROM product_rules`)
	if err != nil {
		return err
	}
	for _, r := range list {
		var rules map[string]json.RawMessage
		var patterns []string
		err := json.Unmarshal([]byte(r.name), &rules)
		if raw := rules["patterns"]; err == nil && raw != nil {
			err = json.Unmarshal(raw, &patterns)
		}
		if err != nil {
			return err
		}
		changed := false
		for i, p := range patterns {
			if c := canon.Code(p); c != p {
				w.note(r.library, dam.NamePattern, p, c, r.library)
				patterns[i], changed = c, true
			}
		}
		if !changed {
			continue
		}
		if rules["patterns"], err = json.Marshal(patterns); err != nil {
			return err
		}
		if _, err := w.tx.exec(ctx, `UPDATE product_rules SET rules=$2, revision=revision+1 WHERE library=$1`,
			r.library,
			asJSON{rules}); err != nil {
			return err
		}
		w.tx.Emit(dam.Event{Type: dam.ProductRulesChanged, Library: r.library, Subject: r.library})
	}
	return nil
}

// collections renames collections. Two of them are never made one: people's rights hang on each.
func (w *nameWork) collections(ctx context.Context) error {
	list, err := all(ctx, w.tx.Conn, scanNamed, `SELECT library,id,name FROM collections ORDER BY created_at,id`)
	if err != nil {
		return err
	}
	return w.rename(dam.NameCollection, list, func(r namedRow, name string) error {
		x, err := w.tx.Assets().Collections().Collection(ctx, r.library, r.id)
		if err != nil {
			return err
		}
		x.Name = name
		w.tx.Emit(dam.Event{Type: dam.CollectionUpdated, Library: r.library, Subject: r.id})
		return w.tx.Assets().Collections().PutCollection(ctx, &x)
	})
}

// campaigns renames campaigns; they stay apart as collections do.
func (w *nameWork) campaigns(ctx context.Context) error {
	list, err := all(ctx, w.tx.Conn, scanNamed, `SELECT library,id,name FROM campaigns ORDER BY created_at,id`)
	if err != nil {
		return err
	}
	return w.rename(dam.NameCampaign, list, func(r namedRow, name string) error {
		x, err := w.tx.Schedule().LockCampaign(ctx, r.library, r.id)
		if err != nil {
			return err
		}
		x.Name = name
		w.tx.Emit(dam.Event{Type: dam.CampaignUpdated, Library: r.library, Subject: r.id,
			Data: json.RawMessage(`{"held":` + strconv.FormatBool(x.Held) + `}`)})
		return w.tx.Schedule().PutCampaign(ctx, &x)
	})
}

// rename gives each row that needs one its canonical name. When another row of the library has that, a number follows
// it. What is canonical already keeps its name; of the others, the oldest comes first.
func (w *nameWork) rename(kind dam.NameKind, list []namedRow, put func(r namedRow, name string) error) error {
	taken := map[string]bool{}
	at := func(library, name string) string { return library + "\x00" + canon.Key(name) }
	for _, r := range list {
		if canon.Name(r.name) == r.name {
			taken[at(r.library, r.name)] = true
		}
	}
	for _, r := range list {
		base := canon.Name(r.name)
		if base == r.name {
			continue
		}
		if base == "" {
			base = canon.Reveal(r.name)
		}
		name := base
		for n := 2; taken[at(r.library, name)]; n++ {
			name = base + " (" + strconv.Itoa(n) + ")"
		}
		taken[at(r.library, name)] = true
		w.note(r.library, kind, r.name, name, r.id)
		if err := put(r, name); err != nil {
			return err
		}
	}
	return nil
}
