package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/test/golden"
	"vitrine/test/upgrade"
)

// What this build says of itself is what was recorded: docs/testing.md tells how to record it anew. The tests named
// TestGolden… belong together:
//
//	go test ./cmd/vitrine -run TestGolden [-update]

// unset takes the settings out of the environment, where they would count as defaults.
func unset(t *testing.T) {
	t.Helper()
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); strings.HasPrefix(name, "VITRINE_") {
			t.Setenv(name, "")
		}
	}
}

func TestGoldenOpenAPI(t *testing.T) {
	status, out, diagnostics := vitrine(t.Context(), "openapi")
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(out), "", " "); status != 0 || err != nil {
		t.Fatalf("status %d, %v: %s", status, err, diagnostics)
	}
	golden.Compare(t, "openapi.json", b.Bytes())
}

// The help of every command, also of those that are hidden, in the order of the tree.
func TestGoldenCLI(t *testing.T) {
	unset(t)
	var b bytes.Buffer
	n := 0
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		n++
		args := strings.Fields(cmd.CommandPath())[1:]
		status, out, diagnostics := vitrine(t.Context(), append(args, "--help")...)
		if status != 0 || diagnostics != "" {
			t.Errorf("%s --help: status %d %s", cmd.CommandPath(), status, diagnostics)
		}
		fmt.Fprintf(&b, "=== %s", cmd.CommandPath())
		for _, also := range cmd.Aliases {
			fmt.Fprintf(&b, " | %s", also)
		}
		if cmd.Hidden {
			b.WriteString(" (hidden)")
		}
		if cmd.Deprecated != "" {
			fmt.Fprintf(&b, " (deprecated: %s)", cmd.Deprecated)
		}
		fmt.Fprintf(&b, "\n\n%s\n", out)
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(rootCommand())
	if n < 80 {
		t.Errorf("%d commands are not all", n)
	}
	golden.Compare(t, "cli.txt", b.Bytes())
}

// Name, variable and help of every setting, then what each is when nobody sets it.
func TestGoldenSettings(t *testing.T) {
	unset(t)
	_, help, _ := vitrine(t.Context(), "config", "--help")
	_, list, ok := strings.Cut(help, "\nSettings:\n")
	list, _, ok2 := strings.Cut(list, "\nUsage:")
	status, out, diagnostics := vitrine(t.Context(), "config")
	if !ok || !ok2 || status != 0 || diagnostics != "" {
		t.Fatalf("status %d %s: %s", status, diagnostics, help)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	out = strings.Replace(out, "node: "+host, "node: <host name>", 1)
	var plain strings.Builder // the columns depend on the host's name
	for line := range strings.Lines(out) {
		plain.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	golden.Compare(t, "settings.txt", []byte(list+"\n"+plain.String()))
}

// Both databases after every migration, those of the queue included.
func TestGoldenSchemas(t *testing.T) {
	t.Parallel()
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		queue, err := jobs.New(c, "golden", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := queue.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		dialect, parts := "sqlite", sqliteSchema
		if c.Postgres() {
			dialect, parts = "postgres", postgresSchema
		}
		var b bytes.Buffer
		for _, p := range parts {
			describe(ctx, t, c, &b, p.title, p.query)
		}
		golden.Compare(t, "schema-"+dialect+".txt", b.Bytes())
	})
}

type schemaPart struct{ title, query string }

var sqliteSchema = []schemaPart{
	{"columns: table, name, type, not null, default, place in the primary key",
		`SELECT m.name, p.name, p.type, p."notnull", COALESCE(p.dflt_value,'-'), p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type='table' ORDER BY m.name, p.cid`},
	{"foreign keys: table, column, to table, column, on update, on delete",
		`SELECT m.name, f."from", f."table", COALESCE(f."to",'-'), f.on_update, f.on_delete FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type='table' ORDER BY m.name, f.id, f.seq`},
	{"indexes: table, name, unique, origin, partial, columns",
		`SELECT m.name, i.name, i."unique", i.origin, i.partial, COALESCE((SELECT group_concat(COALESCE(x.name,'(expression)')||CASE x."desc" WHEN 1 THEN ' desc' ELSE '' END, ', ') FROM pragma_index_xinfo(i.name) x WHERE x.key=1),'') FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type='table' ORDER BY m.name, i.name`},
	{"statements", `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name`},
	{"migrations", `SELECT version_id FROM goose_db_version ORDER BY version_id`},
}

var postgresSchema = []schemaPart{
	{"columns: table, name, type, nullable, default, identity, collation",
		`SELECT table_name, column_name, data_type||COALESCE('('||character_maximum_length||')',''), is_nullable, COALESCE(column_default,'-'), is_identity, COALESCE(collation_name,'-') FROM information_schema.columns WHERE table_schema='public' ORDER BY table_name COLLATE "C", ordinal_position`},
	{"constraints: table, name, definition",
		`SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace='public'::regnamespace AND conrelid<>0 AND contype<>'n' ORDER BY conrelid::regclass::text COLLATE "C", conname COLLATE "C"`},
	{"indexes",
		`SELECT indexdef FROM pg_indexes WHERE schemaname='public' ORDER BY tablename COLLATE "C", indexname COLLATE "C"`},
	{"sequences",
		`SELECT sequence_name, data_type, start_value, increment FROM information_schema.sequences WHERE sequence_schema='public' ORDER BY sequence_name COLLATE "C"`},
	{"triggers", `SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname COLLATE "C"`},
	{"functions",
		`SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace='public'::regnamespace AND prokind='f' ORDER BY proname COLLATE "C"`},
	{"enumerated types",
		`SELECT typname, enumlabel FROM pg_enum JOIN pg_type t ON t.oid=enumtypid ORDER BY typname COLLATE "C", enumsortorder`},
	{"migrations", `SELECT version_id::text FROM goose_db_version ORDER BY version_id`},
}

// describe writes a part of a schema, one row a line.
func describe(ctx context.Context, t *testing.T, c *catalog.Catalog, b *bytes.Buffer, title, query string) {
	t.Helper()
	rows, err := upgrade.Query(ctx, c, query)
	if err != nil {
		t.Fatalf("%s: %v", title, err)
	}
	fmt.Fprintf(b, "=== %s\n\n", title)
	for _, r := range rows {
		fmt.Fprintln(b, strings.Join(r, " | "))
	}
	b.WriteByte('\n')
}
