package backup_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"filippo.io/age"

	"vitrine/dam/backup"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/storage/disk"
)

// target is a backup that an attacker can write to, and an unrelated folder outside.
type target struct {
	*testing.T
	dir, outside string
	generation   string // its folder
	identity     string // of an encrypted backup
}

func (s *target) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// link replaces a name in the backup by a link to something outside.
func (s *target) link(to, name string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	s.must(os.RemoveAll(path))
	s.must(os.Symlink(filepath.Join(s.outside, to), path))
}

func (s *target) pipe(name string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	s.must(os.RemoveAll(path))
	s.must(syscall.Mkfifo(path, 0o600))
}

// in returns a path below the generation.
func (s *target) in(name string) string { return filepath.Join("generations", s.generation, name) }

// seal writes a file, encrypted for the holder of the backup's key: the public half suffices.
func (s *target) seal(name string, body []byte) {
	s.Helper()
	if s.identity != "" {
		i, err := age.ParseX25519Identity(s.identity)
		s.must(err)
		var sealed bytes.Buffer
		w, err := age.Encrypt(&sealed, i.Recipient())
		s.must(err)
		_, err = w.Write(body)
		s.must(errors.Join(err, w.Close()))
		name, body = name+".age", sealed.Bytes()
	}
	path := filepath.Join(s.dir, name)
	s.must(os.MkdirAll(filepath.Dir(path), 0o750))
	s.must(os.WriteFile(path, body, 0o600))
}

// manifest changes the manifest, and corrects in it the hashes of plain files.
func (s *target) manifest(change func(*backup.Manifest)) {
	s.Helper()
	var m backup.Manifest
	if s.identity == "" {
		b, err := os.ReadFile(filepath.Join(s.dir, s.in("manifest.json")))
		s.must(err)
		s.must(json.Unmarshal(b, &m))
		for _, f := range []*backup.File{m.Catalog, &m.List} {
			b, err := os.ReadFile(filepath.Join(s.dir, s.in(f.Name)))
			s.must(err)
			sum := sha256.Sum256(b)
			f.Size, f.SHA256 = int64(len(b)), hex.EncodeToString(sum[:])
		}
	} else {
		m = backup.Manifest{Format: 2, Database: "sqlite", Catalog: &backup.File{Name: "vitrine.db.age"},
			List: backup.File{Name: "objects.jsonl.gz.age"}}
	}
	change(&m)
	b, err := json.Marshal(m)
	s.must(err)
	s.seal(s.in("manifest.json"), b)
}

func (s *target) catalogue(statements ...string) {
	s.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.dir, s.in("vitrine.db")))
	s.must(err)
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		_, err := db.ExecContext(s.Context(), statement)
		s.must(err)
	}
	s.must(db.Close())
	s.manifest(func(*backup.Manifest) {})
}

func (s *target) list(lines string) {
	s.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(lines))
	s.must(errors.Join(err, w.Close()))
	s.must(os.WriteFile(filepath.Join(s.dir, s.in("objects.jsonl.gz")), packed.Bytes(), 0o600))
	s.manifest(func(*backup.Manifest) {})
}

const evilTrigger = `CREATE TRIGGER evil AFTER INSERT ON hold BEGIN DELETE FROM hold; END`

