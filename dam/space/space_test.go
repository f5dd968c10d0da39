package space_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/space"
	"vitrine/dam/space/spacetest"
)

const mib = 1 << 20

func TestParseFloor(t *testing.T) {
	for in, want := range map[string]space.Floor{"auto": {Bytes: 1 << 30, Percent: 5}, "5%": {Percent: 5},
		"2GiB": {Bytes: 2 << 30}, "0": {}} {
		if got, err := space.ParseFloor(in); err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "much", "-1", "101%", "NaN%", "900EB"} {
		if got, err := space.ParseFloor(in); err == nil {
			t.Errorf("%q was taken as %+v", in, got)
		}
	}
}

func TestNoWatchHasRoom(t *testing.T) {
	var w *space.Watch
	if err := w.Room(1 << 60); err != nil || w.Advice() != nil {
		t.Error(err)
	}
}

// A volume becomes low, stays so until a good deal is free again, and heals by itself.
func TestRoomOnARealVolume(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	dir, other := spacetest.Mount(t, 20*mib), spacetest.Mount(t, 64*mib)
	floor, _ := space.ParseFloor("4MiB")
	w := space.New(floor, space.Volume{Name: "spool", Path: dir + "/uploads/not/yet", Copies: 1},
		space.Volume{Name: "objects", Path: dir + "/objects", Copies: 1}, space.Volume{Name: "index", Path: other,
			Spare: true})
	refused := func(n int64) bool {
		t.Helper()
		err := w.Room(n)
		if err != nil && dam.CodeOf(err) != dam.NoSpace {
			t.Fatal(err)
		}
		return err != nil
	}
	// Two copies of the file on one volume, and the floor.
	if refused(7*mib) || !refused(9*mib) {
		t.Error("16 MiB above the floor take 7 MiB twice and not 9 MiB twice")
	}
	write := func(name string, n int) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a", 17*mib)
	if !refused(0) || w.Advice() == nil {
		t.Error("a volume below its floor takes files")
	}
	if text := w.Room(0).Error(); strings.Contains(text, dir) {
		t.Errorf("the answer names a path: %s", text)
	}
	write("a", 16*mib-100<<10)
	if !refused(0) {
		t.Error("a hundred kilobytes above the floor the volume counts as healed")
	}
	write("a", 15*mib)
	if refused(0) || w.Advice() != nil {
		t.Error("a volume with room again is still refused")
	}
	spacetest.Fill(t, other)
	if refused(0) {
		t.Error("a full index volume stops uploads")
	}
	if w.Advice() == nil {
		t.Error("a full index volume is not told")
	}
}
