package assets

import (
	"reflect"
	"strings"
	"testing"

	"vitrine/dam"
)

// What people edit are members of an asset, by the same names and types; the built-in text fields are among them, and
// a patch reaches the member that their entry names.
func TestFieldsAreMembersOfAssets(t *testing.T) {
	asset := reflect.TypeFor[dam.Asset]()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Fields]()) {
		name := func(f reflect.StructField) string { n, _, _ := strings.Cut(f.Tag.Get("json"), ","); return n }
		if of, ok := asset.FieldByName(f.Name); !ok || of.Type != f.Type || name(of) != name(f) {
			t.Errorf("%s %s is %s %s in an asset", f.Name, f.Type, of.Name, of.Type)
		}
	}
	for _, f := range dam.TextFields() {
		p, err := ParsePatch([]byte(`{"` + f.Name + `": "  of ` + f.Name + ` "}`))
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		var a dam.Asset
		changes, err := p.apply(&a, rules{})
		if got := *f.Of(&a); err != nil || got != "of "+f.Name || len(changes) != 1 || changes[0].Field != f.Name {
			t.Errorf("%s: %q, %v, %v", f.Name, got, changes, err)
		}
		if f.English == "" || f.French == "" || (f.Doc == "") != (f.Example == "") || f.Suggest && f.Doc == "" {
			t.Errorf("%s: its entry is not whole", f.Name)
		}
	}
}
