package search

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/search/columns"
)

// The columns are saved from time to time so that a start does not have to read every asset; newer changes are read
// from the log. A crash costs time, but loses nothing.
const (
	columnsFile = "columns"
	saveEvery   = 10 * time.Minute
)

// fingerprint identifies what the columns mean and the epoch of the log that they are of ("" before epochs existed). A
// file with another fingerprint is not read.
func (s *schema) fingerprint(epoch string) string {
	var b strings.Builder
	for _, f := range s.keywords {
		fmt.Fprintf(&b, "k %s %s %d\n", f.library, f.Name, f.Kind)
	}
	for _, f := range s.numbers {
		fmt.Fprintf(&b, "n %s %s %d\n", f.library, f.Name, f.Kind)
	}
	fmt.Fprintf(&b, "s id title revision %d\n", rowRevision)
	if epoch != "" {
		fmt.Fprintf(&b, "e %s\n", epoch)
	}
	return b.String()
}

// rowRevision changes when the computation of a column changes and its name doesn't.
const rowRevision = 4

func (x *Index) saveColumns(s *schema, view *columns.View, epoch string, seq int64) error {
	path := filepath.Join(x.opts.Dir, columnsFile)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("saving columns: %w", err)
	}
	err = view.Save(f, s.fingerprint(epoch), seq)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(path+".new", path) // the checksum detects a file torn by a power cut
	}
	return err
}

// loadColumns uses saved columns if they are of the given epoch and of this catalogue's past, and the log still reaches
// back to them. It reports whether they are in use.
func (x *Index) loadColumns(ctx context.Context, g *generation, epoch string, head int64) (bool, error) {
	file, err := os.ReadFile(filepath.Join(x.opts.Dir, columnsFile))
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			x.log.Warn("search: reading saved columns", "error", err)
		}
		return false, nil
	}
	view, seq, err := columns.Load(file, g.schema.shape(), g.schema.fingerprint(epoch))
	if err != nil {
		x.log.Warn("search: saved columns cannot be used; reading the catalogue", "error", err)
		return false, nil
	}
	if seq > head {
		return false, nil
	}
	switch _, err := x.opts.Source.Changed(ctx, seq, 1); {
	case dam.CodeOf(err) == dam.Gone:
		return false, nil
	case err != nil:
		return false, err
	}
	g.view, g.seq = view, min(seq, g.seq)
	return true, nil
}

// saver writes the columns in the background, one file at a time.
type saver struct {
	x     *Index
	seq   int64 // last saved or being saved
	at    time.Time
	ended chan error // result of the running save; nil if none is running
}

// due starts a save if the last one is old and something has changed. Columns that a sweep has not been through are not
// saved: the text index may have ended it when they are read again.
func (s *saver) due(g *generation) {
	s.poll()
	if s.ended != nil || g.seq == s.seq || len(g.sweeps) > 0 || time.Since(s.at) < saveEvery {
		return
	}
	s.seq, s.at = g.seq, time.Now()
	ended := make(chan error, 1)
	s.ended = ended
	schema, view, epoch, seq := g.schema, g.view, g.cursor.Epoch, g.seq
	go func() {
		ended <- dam.Protect("saving columns", func() error { return s.x.saveColumns(schema, view, epoch, seq) })
	}()
}

func (s *saver) poll() {
	if s.ended == nil {
		return
	}
	select {
	case err := <-s.ended:
		s.done(err)
	default:
	}
}

func (s *saver) done(err error) {
	s.ended = nil
	if err != nil {
		s.seq = -1
		s.x.log.Warn("search: saving columns", "error", err)
	}
}

// last saves the final state of the index.
func (s *saver) last(g *generation) {
	if s.ended != nil {
		s.done(<-s.ended)
	}
	if g.seq != s.seq && len(g.sweeps) == 0 {
		s.done(s.x.saveColumns(g.schema, g.view, g.cursor.Epoch, g.seq))
	}
}