// attacks are what an attacker who can write to a backup's folder may do to it, and what the commands report.
var attacks = map[string]struct {
	encrypted bool
	do        func(*target)
	said      string // "" if it has no effect
	lands     bool   // whether there is a restored catalogue
}{
	"objects is a link": {do: func(s *target) { s.link("live", "objects") }, said: "is a link"},
	"objects of the format before": {do: func(s *target) {
		s.old()
		s.link("live", "objects")
	}, said: "no folder objects"},
	"originals of the one before": {do: func(s *target) { s.old(); s.link("live", "objects/originals") }},
	"a catalogue of the one before": {do: func(s *target) {
		s.old()
		s.link("live/vitrine.db", "vitrine.db")
	}, said: "is a link"},
	"generations is a link": {do: func(s *target) { s.link("generations", "generations") }, said: "is a link"},
	"erasures is a link":    {do: func(s *target) { s.link("live", "erasures") }, said: "is a link"},
	"a generation is a link": {do: func(s *target) {
		s.link("generations/"+s.generation, "generations/"+s.generation)
	}, said: "is a link"},
	"a record of an erasure": {do: func(s *target) {
		s.link("live/secret.key", "erasures/x_other.json")
	}, said: "is a link", lands: true},
	"a folder of objects": {do: func(s *target) { s.folders("live") }, said: "escapes", lands: true},
	"unfinished objects": {do: func(s *target) {
		s.link("live", "objects/.tmp")
	}, said: "is an object, not a folder"},
	"the lock": {do: func(s *target) { s.link("live/nologin", ".lock") }, said: "is a link"},
	"the marker": {do: func(s *target) {
		s.link("live/secret.key", "vitrine-backup.json")
	}, said: "is a link"},
	"the manifest": {do: func(s *target) {
		s.link("live/secret.key", s.in("manifest.json"))
	}, said: "is a link"},
	"the catalogue": {do: func(s *target) {
		s.link("live/vitrine.db", s.in("vitrine.db"))
	}, said: "is a link"},
	"the list": {do: func(s *target) {
		s.link("live/secret.key", s.in("objects.jsonl.gz"))
	}, said: "is a link", lands: true},
	"the report": {do: func(s *target) {
		s.link("live/secret.key", s.in("report.json"))
	}, lands: true},
	"the copy for an erasure": {do: func(s *target) { s.link("live/vitrine.db", s.in(".forget")) }, lands: true},
	"a list's name": {do: func(s *target) {
		s.manifest(func(m *backup.Manifest) { m.List.Name = s.away("secret.key") })
	}, said: "names the list"},
	"a catalogue's name": {do: func(s *target) {
		s.manifest(func(m *backup.Manifest) { m.Catalog.Name = s.away("vitrine.db") })
	}, said: "names the catalogue"},
	"an encrypted list's name": {encrypted: true, do: func(s *target) {
		s.manifest(func(m *backup.Manifest) { m.List.Name = s.away("secret.key.age") })
	}, said: "names the list"},
	"a trigger": {do: func(s *target) {
		s.catalogue(evilTrigger)
	}, said: `programs, which Vitrine's has none of: evil`},
	"a trigger that says it is a table": {do: func(s *target) {
		s.catalogue(evilTrigger, `PRAGMA writable_schema=ON`, `UPDATE sqlite_schema SET type='table' WHERE name='evil'`)
	}, said: "malformed", lands: true}, // no server starts on it
	"a view": {do: func(s *target) {
		s.catalogue(`ALTER TABLE hold RENAME TO held`, `CREATE VIEW hold AS SELECT * FROM held WHERE 0`)
	}, said: "programs"},
	"a line without end": {do: func(s *target) {
		s.list(`{"key":"` + strings.Repeat("a", 1<<20))
	}, said: "a line has more than", lands: true},
	"a key that is none": {do: func(s *target) {
		s.list(s.line("../../escape"))
	}, said: "invalid object key", lands: true},
	"a pipe as marker": {do: func(s *target) {
		s.pipe("vitrine-backup.json")
	}, said: "is a link or something else"},
	"a pipe as manifest": {do: func(s *target) {
		s.pipe(s.in("manifest.json"))
	}, said: "is a link or something else"},
	"a pipe as an object": {do: func(s *target) { s.pipe(s.objects()[0]) }, said: "healed: [originals/", lands: true},
	"a link as an object": {do: func(s *target) {
		s.link("live/secret.key", s.objects()[0])
	}, said: "healed: [originals/", lands: true},
	"plain, and was not": {encrypted: true, do: func(s *target) {
		s.plain("vitrine-backup.json", `{"format":2}`)
	}, said: "somebody has replaced it"},
	"the format before it": {encrypted: true, do: func(s *target) { s.old() }, said: "somebody has replaced it"},
}

// away returns the relative path from a generation to a file in the folder outside.
func (s *target) away(name string) string {
	s.Helper()
	rel, err := filepath.Rel(filepath.Join(s.dir, "generations", s.generation), filepath.Join(s.outside, "live", name))
	s.must(err)
	return rel
}

// plain writes an unencrypted file.
func (s *target) plain(name, body string) {
	s.Helper()
	s.must(os.WriteFile(filepath.Join(s.dir, name), []byte(body), 0o600))
}

// old makes the backup look like one of the old format.
func (s *target) old() {
	s.Helper()
	s.must(os.Remove(filepath.Join(s.dir, "vitrine-backup.json")))
	s.must(os.RemoveAll(filepath.Join(s.dir, "generations")))
}

// objects returns the names of the stored objects.
func (s *target) objects() (names []string) {
	s.Helper()
	all, err := filepath.Glob(filepath.Join(s.dir, "objects", "??", "??", "*"))
	s.must(err)
	for _, path := range all {
		rel, err := filepath.Rel(s.dir, path)
		s.must(err)
		names = append(names, rel)
	}
	return names
}

// folders moves the folders of objects out and replaces them by links.
func (s *target) folders(to string) {
	s.Helper()
	for _, name := range s.objects() {
		above := filepath.Dir(filepath.Dir(name))
		if _, err := os.Readlink(filepath.Join(s.dir, above)); err == nil {
			continue
		}
		s.must(os.CopyFS(filepath.Join(s.outside, to, above), os.DirFS(filepath.Join(s.dir, above))))
		s.link(filepath.Join(to, above), above)
	}
}

