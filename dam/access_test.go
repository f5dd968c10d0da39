package dam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
)

const (
	viewing    = "see download_presets download_originals"
	uploading  = viewing + " see_unapproved upload edit_own"
	editing    = uploading + " edit_all delete manage_collections share"
	publishing = editing + " approve edit_rights publish"
	ofLibrary  = " manage_products manage_synonyms share_searches manage_jobs"
	everything = publishing + ofLibrary +
		" manage_fields manage_presets manage_channels manage_people manage_webhooks manage_library manage_system"
	ownOnly     = "see see_unapproved download_presets download_originals upload edit_own"
	ownInAGrant = ownOnly + " manage_collections"
)

// accessCase is one kind of grant, and what it allows: in the library, and with four assets: one in the granted
// collection, one elsewhere, the same two without an approval, and the principal's own, unapproved and elsewhere.
type accessCase struct {
	kind                                     string
	who                                      dam.Principal
	library, in, out, draftIn, draftOut, own string
}

func accessCases() []accessCase {
	user := func(role dam.Role, limit ...string) dam.Principal {
		p := dam.Principal{ID: "u_1", Grants: map[string]dam.Role{"main": role, "other": dam.Admin}}
		if len(limit) > 0 {
			p.Collections = map[string][]string{"main": limit}
		}
		return p
	}
	with := func(p dam.Principal, grants ...dam.Grant) dam.Principal {
		p.Access = map[string]dam.Access{"main": {Grants: grants}}
		return p
	}
	on := func(role dam.Role, collections ...string) dam.Grant {
		return dam.Grant{Role: role, May: dam.SetOf(role.Permissions()...), Collections: collections, On: "c_in"}
	}
	custom := func(list ...dam.Permission) dam.Grant {
		return dam.Grant{Role: "own_role", May: dam.SetOf(list...), Whole: true}
	}
	whole := dam.Grant{Role: dam.Publisher, May: dam.SetOf(dam.Publisher.Permissions()...), Whole: true, Group: "Press"}
	return []accessCase{
		{kind: "nobody"},
		{"the system", dam.Principal{ID: dam.SystemID}, everything, everything, everything, everything, everything,
			everything},
		{kind: "no role here", who: dam.Principal{ID: "u_1", Grants: map[string]dam.Role{"other": dam.Admin}}},
		{kind: "an unknown role", who: user("owner")},
		{kind: "no role of their own", who: user(dam.NoRole)},
		{"viewer", user(dam.Viewer), viewing, viewing, viewing, "", "", viewing},
		{"contributor", user(dam.Contributor), uploading, uploading, uploading, uploading, uploading, uploading},
		{"editor", user(dam.Editor), editing + ofLibrary, editing, editing, editing, editing, editing},
		{"publisher", user(dam.Publisher), publishing + ofLibrary, publishing, publishing, publishing, publishing,
			publishing},
		{"admin", user(dam.Admin), everything, publishing, publishing, publishing, publishing, publishing},
		{"viewer, limited", user(dam.Viewer, "c_in"), viewing, viewing, "", "", "", viewing},
		{"editor, limited", user(dam.Editor, "c_in"), editing, editing, "", editing, "", editing},
		{"publisher, limited", user(dam.Publisher, "c_in"), publishing, publishing, "", publishing, "", publishing},
		{"limited to what is gone", user(dam.Editor, "c_gone"), editing, "", "", "", "", editing},
		{"viewer on a collection", with(user(dam.NoRole), on(dam.Viewer, "c_in")), viewing, viewing, "", "",
			"", viewing},
		{"publisher on a collection", with(user(dam.NoRole), on(dam.Publisher, "c_in")), publishing, publishing, "",
			publishing, "", ownInAGrant},
		{"viewer, and publisher on a collection", with(user(dam.Viewer), on(dam.Publisher, "c_in")), publishing,
			publishing, viewing, publishing, "", ownInAGrant},
		{"admin on a collection", with(user(dam.NoRole), on(dam.Admin, "c_in")), publishing, publishing, "", publishing,
			"", ownInAGrant},
		{"editor on a collection that is gone", with(user(dam.NoRole), on(dam.Editor)), editing, "", "", "", "",
			ownInAGrant},
		{"publisher by a group", with(user(dam.NoRole), whole), publishing + ofLibrary, publishing, publishing,
			publishing, publishing, publishing},
		{"a role of the library", with(user("own_role"), custom(dam.MaySee, dam.MayApprove, dam.MayManageJobs)),
			"see approve manage_jobs", "see approve", "see approve", "", "", "see approve"},
		{"approving without seeing", with(user("own_role"), custom(dam.MayApprove)), "approve", "", "", "", "", ""},
		{"a role with a name that means nothing", with(user("own_role"), custom("fly")), "", "", "", "", "", ""},
	}
}

