package catalog_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/space/spacetest"
)

// writeMuch writes until the database returns an error, and returns that error.
func writeMuch(t *testing.T, c *catalog.Catalog) error {
	t.Helper()
	for range 2000 {
		err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: "test", Library: dam.DefaultLibrary,
				Data: []byte(`"` + strings.Repeat("x", 8000) + `"`)})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func openAt(t *testing.T, dir string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(catalogtest.Context(t), "sqlite:"+filepath.Join(dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reads(t *testing.T, c *catalog.Catalog) {
	t.Helper()
	if s, err := c.Database().Schema(catalogtest.Context(t)); err != nil || s.Current() != nil {
		t.Fatal("the schema can't be read: ", s, err)
	}
	if l, err := c.Libraries().List(catalogtest.Context(t)); err != nil || len(l) != 1 {
		t.Fatal("the libraries can't be read: ", err)
	}
}

// On a full disk changes fail with the reason; reads continue, also after a restart, and changes succeed again once
// there is space.
func TestFullDisk(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	dir := spacetest.Mount(t, 4<<20)
	c := openAt(t, dir)
	if err := c.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // running, then started while full
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		spacetest.Fill(t, dir)
		c = openAt(t, dir)
		reads(t, c)
		var told *dam.Error
		if err := writeMuch(t, c); !errors.As(err, &told) || told.Code != dam.NoSpace ||
			strings.Contains(told.Error(), dir) {
			t.Fatal("a full disk: ", err)
		}
		reads(t, c)
		spacetest.Free(t, dir)
		if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: "test", Library: dam.DefaultLibrary})
			return nil
		}); err != nil {
			t.Fatal("there is room again: ", err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// A catalogue on a volume that is read-only at the start can be read, and written once the volume is writable.
func TestReadOnlyDisk(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	dir := spacetest.Mount(t, 8<<20)
	c := openAt(t, dir)
	if err := c.Migrate(catalogtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	spacetest.ReadOnly(t, dir, true)
	c = openAt(t, dir)
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	reads(t, c)
	if err := writeMuch(t, c); dam.CodeOf(err) != dam.Unavailable {
		t.Fatal("a read-only disk: ", err)
	}
	reads(t, c)
	spacetest.ReadOnly(t, dir, false)
	one := func() error {
		return c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			tx.Emit(dam.Event{Type: "test", Library: dam.DefaultLibrary})
			return nil
		})
	}
	err := one()
	if err != nil { // the old connection is closed
		err = one()
	}
	if err != nil {
		t.Fatal("the disk is writable again: ", err)
	}
	reads(t, c)
}
