package products

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/storage"
)

const (
	// maxImport is the largest file, in bytes.
	maxImport = 1 << 30
	// batch is how many rows a transaction takes: few enough that other writers never wait long.
	batch = 500
	// keepFile is how long the file of an import that does not run is kept.
	keepFile = 7 * 24 * time.Hour
)

// Received is an import's file on the local disk.
type Received struct {
	Path   string
	Size   int64
	SHA256 string
}

// Remove deletes the file.
func (r Received) Remove() error { return os.Remove(r.Path) }

// recentImports is how many imports are listed.
const recentImports = 50

// Imports returns a library's latest imports, the newest first.
func (s *Service) Imports(ctx context.Context, library string) ([]catalog.Import, error) {
	return s.Catalog.Products().Imports(ctx, library, recentImports)
}

// ImportByID returns one import.
func (s *Service) ImportByID(ctx context.Context, library, id string) (catalog.Import, error) {
	return s.Catalog.Products().Import(ctx, library, id)
}

// bounded refuses what is longer than left: an encoding can shrink to nothing.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &dam.Error{Code: dam.TooLarge, Field: "body", Reason: reasons.ImportTooLarge()}
	}
	return n, err
}

// Receive copies an import's file to the local disk, in UTF-8. encoding names what it is written in; "" is UTF-8 or
// UTF-16. The caller removes it.
func (s *Service) Receive(r io.Reader, encoding string) (Received, error) {
	r, err := decoded(&bounded{r, 2 * maxImport}, encoding)
	if err != nil {
		return Received{}, err
	}
	f, err := os.CreateTemp(s.Dir, "products-")
	if err != nil {
		return Received{}, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, maxImport+1))
	if err == nil && n > maxImport {
		err = &dam.Error{Code: dam.TooLarge, Field: "body", Reason: reasons.ImportTooLarge()}
	}
	if err == nil && n == 0 {
		err = dam.InvalidInput("body", reasons.ImportEmpty())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return Received{}, errors.Join(err, os.Remove(f.Name()))
	}
	return Received{f.Name(), n, hex.EncodeToString(h.Sum(nil))}, nil
}

// ImportArgs is the job that runs an import.
type ImportArgs struct {
	Import string `json:"import"`
}

// Kind implements jobs.Args.
func (ImportArgs) Kind() string { return "products.import" }

// Import stores a received file and plans its job. format is csv or jsonl.
func (s *Service) Import(ctx context.Context, library, format string, dryRun bool, r Received) (catalog.Import, error) {
	if i, found, err := catalog.Replay[catalog.Import](ctx, s.Catalog); err != nil || found {
		return i, err
	}
	if format != "csv" && format != "jsonl" {
		return catalog.Import{}, dam.InvalidInput("format", reasons.NoImportFormat(format))
	}
	id := dam.NewID("imp")
	object := catalog.Blob{Key: "imports/" + id, SHA256: r.SHA256, Size: r.Size}
	if err := s.Catalog.Pin(ctx, keepFile, object); err != nil {
		return catalog.Import{}, err
	}
	f, err := os.Open(r.Path)
	if err != nil {
		return catalog.Import{}, err
	}
	defer func() { _ = f.Close() }()
	sums, err := storage.Save(ctx, s.Store, object.Key, f, storage.PutOptions{Size: r.Size, SHA256: r.SHA256,
		ContentType: "text/plain"}, nil)
	if object.Sums = sums.Blocks; err != nil {
		return catalog.Import{}, &dam.Error{Code: dam.Unavailable, Reason: reasons.StorageRefusedImport(), Err: err}
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (catalog.Import, error) {
		i := catalog.Import{ID: id, Library: library, Object: object.Key, Format: format, DryRun: dryRun,
			State: "waiting", Size: r.Size, Errors: []catalog.ImportError{}}
		if err := tx.Objects().Attach(ctx, object); err != nil {
			return i, err
		}
		if err := tx.Products().InsertImport(ctx, &i); err != nil {
			return i, err
		}
		return i, s.Jobs.Enqueue(ctx, tx, ImportArgs{id}, jobs.Options{})
	})
}

