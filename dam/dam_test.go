package dam_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestResolveWallTimes(t *testing.T) {
	for _, c := range []struct{ zone, wall, want string }{
		{"Europe/Paris", "2026-07-01T09:00:00", "2026-07-01T07:00:00Z"},
		// gap: the next valid minute is 03:00 summer time
		{"Europe/Paris", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"},
		{"Europe/Paris", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"},        // overlap: the first of the two
		{"Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00Z"}, // overlap of 30 minutes
		{"America/New_York", "2026-03-08T02:00:00", "2026-03-08T07:00:00Z"},
		{"Asia/Kathmandu", "2026-01-01T00:00:00", "2025-12-31T18:15:00Z"},
		{"Africa/Cairo", "2026-04-24T00:15:00", "2026-04-23T22:00:00Z"}, // a gap at midnight
	} {
		got, err := dam.Resolve(c.wall, zone(t, c.zone))
		if err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s in %s = %s %v, want %s", c.wall, c.zone, got.UTC().Format(time.RFC3339), err, c.want)
		}
	}
	if _, err := dam.Resolve("tomorrow", time.UTC); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("not a time: %v", err)
	}
}

func TestCaptureIsWallTimePlusOffset(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	with, err := dam.Capture{Wall: "2024-05-01T10:00:00", Offset: "-05:00"}.Time(paris)
	if err != nil || with.UTC().Hour() != 15 {
		t.Errorf("with an offset: %v %v", with, err)
	}
	without, err := dam.Capture{Wall: "2024-05-01T10:00:00"}.Time(paris)
	if err != nil || without.UTC().Hour() != 8 {
		t.Errorf("without an offset the library's zone counts: %v %v", without, err)
	}
}

func TestLocalisedText(t *testing.T) {
	var x dam.Text
	if err := json.Unmarshal([]byte(`"bonjour"`), &x); err != nil {
		t.Fatal(err)
	}
	x = x.Localise("fr")
	x = x.Merge(dam.Text{"en": "hello", "fr-CA": "allô"})
	for locale, want := range map[string]string{"fr-CA": "allô", "fr-BE": "bonjour", "en-GB": "hello", "de": "bonjour",
		"": "bonjour"} {
		if got := x.Get(locale, "fr"); got != want {
			t.Errorf("%q reads %q, want %q", locale, got, want)
		}
	}
	if got := (dam.Text{"it": "ciao"}).Get("de", "fr"); got != "ciao" {
		t.Errorf("any text beats none: %q", got)
	}
	if err := json.Unmarshal([]byte(`{"en": null}`), &x); err != nil || len(dam.Text{"en": "x"}.Merge(x)) != 0 {
		t.Errorf("null removes a locale: %v %v", x, err)
	}
	if err := json.Unmarshal([]byte(`7`), &x); err == nil {
		t.Error("a number is no text")
	}
}

func TestRolesAreNested(t *testing.T) {
	for i, low := range dam.Roles {
		for k, high := range dam.Roles {
			if got := high.Includes(low); got != (k >= i) {
				t.Errorf("%s includes %s: %v", high, low, got)
			}
		}
		if dam.Role("owner").Includes(low) || low.Includes("owner") {
			t.Error("an unknown role includes nothing and is included by nothing")
		}
	}
	p := dam.Principal{ID: "u_1", Grants: map[string]dam.Role{"main": dam.Editor}}
	if !p.Can("main", dam.MayDelete) || p.Can("main", dam.MayApprove) || p.Can("other", dam.MaySee) {
		t.Error("a role counts in its own library only")
	}
}

func TestPermissionsOfRoles(t *testing.T) {
	var before []dam.Permission
	for _, r := range dam.Roles {
		now := r.Permissions()
		if len(now) <= len(before) || !slices.Equal(now[:len(before)], before) {
			t.Errorf("%s has %v, the role before %v", r, now, before)
		}
		for _, p := range dam.Permissions {
			if r.Has(p.Name) != slices.Contains(now, p.Name) {
				t.Errorf("%s has %s: %v, and lists %v", r, p.Name, r.Has(p.Name), now)
			}
		}
		before = now
	}
	if len(before) != len(dam.Permissions) {
		t.Errorf("the highest role lacks some of %v", dam.Permissions)
	}
	if dam.Role("owner").Has(dam.MaySee) || dam.Admin.Has("fly") || len(dam.Role("").Permissions()) > 0 {
		t.Error("an unknown role has a permission, or a role an unknown one")
	}
}

func TestErrors(t *testing.T) {
	inner := errors.New("disk on fire")
	err := fmt.Errorf("outer: %w", &dam.Error{Code: dam.Unavailable, Reason: reasons.ServerOutOfMemory(), Err: inner})
	if dam.CodeOf(err) != dam.Unavailable || !errors.Is(err, inner) || dam.CodeOf(inner) != dam.Internal ||
		dam.CodeOf(nil) != "" {
		t.Errorf("codes of %v", err)
	}
}

func TestIDs(t *testing.T) {
	a, b := dam.NewID(dam.AssetPrefix), dam.NewID(dam.AssetPrefix)
	if a == b || !dam.IsID(dam.AssetPrefix, a) || dam.IsID(dam.VersionPrefix, a) || dam.IsID(dam.AssetPrefix, a+"x") ||
		dam.IsID(dam.AssetPrefix, "a_../../etc/passwd__________") {
		t.Errorf("ids %s %s", a, b)
	}
	if a[:10] > b[:10] {
		t.Errorf("ids don't sort by creation: %s, %s", a, b)
	}
}

func TestPresetsAreChecked(t *testing.T) {
	good := dam.Preset{Name: "hero", Width: 100, Fit: dam.FitContain,
		Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for field, breakIt := range map[string]func(*dam.Preset){
		"name":              func(p *dam.Preset) { p.Name = "../x" },
		"width":             func(p *dam.Preset) { p.Width = 0 },
		"fit":               func(p *dam.Preset) { p.Fit = dam.FitCover },
		"formats":           func(p *dam.Preset) { p.Formats = nil },
		"formats[0].format": func(p *dam.Preset) { p.Formats = []dam.PresetFormat{{Format: "gif"}} },
		"formats[1].format": func(p *dam.Preset) {
			p.Formats = append(p.Formats, dam.PresetFormat{Format: dam.MP4, Quality: 60})
		},
		"animated": func(p *dam.Preset) { p.Animated = true },
		"watermark": func(p *dam.Preset) {
			p.Formats, p.Animated, p.Watermark = []dam.PresetFormat{{Format: dam.WebP, Quality: 60}}, true,
				&dam.Watermark{Asset: "a", Opacity: 1, Scale: 1}
		},
		"max_seconds": func(p *dam.Preset) { p.MaxSeconds = 5 },
		"fps":         func(p *dam.Preset) { p.FPS = 30 },
		"sound":       func(p *dam.Preset) { p.Sound = "strip" },
		"sharpen": func(p *dam.Preset) {
			p.Formats, p.Sharpen = []dam.PresetFormat{{Format: dam.MP4, Quality: 60}}, 0.5
		},
		"max_bytes": func(p *dam.Preset) {
			p.Formats, p.MaxBytes = []dam.PresetFormat{{Format: dam.MP4, Quality: 60}}, 2000
		},
		"formats[0].quality": func(p *dam.Preset) { p.Formats = []dam.PresetFormat{{Format: dam.WebP}} },
	} {
		p := good
		breakIt(&p)
		var e *dam.Error
		if err := p.Validate(); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
