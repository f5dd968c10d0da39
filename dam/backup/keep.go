package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Keep says which generations stay: the newest Last whose catalogue is whole, and all that are younger than Within. If
// both are zero, all stay; the newest whole one always does.
type Keep struct {
	Last   int
	Within time.Duration
}

// check rejects invalid values.
func (k Keep) check() error {
	switch {
	case k.Last < 0:
		return dam.InvalidInput("keep", reasons.GenerationsNotCountable(k.Last))
	case k.Within < 0:
		return dam.InvalidInput("keep-within", reasons.NotAnAge(k.Within))
	}
	return nil
}

// Removed lists what a prune removed or would remove.
type Removed struct {
	Generations []string `json:"generations"`
	Files       int64    `json:"files"` // containing the bytes of objects
	Bytes       int64    `json:"bytes"` // as stored
	// Withheld is why no objects were removed although generations were; "" if they were.
	Withheld string `json:"withheld,omitempty"`
}

// split divides generations into those that stay and those that leave. all is sorted, newest first.
func (k Keep) split(all []Generation, now time.Time) (stay, leave []Generation) {
	whole := 0
	for _, g := range all {
		sound := g.Damage == "" && g.Whole()
		// A damaged one isn't counted, and stays as long as the whole ones around it.
		if k.Last == 0 && k.Within == 0 || whole < k.Last || whole == 0 || k.Within > 0 && g.Damage == "" &&
			now.Sub(g.At) <= k.Within {
			stay = append(stay, g)
		} else {
			leave = append(leave, g)
		}
		if sound {
			whole++
		}
	}
	return stay, leave
}

// Prune removes generations and the objects that no other generation needs, and applies erasures to those that stay.
// With dry it only returns what it would remove.
func (r *Repository) Prune(ctx context.Context, k Keep, dry bool) (out Removed, err error) {
	if err := k.check(); err != nil {
		return out, err
	}
	release, err := r.lock(!dry)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if dry {
		all, err := r.Generations()
		if err != nil {
			return out, err
		}
		stay, leave := k.split(all, time.Now())
		for _, g := range leave {
			out.Generations = append(out.Generations, g.Name)
		}
		err = r.collect(ctx, &out, stay, true)
		return out, err
	}
	if err := r.tidy(); err != nil {
		return out, err
	}
	all, err := r.Generations()
	if err != nil {
		return out, err
	}
	var failed error
	for _, g := range all {
		if _, err := r.forget(ctx, &g); err != nil {
			failed = errors.Join(failed, fmt.Errorf("generation %s: %w", g.Name, err))
		}
	}
	out, err = r.keep(ctx, k, true)
	return out, errors.Join(err, failed)
}

// keep is Prune for a caller that holds the lock. It looks for unneeded objects if generations were removed or if
// collect is set.
func (r *Repository) keep(ctx context.Context, k Keep, collect bool) (out Removed, err error) {
	all, err := r.Generations()
	if err != nil {
		return out, err
	}
	stay, leave := k.split(all, time.Now())
	for _, g := range leave {
		out.Generations = append(out.Generations, g.Name)
		if g.old {
			continue // it has no folder; its objects are removed below
		}
		// Rename it first: half a generation must not look like a whole one.
		hidden := filepath.Join(generationsDir, ".old-"+g.Name)
		if err := r.root.Rename(g.dir, hidden); err != nil {
			return out, err
		}
		if err := errors.Join(syncDir(r.root.Open(generationsDir)), r.root.RemoveAll(hidden)); err != nil {
			return out, err
		}
	}
	if len(leave) == 0 && !collect {
		return out, nil
	}
	err = r.collect(ctx, &out, stay, false)
	return out, err
}

// collect removes the objects that no generation in stay needs.
func (r *Repository) collect(ctx context.Context, out *Removed, stay []Generation, dry bool) error {
	needed := map[[32]byte]bool{}
	for _, g := range stay {
		err := errors.New(g.Damage)
		if g.Damage == "" {
			err = r.objects(ctx, g, func(b catalog.Blob) error {
				if sum, ok := digest(b.SHA256); ok {
					needed[sum] = true
				}
				return nil
			})
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			out.Withheld = fmt.Sprintf("generation %s can't tell which objects it needs: %v", g.Name, err)
			return nil
		}
	}
	old := slices.ContainsFunc(stay, func(g Generation) bool { return g.old })
	for info, err := range r.vault.list(ctx) {
		if err != nil {
			return err
		}
		if !isContent(info.Key) {
			if old || strings.HasPrefix(info.Key, erasuresPrefix) {
				continue
			}
		} else if sum, _ := digest(filepath.Base(info.Key)); needed[sum] {
			continue
		}
		out.Files++
		out.Bytes += info.Size
		if !dry {
			if err := r.vault.store.Delete(ctx, info.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

func digest(sha256 string) (sum [32]byte, ok bool) {
	b, err := hex.DecodeString(sha256)
	if err != nil || len(b) != len(sum) {
		return sum, false
	}
	return [32]byte(b), true
}