// Run is the job of an import. One that was cut off goes on behind the rows it had stored.
func (s *Service) Run(ctx context.Context, args ImportArgs, info jobs.Info) error {
	i, err := s.Catalog.Products().Import(ctx, "", args.Import)
	if err != nil || i.Finished != nil {
		return err
	}
	r := &run{Service: s, Import: i, kept: len(i.Errors)}
	who, err := s.Catalog.People().Principal(ctx, i.By)
	if err == nil && !who.CanEverywhere(i.Library, dam.MayManageProducts) {
		err = &dam.Error{Code: dam.Forbidden, Reason: reasons.JobAuthorLostAccess()}
	}
	if err == nil {
		err = r.all(catalog.WithActor(ctx, who))
	}
	if err == nil {
		return nil
	}
	var refused *dam.Error
	lasting := errors.As(err, &refused) && refused.Code != dam.Unavailable
	if !lasting && info.Attempt < info.Max {
		return err
	}
	// The job's own deadline may be what failed it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	why := reasons.ImportNotFinished()
	if lasting {
		why = reasons.ImportRefused(refused.Why())
	}
	return errors.Join(jobs.Park(err), s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		i, err := tx.Products().LockImport(ctx, args.Import)
		if err != nil {
			return err
		}
		now := tx.Now()
		i.State, i.Finished = "failed", &now
		i.Problem, i.ProblemReasons = reasons.Note(why)
		return errors.Join(tx.Products().UpdateImport(ctx, i, 0, nil), tx.Products().Unpin(ctx, i.Object))
	}))
}

// run is one import while it runs.
type run struct {
	*Service
	catalog.Import
	kept int // errors that are stored

	rows   []row
	errors []catalog.ImportError
	read   int64 // rows, with those that had been stored by an earlier run
	// seen are the products of a dry run so far, as hashes: the second row of a new product would edit it.
	seen map[uint64]standing
	seed maphash.Seed
	// orphans are rows that stand before their parents: once all rows are stored, they become variants.
	orphans []orphan
}

// standing says what a dry run would have made of a product.
type standing uint8

const (
	isThere standing = 1 << iota
	isVariant
	isParent
)

type row struct {
	Change
	line int64
	// late is set for a row that has been stored and counted, and only becomes a variant now.
	late bool
}

// orphan is a row that stands before its parent.
type orphan struct {
	sku, parent string
	line        int64
}

// maxOrphans is how many rows may stand before their parents: each is kept in memory.
const maxOrphans = 500_000

// metered counts what has been read.
type metered struct {
	io.Reader
	n int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	m.n += int64(n)
	return n, err
}

func (r *run) all(ctx context.Context) error {
	lib, err := r.Catalog.Libraries().Library(ctx, r.Library)
	if err != nil {
		return err
	}
	file, err := r.Store.Open(ctx, r.Object)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if r.DryRun { // it has stored nothing, so it begins anew
		r.Rows, r.Created, r.Updated, r.Same, r.Failed = 0, 0, 0, 0, 0
		r.seen, r.seed = map[uint64]standing{}, maphash.MakeSeed()
	}
	before := r.Rows
	counted := &metered{Reader: file}
	in, err := newReader(r.Format, counted, lib.Locale)
	if err != nil {
		return err
	}
	r.State = "running"
	for {
		c, line, err := in.next()
		var wrong *rowError
		switch {
		case errors.Is(err, io.EOF):
			if r.read == 0 {
				return dam.InvalidInput("body", reasons.ImportWithoutRows())
			}
			if err := r.adopt(ctx); err != nil {
				return err
			}
			now := time.Now().UTC()
			r.State, r.Done, r.Finished = "done", r.Size, &now
			return r.store(ctx)
		case err != nil && !errors.As(err, &wrong):
			return err
		}
		r.read++
		if r.read <= before {
			if wrong == nil && c.parentKey() != "" { // it may have been waiting for its parent
				r.waitAgain(c, line)
			}
			continue
		}
		if wrong != nil {
			r.refuse(line, wrong.sku, wrong.error)
		} else {
			r.rows = append(r.rows, row{Change: c, line: line})
		}
		if r.read-r.Rows == batch {
			r.Done = counted.n
			if err := r.store(ctx); err != nil {
				return err
			}
		}
	}
}