// Every permission × every kind of grant, in the library and on every kind of asset.
func TestAccess(t *testing.T) {
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	approved := now.Add(-time.Hour)
	asset := func(by, collection string, public bool) *dam.Asset {
		a := &dam.Asset{ID: "a_1", Library: "main", CreatedBy: by, Collections: []string{collection}}
		if public {
			a.Live, a.Published, a.LiveSince = "v_1", true, &approved
		}
		return a
	}
	for _, c := range accessCases() {
		for what, x := range map[string]struct {
			a    *dam.Asset
			want string
		}{
			"the library":                {nil, c.library},
			"an asset of the collection": {asset("u_2", "c_in", true), c.in},
			"an asset elsewhere":         {asset("u_2", "c_out", true), c.out},
			"a draft of the collection":  {asset("u_2", "c_in", false), c.draftIn},
			"a draft elsewhere":          {asset("u_2", "c_out", false), c.draftOut},
			"an own draft elsewhere":     {asset("u_1", "c_out", false), c.own},
		} {
			want := strings.Fields(x.want)
			for _, p := range dam.Permissions {
				if x.a != nil && p.Scope == dam.ScopeLibrary {
					continue // it is never asked about an asset
				}
				got := c.who.Decide(p.Name, "main", x.a, now)
				if got.Allowed != slices.Contains(want, string(p.Name)) {
					t.Errorf("%s, %s, %s: %v (%s)", c.kind, what, p.Name, got.Allowed, got.Reason.Text())
				}
				if got.Reason.IsZero() {
					t.Errorf("%s, %s, %s: no reason", c.kind, what, p.Name)
				}
			}
			if x.a != nil {
				continue
			}
			if may := c.who.May("main").List(); c.who.ID != dam.SystemID && len(may) != len(want) {
				t.Errorf("%s may %v, want %v", c.kind, may, want)
			}
		}
	}
}

// What the public may not see today is not shown without the permission, whatever the reason; and time alone changes
// it.
func TestUnapprovedIsNotShown(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 30, 22, 59, 0, 0, time.UTC) // 23:59 in Paris
	before := at.Add(-time.Hour)
	who := dam.Principal{ID: "u_1", Grants: map[string]dam.Role{"main": dam.Viewer},
		Access: map[string]dam.Access{"main": {Zone: paris}}}
	for what, x := range map[string]struct {
		change      func(a *dam.Asset)
		now, minute bool // seen now, and a minute later
	}{
		"approved":       {func(*dam.Asset) {}, true, true},
		"in the bin":     {func(a *dam.Asset) { a.DeletedAt = &before }, false, false},
		"unapproved":     {func(a *dam.Asset) { a.Live = "" }, false, false},
		"recalled":       {func(a *dam.Asset) { a.Recall = &dam.Recall{At: at} }, false, false},
		"its last day":   {func(a *dam.Asset) { a.Rights.Until = "2026-11-30" }, true, false},
		"before its day": {func(a *dam.Asset) { a.Rights.From = "2026-12-01" }, false, true},
		"elsewhere":      {func(a *dam.Asset) { a.Rights.Territories = []string{"FR"} }, true, true},
	} {
		a := dam.Asset{ID: "a_1", Library: "main", Live: "v_1", LiveSince: &before, Published: true}
		x.change(&a)
		got := [2]bool{who.Decide(dam.MaySee, "main", &a, at).Allowed,
			who.Decide(dam.MaySee, "main", &a, at.Add(time.Minute)).Allowed}
		if want := [2]bool{x.now, x.minute}; got != want {
			t.Errorf("%s: seen %v, want %v", what, got, want)
		}
	}
}

func TestDecisionSaysWhy(t *testing.T) {
	approved := time.Now().Add(-time.Hour)
	a := dam.Asset{ID: "a_1", Library: "main", Collections: []string{"c_below"}, Live: "v_1", LiveSince: &approved,
		Published: true}
	by := dam.Principal{ID: "u_1", Access: map[string]dam.Access{"main": {Grants: []dam.Grant{{Role: dam.Editor,
		May: dam.SetOf(dam.Editor.Permissions()...), Collections: []string{"c_top", "c_below"}, On: "c_top",
		Group: "Press"}}}}}
	d := by.Decide(dam.MayEditAll, "main", &a, time.Now())
	if !d.Allowed || d.Role != dam.Editor || d.Group != "Press" || d.Collection != "c_top" {
		t.Errorf("%+v", d)
	}
	for may, want := range map[dam.Permission]string{dam.MayApprove: "permission_needed",
		dam.MayManageJobs: "whole_library_needed", "fly": "permission_needed"} {
		if d := by.Decide(may, "main", &a, time.Now()); d.Allowed || d.Reason.ReasonCode != want {
			t.Errorf("%s: %+v", may, d)
		}
	}
	a.Collections = nil
	if d := by.Decide(dam.MaySee, "main", &a, time.Now()); d.Reason.ReasonCode != "in_no_granted_collection" {
		t.Errorf("%+v", d)
	}
	if err := by.NeedOn(&a, dam.MayEditAll); dam.CodeOf(err) != dam.NotFound {
		t.Errorf("what is not seen is %v", err)
	}
	if err := by.NeedOnCollection("main", "c_other", dam.MayEditAll); dam.CodeOf(err) != dam.NotFound {
		t.Errorf("a collection that is not known is %v", err)
	}
	if err := by.NeedOnCollection("main", "c_below", dam.MayEditAll); err != nil {
		t.Error(err)
	}
	if err := by.NeedOnCollection("main", "c_below", dam.MayApprove); dam.CodeOf(err) != dam.Forbidden {
		t.Error(fmt.Sprint("approving there is ", err))
	}
}
