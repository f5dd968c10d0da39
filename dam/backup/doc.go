// Package backup keeps generations of a catalogue, and the objects that they refer to, in a folder.
//
//	DIR/vitrine-backup.json            the format, and whose key encrypts
//	DIR/objects/ab/cd/<sha256>         the bytes, each once, whichever generations need them
//	DIR/erasures/<id>.json             what was erased; holds for every generation
//	DIR/generations/<time>/
//	        manifest.json              what the generation consists of, with hashes, and what is lost
//	        vitrine.db                 the catalogue (SQLite)
//	        objects.jsonl.gz           key, SHA-256 and size of every object that it refers to
//	        report.json                only when something is damaged or missing
//
// With a key every file but the first is encrypted with age and has .age at its end; names and sizes stay readable.
//
// A file appears under its name whole and synced or not at all, and a generation appears when all of it is there. A run
// that was killed leaves a folder with a leading dot, which the next run removes, and objects, which the next run uses.
// One run or prune works on a folder at a time; readers hold them off.
package backup

import (
	"errors"
	"time"

	"vitrine/storage"
)

// TempPrefix is the prefix of folders below Repository.Temp in which a run decrypts catalogues; dam.RemoveTemp removes
// those of a killed run.
const TempPrefix = ".vitrine-backup-"

const (
	markerFile      = "vitrine-backup.json"
	objectsDir      = "objects"
	erasuresDir     = "erasures"
	generationsDir  = "generations"
	manifestFile    = "manifest.json"
	catalogFile     = "vitrine.db"
	listFile        = "objects.jsonl.gz"
	reportFile      = "report.json"
	format          = 2 // 1 was vitrine.db beside objects/ with the keys of the store
	erasuresPrefix  = "erasures/"
	originalsPrefix = "originals/"

	page    = 500 // catalogue rows read at a time
	workers = 4   // objects read at a time
)

// The kinds of damage.
const (
	Missing    = "missing"    // nothing is stored
	Altered    = "altered"    // the bytes differ from what the catalogue recorded
	Unreadable = "unreadable" // reading it from the store fails
	Unneeded   = "unneeded"   // stored, but no generation refers to it
)

// Damage describes one damaged or missing object or file.
type Damage struct {
	Problem string `json:"problem"`
	Key     string `json:"key"` // of the object, or the file's name relative to the backup's folder
	Detail  string `json:"detail"`
}

// File is a file of a generation in its stored form, encrypted or not.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Manifest lists what a generation consists of.
type Manifest struct {
	Format   int       `json:"format"`
	At       time.Time `json:"at"` // when the snapshot was made
	Vitrine  string    `json:"vitrine"`
	Database string    `json:"database"`          // sqlite or postgres
	Catalog  *File     `json:"catalog,omitempty"` // nil on PostgreSQL, where pg_dump saves it
	List     File      `json:"list"`
	Objects  int64     `json:"objects"`
	Bytes    int64     `json:"bytes"` // of the objects, unencrypted
	// Revision counts how often erasures have rewritten the generation.
	Revision int `json:"revision"`
	// Erasures are the ids of the erasures that have been applied to this catalogue.
	Erasures []string `json:"erasures,omitempty"`
	// CatalogDamage is what the check of the catalogue found, in the live file or in the snapshot.
	CatalogDamage []string `json:"catalog_damage,omitempty"`
	// Lost are objects that the catalogue refers to but the backup doesn't have.
	Lost []Damage `json:"lost,omitempty"`
	// Gone are objects that were deleted while the backup ran, because nothing referred to them any more.
	Gone []string `json:"gone,omitempty"`
}

// Whole reports whether the catalogue passed its check.
func (m Manifest) Whole() bool { return len(m.CatalogDamage) == 0 }

// Good reports whether nothing is damaged or missing.
func (m Manifest) Good() bool { return m.Whole() && len(m.Lost) == 0 }

// Progress is reported after every object.
type Progress struct {
	Done, Copied, Checked int64
	Bytes                 int64 // copied
}

// classify returns the damage of an object, derived from the error of reading it.
func classify(key string, err error) Damage {
	d := Damage{Key: key, Problem: Unreadable, Detail: err.Error()}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		d.Problem, d.Detail = Missing, "the catalogue refers to it, and it isn't stored"
	case damaged(err):
		d.Problem = Altered
	}
	return d
}