func (r *run) refuse(line int64, sku string, err error) {
	e := catalog.ImportError{Line: line, SKU: dam.StripText(dam.Cut(sku, maxKey))}
	e.Field, e.Reason = explained(err)
	e.Field = dam.StripText(dam.Cut(e.Field, dam.MaxTag))
	e.Reason = e.Map(func(s string) string { return dam.StripText(dam.Cut(s, dam.MaxText)) })
	r.errors = append(r.errors, e)
}

// store writes the rows read since the last time, and how far the import is, in one transaction.
func (r *run) store(ctx context.Context) error {
	var next catalog.Import
	var wrong []catalog.ImportError
	var orphans []orphan
	err := r.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		next, wrong = r.Import, slices.Clone(r.errors)
		stored, err := tx.Products().LockImport(ctx, r.ID)
		if err != nil {
			return err
		}
		if !r.DryRun && stored.Rows != r.Rows {
			return fmt.Errorf("import %s is run by another node as well", r.ID)
		}
		if orphans, err = r.merge(ctx, tx, &next, &wrong); err != nil {
			return err
		}
		next.Rows = r.read
		next.Failed += int64(len(wrong))
		if err := tx.Products().UpdateImport(ctx, next, r.kept, wrong); err != nil {
			return err
		}
		if next.Finished != nil {
			return tx.Products().Unpin(ctx, r.Object)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if r.DryRun {
		for _, x := range r.rows {
			r.seen[r.hash(x.SKU)] |= isThere
			if parent := x.parentKey(); parent != "" {
				r.seen[r.hash(x.SKU)] |= isVariant
				r.seen[r.hash(parent)] |= isParent
			}
		}
	}
	r.Import, r.kept = next, r.kept+len(wrong)
	r.orphans = append(r.orphans, orphans...)
	r.rows, r.errors = r.rows[:0], r.errors[:0]
	return nil
}

func (r *run) hash(sku string) uint64 { return maphash.String(r.seed, canon.ProductKey(sku)) }

// merge applies the rows to the products that are there and stores what changes. It returns the rows that stand before
// their parents.
func (r *run) merge(ctx context.Context, tx *catalog.Tx, i *catalog.Import, wrong *[]catalog.ImportError) ([]orphan,
	error) {
	changes := make([]Change, len(r.rows))
	for k, x := range r.rows {
		changes[k] = x.Change
	}
	known, err := lockFor(ctx, tx, r.Library, changes)
	if err != nil {
		return nil, err
	}
	g, err := newGround(ctx, tx, r.Library, changes, known)
	if err != nil {
		return nil, err
	}
	m := merging{run: r, ground: g, result: i, at: make(map[string]*catalog.ProductRow, len(known)),
		changed: map[string]map[string]bool{}}
	for key, p := range known {
		m.at[key] = &p
	}
	for _, x := range r.rows {
		if err := m.row(ctx, x); err != nil {
			e := catalog.ImportError{Line: x.line, SKU: x.SKU}
			e.Field, e.Reason = explained(err)
			*wrong = append(*wrong, e)
		}
	}
	if r.DryRun {
		return m.waiting, nil
	}
	return m.waiting, m.put(ctx, tx)
}

// put stores what was edited. Products of which only stock, prices or days changed have an event of their own: the
// pictures of others are found by other words.
func (m *merging) put(ctx context.Context, tx *catalog.Tx) error {
	var lists [2][]*catalog.ProductRow
	var fields [2]map[string]bool
	for _, p := range m.edited {
		names, i := m.changed[p.Key], 0
		if !catalog.Worded(slices.Collect(maps.Keys(names))) {
			i = 1
		}
		if lists[i] = append(lists[i], p); fields[i] == nil {
			fields[i] = map[string]bool{}
		}
		maps.Copy(fields[i], names)
	}
	for i, list := range lists {
		if err := m.Service.put(ctx, tx, m.ID, list, slices.Sorted(maps.Keys(fields[i]))); err != nil {
			return err
		}
	}
	return nil
}

// waitAgain keeps a row that an earlier run stored: it may have been waiting for its parent.
func (r *run) waitAgain(c Change, line int64) {
	if len(r.orphans) >= maxOrphans {
		r.refuse(line, c.SKU, dam.InvalidInput("parent", reasons.TooManyWaitingParents(maxOrphans)))
		return
	}
	r.orphans = append(r.orphans, orphan{c.SKU, c.related["parent"], line})
}

// adopt stores what is left of the rows, and makes variants of those that stood before their parents.
func (r *run) adopt(ctx context.Context) error {
	if len(r.orphans) == 0 && !slices.ContainsFunc(r.rows, func(x row) bool { return x.parentKey() != "" }) {
		return nil
	}
	if err := r.store(ctx); err != nil {
		return err
	}
	for chunk := range slices.Chunk(r.orphans, batch) {
		for _, o := range chunk {
			c := Change{SKU: o.sku}
			c.relate("parent", o.parent)
			r.rows = append(r.rows, row{Change: c, line: o.line, late: true})
		}
		if err := r.store(ctx); err != nil {
			return err
		}
	}
	return nil
}

// merging is one batch of rows on its way into the products.
type merging struct {
	*run
	*ground
	result  *catalog.Import
	at      map[string]*catalog.ProductRow // by key
	edited  []*catalog.ProductRow
	changed map[string]map[string]bool // fields of edited, by key
	waiting []orphan
}

// row applies one row. One with an error leaves nothing behind.
func (m *merging) row(ctx context.Context, x row) error {
	key := canon.ProductKey(x.SKU)
	p, there := m.at[key], true
	if p == nil {
		p, there = blank(m.Library, x.SKU), m.DryRun && m.seen[m.hash(x.SKU)]&isThere != 0
		if x.late && !there {
			return nil // its own row had an error, which was told
		}
	}
	m.relate(p.ParentKey)
	var waits *orphan
	if parent := x.parentKey(); parent != "" {
		if m.relate(parent); m.relatives[parent].Key == "" && parent != key && !x.late {
			if len(m.orphans)+len(m.waiting) >= maxOrphans {
				return dam.InvalidInput("parent", reasons.TooManyWaitingParents(maxOrphans))
			}
			waits = &orphan{x.SKU, x.related["parent"], x.line}
			x.related = maps.Clone(x.related)
			delete(x.related, "parent")
		}
		if m.DryRun && m.seen[m.hash(x.SKU)]&isParent != 0 {
			m.parents[key] = true
		}
	}
	changed := *p
	names, err := x.apply(ctx, &changed, m.ground)
	if err != nil {
		return err
	}
	if x.late && m.respell(ctx, &changed) {
		names = append(names, "attributes")
	}
	if waits != nil {
		m.waiting = append(m.waiting, *waits)
	}
	if changed.ParentKey != "" {
		m.parents[changed.ParentKey] = true
	}
	m.count(x, there, len(names) > 0)
	if there && len(names) == 0 {
		return nil
	}
	if !there {
		names = append(names, "created")
	}
	*p = changed
	m.at[key] = p
	if m.changed[key] == nil {
		m.changed[key] = map[string]bool{}
		m.edited = append(m.edited, p)
	}
	for _, f := range names {
		m.changed[key][f] = true
	}
	return nil
}

// relate brings a parent up to date with the rows before, and with those of a dry run, which stores none.
func (m *merging) relate(key string) {
	if key == "" {
		return
	}
	if p := m.at[key]; p != nil {
		m.relatives[key] = *p
		return
	}
	if !m.DryRun {
		return
	}
	if had := m.seen[m.hash(key)]; had&isThere != 0 {
		p := blank(m.Library, key)
		if had&isVariant != 0 {
			p.ParentKey = key // of some parent
		}
		m.relatives[key] = *p
	}
}

func (m *merging) count(x row, there, changed bool) {
	switch {
	case x.late:
	case !there:
		m.result.Created++
	case changed:
		m.result.Updated++
	default:
		m.result.Same++
	}
}

// respell writes the attributes of a product that has just become a variant as its parent's family has them: its row
// was stored before it had that family. Values that are of another type stay, and are told as gaps.
func (m *merging) respell(ctx context.Context, p *catalog.ProductRow) bool {
	family, all := m.familyOf(p), maps.Clone(p.Attributes)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a, ok := family.Attribute(name)
		if !ok {
			continue
		}
		clean, err := a.Clean(all[name], func(vocabulary, written string) (string, error) {
			return m.term(ctx, "attributes."+name, vocabulary, written, all[name])
		})
		if err == nil {
			all[name] = clean
		}
	}
	if maps.Equal(all, p.Attributes) {
		return false
	}
	p.Attributes = all
	return true
}