func (s *target) line(key string) string {
	sha := filepath.Base(s.objects()[0])
	info, err := os.Stat(filepath.Join(s.dir, s.objects()[0]))
	s.must(err)
	return fmt.Sprintf("{\"key\":%q,\"sha256\":%q,\"size\":%d}\n", key, sha, info.Size())
}

// An attacker who can write to a backup's folder gains nothing outside it: no command reads, changes or removes what a
// link, a name or a catalogue in it leads to, and none blocks forever; each reports what is wrong.
func TestBackupFolderIsNotTrusted(t *testing.T) {
	t.Parallel()
	plain, sealed := newWorld(t, false), newWorld(t, false)
	identity, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if sealed.key, err = backup.ParseKey(identity); err != nil {
		t.Fatal(err)
	}
	names := map[*world]string{}
	for _, w := range []*world{plain, sealed} {
		w.add(3)
		names[w] = w.run(w.open(), w.source(), backup.Options{}).Generation
	}
	live := filepath.Join(t.TempDir(), "vitrine.db")
	if err := plain.cat.Database().Backup(catalogtest.Context(t), live); err != nil {
		t.Fatal(err)
	}
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := plain, &target{T: t, dir: filepath.Join(t.TempDir(), "backup"), outside: t.TempDir()}
			if attack.encrypted {
				w, s.identity = sealed, identity
			}
			s.generation = names[w]
			s.must(os.CopyFS(s.dir, os.DirFS(w.dir)))
			s.must(os.CopyFS(filepath.Join(s.outside, "generations"), os.DirFS(filepath.Join(w.dir, "generations"))))
			s.must(os.MkdirAll(filepath.Join(s.outside, "live", "ab"), 0o750))
			for _, victim := range []string{"secret.key", "secret.key.age", "segment", "ab/original", "x_live.json"} {
				s.must(os.WriteFile(filepath.Join(s.outside, "live", victim), []byte("the key of the outside"), 0o600))
			}
			b, err := os.ReadFile(live)
			s.must(err)
			s.must(os.WriteFile(filepath.Join(s.outside, "live", "vitrine.db"), b, 0o600))
			// An erasure makes the generations be rewritten.
			s.seal("erasures/x_evil.json",
				fmt.Appendf(nil, `{"id":"x_evil","kind":"asset","subject":%q,"at":"2026-01-01T00:00:00Z"}`,
					w.assets[1].ID))
			attack.do(s)
			before := files(t, s.outside)
			answers, restored := s.use(w)
			if !strings.Contains(answers, attack.said) {
				t.Errorf("nothing says %q:\n%s", attack.said, answers)
			}
			if after := files(t, s.outside); !maps.EqualFunc(before, after, bytes.Equal) {
				for name := range before {
					if !bytes.Equal(before[name], after[name]) {
						t.Errorf("%s was changed or removed", name)
					}
				}
				t.Errorf("outside there were %d files, and are %d", len(before), len(after))
			}
			for name, body := range files(t, restored) {
				if bytes.Contains(body, []byte("the key of the outside")) {
					t.Errorf("%s was restored from outside", name)
				}
			}
			if _, err := os.Stat(filepath.Join(restored, "vitrine.db")); attack.lands != (err == nil) {
				t.Errorf("the restored catalogue: %v", err)
			}
		})
	}
}

// use applies every command to a backup, and returns everything they report and the place it was restored to.
func (s *target) use(w *world) (answers, restored string) {
	s.Helper()
	restored = s.TempDir()
	var said []string
	say := func(v ...any) { said = append(said, fmt.Sprintln(v...)) }
	r, err := backup.Open(s.dir, w.key)
	if err != nil {
		say("open:", err)
	} else {
		r.Temp = s.TempDir()
		_, err := r.Verify(catalogtest.Context(s), nil, func(d backup.Damage) { say("verify:", d) }, nil)
		say("verify:", err)
		list, err := r.Generations()
		say("list:", len(list), err)
		to, err := disk.Open(filepath.Join(restored, "objects"))
		s.must(err)
		for _, g := range list {
			out, err := r.Restore(catalogtest.Context(s), g,
				backup.Restore{Store: to, Database: filepath.Join(restored, "vitrine.db")})
			say("restore:", out.CatalogDamage, out.Lost, err)
		}
		s.must(to.Close())
		removed, err := r.Prune(catalogtest.Context(s), backup.Keep{}, false)
		say("prune:", removed, err)
		s.must(r.Close())
	}
	r, err = backup.Create(s.dir, w.key)
	if err != nil {
		say("create:", err)
		return strings.Join(said, ""), restored
	}
	r.Temp = s.TempDir()
	out, err := r.Run(catalogtest.Context(s), w.source(), backup.Options{Keep: backup.Keep{Last: 1}})
	say("healed:", out.Healed)
	say("backup:", out.Lost, out.Unforgotten, out.Removed, err)
	s.must(r.Close())
	return strings.Join(said, ""), restored
}
