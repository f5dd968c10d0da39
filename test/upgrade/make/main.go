// Make fills an installation of an older build with everything there is, and packs it
// with the answers it gives as test data of the upgrade:
//
//	go run ./test/upgrade/make [-commit 9b4ba60] [-out test/upgrade/testdata]
//	go run ./test/upgrade/make -formats -commit bcc8136
//
// It builds that commit in a worktree, runs its server on SQLite and on PostgreSQL,
// speaks to it as people and programs do, and ends it with SIGKILL while calls hang.
// What it writes is in the repository and is not made again: a newer build would make
// something else.
package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"vitrine/dam/catalog"
	"vitrine/test/upgrade"
)

func main() {
	commit := flag.String("commit", "9b4ba60", "the build to take")
	binary := flag.String("binary", "", "a binary of that commit, instead of building one")
	postgres := flag.String("postgres", "", "URL of an empty PostgreSQL database of a superuser, with pg_dump in PATH")
	out := flag.String("out", "test/upgrade/testdata", "where the test data goes")
	formats := flag.Bool("formats", false, "only files of formats that this build does not show, or shows wrongly")
	flag.Parse()
	if err := run(*commit, *binary, *postgres, *out, *formats); err != nil {
		log.Fatal(err)
	}
}

func run(commit, binary, postgres, out string, formats bool) error {
	work, err := os.MkdirTemp("", "vitrine-upgrade-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // a leftover in the temporary folder is no failure
	if binary == "" {
		if binary, err = build(commit, work); err != nil {
			return err
		}
	}
	if formats {
		return makeFormats(binary, work, out)
	}
	for name, database := range map[string]string{"sqlite": "", "postgres": postgres} {
		if name == "postgres" && database == "" {
			return fmt.Errorf("-postgres is missing: see --help")
		}
		dir := filepath.Join(work, name)
		w := &world{binary: binary, dir: dir, database: database}
		record, err := w.make(commit)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, w.log.String())
		}
		if database != "" {
			if err := dump(database, filepath.Join(dir, "database.sql")); err != nil {
				return err
			}
		}
		raw, err := json.MarshalIndent(record, "", " ")
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "record.json"), raw, 0o600)
		}
		if err == nil {
			err = pack(dir, filepath.Join(out, name+".tar.gz"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// build makes the binary of a commit, as it was.
func build(commit, work string) (string, error) {
	tree, binary := filepath.Join(work, "tree"), filepath.Join(work, "vitrine")
	for _, c := range []*exec.Cmd{
		exec.Command("git", "worktree", "add", "--detach", tree, commit),
		exec.Command("mkdir", "-p", filepath.Join(tree, "web/portal/dist")),
		exec.Command("touch", filepath.Join(tree, "web/portal/dist/.gitkeep")),
		exec.Command("go", "build", "-C", tree, "-ldflags=-X main.version="+commit+
			" -X vitrine/cmd/vitrine/cli.version="+commit, "-o", binary, "./cmd/vitrine"),
		exec.Command("git", "worktree", "remove", "--force", tree),
	} {
		if msg, err := c.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", c.Args, err, msg)
		}
	}
	return binary, nil
}

// dump writes the database as statements that psql reads, also one of PostgreSQL 15.
func dump(url, path string) error {
	raw, err := exec.Command("pg_dump", "--no-owner", "--no-privileges", url).Output()
	if err != nil {
		return fmt.Errorf("pg_dump: %w", err)
	}
	var kept []string
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, `\restrict`) && !strings.HasPrefix(line, `\unrestrict`) &&
			!strings.HasPrefix(line, "SET transaction_timeout") {
			kept = append(kept, line)
		}
	}
	return os.WriteFile(path, []byte(strings.Join(kept, "")), 0o600)
}

// pack writes a folder as a tar file, without owners and times.
func pack(dir, to string) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil {
			err = t.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(raw))})
		}
		if err == nil {
			_, err = t.Write(raw)
		}
		return err
	})
	if err == nil {
		err = t.Close()
	}
	if err == nil {
		err = z.Close()
	}
	return err
}

// make runs the whole story and returns what was recorded of it.
func (w *world) make(commit string) (*upgrade.Record, error) {
	w.remote = upgrade.NewRemote(true)
	defer w.remote.Close()
	if err := w.start(); err != nil {
		return nil, err
	}
	defer w.kill()
	r := &upgrade.Record{Build: commit, At: time.Now().UTC(), Dir: w.dir, Listener: w.remote.URL,
		Holders: map[string]string{"nobody": ""}, People: map[string]string{}}
	for _, step := range []func() error{w.people, w.settings, w.pictures, w.products, w.searches, w.channels,
		w.publications, w.willHang, w.bulk, w.unfinished, w.erase} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	w.idle()
	r.Upload, r.Sent = w.half, w.sent
	if err := w.record(r); err != nil {
		return nil, err
	}
	if err := w.hanging(); err != nil {
		return nil, err
	}
	w.kill()
	// A publication is only leased for an instant: one that was being prepared stands in for it.
	c, err := catalog.Open(context.Background(), w.dsn())
	if err != nil {
		return nil, err
	}
	if err := upgrade.Exec(context.Background(), c, "UPDATE publications SET state='leased' WHERE id='"+w.leased+
		"'"); err != nil {
		return nil, err
	}
	return r, c.Close()
}
