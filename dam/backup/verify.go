package backup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"vitrine/dam/catalog"
)

// Verification is the result of Verify.
type Verification struct {
	Generations int   `json:"generations"`
	Objects     int64 `json:"objects"` // of these generations, as counted by their manifests
	Files       int64 `json:"files"`   // files of the backup with the bytes of objects, read and intact
	Bytes       int64 `json:"bytes"`   // of the objects in those files
	Missing     int64 `json:"missing"`
	Altered     int64 `json:"altered"`
	Unreadable  int64 `json:"unreadable"`
	// Unneeded counts stored objects that no generation refers to. They are no damage, and the next prune removes them.
	Unneeded int64 `json:"unneeded"`
}

// Clean reports whether nothing is damaged or missing.
func (v Verification) Clean() bool { return v.Missing+v.Altered+v.Unreadable == 0 }

// Verify reads whole generations without needing their server: every manifest, catalogue (which SQLite checks as well),
// list and object. only names the generations; if empty, all are read. Objects are read once, however many generations
// need them.
func (r *Repository) Verify(ctx context.Context, only []string, found func(Damage),
	progress func(Verification)) (out Verification, err error) {
	release, err := r.lock(false)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, release()) }()
	all, err := r.Generations()
	if err != nil {
		return out, err
	}
	for _, name := range only {
		if _, err := r.Find(ctx, name); err != nil {
			return out, err
		}
	}
	v := &verifier{Repository: r, found: found, progress: progress, seen: map[[32]byte]bool{}}
	for _, g := range all {
		if len(only) > 0 && !slices.Contains(only, g.Name) {
			continue
		}
		v.sum.Generations++
		if err := v.generation(ctx, g); err != nil {
			return v.sum, err
		}
	}
	// Erasures apply to every generation.
	_, lost, err := r.erasures()
	if err != nil {
		return v.sum, err
	}
	for _, d := range lost {
		v.report(d)
	}
	if len(only) == 0 {
		err = v.unneeded(ctx)
	}
	return v.sum, err
}

type verifier struct {
	*Repository
	found    func(Damage)
	progress func(Verification)
	seen     map[[32]byte]bool

	mu  sync.Mutex
	sum Verification
}

func (v *verifier) report(d Damage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch d.Problem {
	case Missing:
		v.sum.Missing++
	case Altered:
		v.sum.Altered++
	case Unneeded:
		v.sum.Unneeded++
	default:
		v.sum.Unreadable++
	}
	v.found(d)
}

func (v *verifier) generation(ctx context.Context, g Generation) error {
	at := func(name string) string {
		if g.old {
			return name
		}
		return filepath.Join(generationsDir, g.Name, name)
	}
	if g.Damage != "" {
		v.report(Damage{Unreadable, at(manifestFile), g.Damage})
		return nil
	}
	problems, err := v.checkCatalog(ctx, g)
	if err != nil {
		return err
	}
	for _, p := range problems {
		v.report(Damage{Altered, at(g.Catalog.Name), p})
	}
	if !g.old {
		if err := g.List.intact(v.root, g.dir); err != nil {
			v.report(Damage{Altered, at(g.List.Name), err.Error()})
		}
	}
	lost := map[string]string{}
	for _, d := range g.Lost {
		lost[d.Key] = d.Detail
	}
	listed := map[string]bool{}
	group, work := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	err = v.objects(work, g, func(b catalog.Blob) error {
		listed[b.Key] = true
		v.count()
		sum, ok := digest(b.SHA256)
		if ok && v.seen[sum] {
			return nil
		}
		if ok {
			v.seen[sum] = true
		}
		group.Go(func() error { return v.object(work, g, b, lost[b.Key]) })
		return nil
	})
	if e := group.Wait(); e != nil {
		return e
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		v.report(Damage{Unreadable, at(g.List.Name), err.Error()})
		return nil
	}
	if len(problems) > 0 || g.old {
		return nil
	}
	return v.compare(ctx, g, listed, at)
}

func (v *verifier) count() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sum.Objects++
}

func (v *verifier) object(ctx context.Context, g Generation, b catalog.Blob, lost string) error {
	err := v.vault.check(ctx, b)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		d := classify(b.Key, err)
		d.Detail = "generation " + g.Name + ": " + d.Detail
		if lost != "" {
			d.Detail += "; already lost when the backup was made: " + lost
		}
		v.report(d)
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sum.Files++
	v.sum.Bytes += b.Size
	if v.progress != nil {
		v.progress(v.sum)
	}
	return nil
}

// compare compares a generation's list with its catalogue.
func (v *verifier) compare(ctx context.Context, g Generation, listed map[string]bool, at func(string) string) error {
	path, release, err := v.catalogPath(ctx, g)
	if err != nil || path == "" {
		return err
	}
	cat, err := catalog.OpenSnapshot(ctx, path)
	if err != nil {
		return errors.Join(err, release())
	}
	n := 0
	err = each(ctx, cat.Conn, func(b catalog.Blob) error {
		if listed[b.Key] {
			n++
		} else if !slices.Contains(g.Gone, b.Key) {
			v.report(Damage{Missing, b.Key,
				"generation " + g.Name + ": the catalogue refers to it, and the list of objects doesn't have it"})
		}
		return nil
	})
	if more := len(listed) - n; more > 0 {
		v.report(Damage{Unneeded, at(g.List.Name), fmt.Sprintf("it has %d objects that the catalogue doesn't refer to",
			more)})
	}
	return errors.Join(err, cat.Close(), release())
}

func (v *verifier) unneeded(ctx context.Context) error {
	for info, err := range v.vault.list(ctx) {
		if err != nil {
			return err
		}
		sum, ok := digest(filepath.Base(info.Key))
		if ok && v.seen[sum] || strings.HasPrefix(info.Key, erasuresPrefix) {
			continue
		}
		v.report(Damage{Unneeded, info.Key, fmt.Sprintf("%d bytes that no generation refers to", info.Size)})
	}
	return nil
}
