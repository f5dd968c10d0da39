package retention_test

import (
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/retention"
)

// Every table is in the list, and nothing else.
func TestEveryTableHasRetention(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		q, err := jobs.New(c, "n1", slog.New(slog.DiscardHandler))
		if err == nil {
			err = q.Migrate(catalogtest.Context(t))
		}
		if err != nil {
			t.Fatal(err)
		}
		tables, err := c.Maintenance().Tables(catalogtest.Context(t))
		if err != nil || len(tables) < 50 {
			t.Fatal(len(tables), err)
		}
		var named []string
		for _, r := range retention.Retentions() {
			named = append(named, strings.Split(r.Table, ", ")...)
		}
		for _, table := range tables {
			if !slices.Contains(named, table) {
				t.Errorf("nothing says how long rows of %s are kept: add it to Retentions", table)
			}
		}
		// of one database, or of some versions of the queue
		engine := []string{"sqlite_sequence", "river_notification", "river_client", "river_client_queue"}
		for _, table := range named {
			if !slices.Contains(tables, table) && !slices.Contains(engine, table) {
				t.Errorf("%s is in the list and not in the catalogue", table)
			}
		}
	})
}

func TestRetentionIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), retention.RetentionTable()) {
		t.Errorf("docs/operations.md has another table of retention; it should be:\n%s", retention.RetentionTable())
	}
}

// Old records go, and what is out, or newer, or made others, stays.
func TestOldRecordsGo(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			exec := func(q string) error {
				if pg := tx.PG(); pg != nil {
					_, err := pg.Exec(catalogtest.Context(t), q)
					return err
				}
				_, err := tx.SQLite().ExecContext(catalogtest.Context(t), q)
				return err
			}
			for _, q := range []string{
				`INSERT INTO channels(id,library,revision,name,kind,config,secrets,territories,rule,health,health_note,paused,held_until,capabilities,refresh_until,created_at,created_by,updated_at)
				 VALUES('ch','main',1,'c','bucket','{}','{}','[]','','ok','',false,0,'{}',0,0,'',0)`,
				publication("hand", "recalled", "old"), publication("hand", "delivered", "out"),
				publication("rule", "failed", "ruled"),
				publication("hand", "recalled", "refused"), publication("hand", "recalled", "refusedgone"),
				`UPDATE publications SET by_hand=true WHERE id IN ('refused','refusedgone')`,
				`INSERT INTO publication_steps VALUES('old',1,0,'recalled',1,'','')`,
				`INSERT INTO product_imports(id,library,object,format,dry_run,state,problem,size,done,rows,created,updated,unchanged,failed,created_at,created_by,finished_at)
				 VALUES('old','main','','csv',false,'done','',0,0,0,0,0,0,0,0,'',1),('running','main','','csv',false,'running','',0,0,0,0,0,0,0,0,'',NULL)`,
				`INSERT INTO rendition_runs VALUES('old','main','[]','done',0,0,0,0,'',0,0,'',1),('running','main','[]','running',0,0,0,0,'',0,0,'',NULL)`,
				`INSERT INTO tokens(id,name,hash,created_at,created_by,revoked_at,expires_at) VALUES('old','','a',0,'',1,NULL),('expired','','b',0,'',NULL,1),('maker','','c',0,'',1,NULL),('made','','d',0,'maker',NULL,NULL)`,
				`INSERT INTO grants(principal,library,role) VALUES('old','main','admin'),('made','main','admin')`,
			} {
				if err := exec(q); err != nil {
					return err
				}
			}
			// The rule's asset is still there, and so is one of which a person has taken the publication back.
			return exec(
				`INSERT INTO assets(id,library,number,revision,kind,title,description,alt,caption,tags,creator,copyright,rating,rights,skus,latest_version,live_version,published,created_at,created_by,updated_at)
				VALUES('ruled','main',1,1,'image','{}','{}','{}','{}','[]','','',0,'{}','[]','','',false,0,'',0),
				('refused','main',2,1,'image','{}','{}','{}','{}','[]','','',0,'{}','[]','','',false,0,'',0)`)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
			return tx.Maintenance().ExpireRecords(catalogtest.Context(t), catalog.RecordPeriods{Publications: time.Hour,
				Runs: time.Hour, Tokens: time.Hour})
		}); err != nil {
			t.Fatal(err)
		}
		for table, want := range map[string]string{"publications": "out refused ruled", "publication_steps": "",
			"product_imports": "running", "rendition_runs": "running", "tokens": "made maker", "grants": "made"} {
			ids, err := ids(t, c, table)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%s keeps %q, want %q", table, got, want)
			}
		}
	})
}

func publication(origin, state, id string) string {
	return `INSERT INTO publications(id,library,channel_id,asset_id,revision,sent,state,lane,origin,presets,caption,due_at,zone,version_id,approved_by,attempts,withdrawn,by_hand,reason,lease_owner,lease_token,progress,flight,digest,steps,created_at,created_by,updated_at)
	VALUES('` + id + `','main','ch','` + id + `',1,1,'` + state + `',0,'` + origin +
		`','[]','{}',0,'UTC','','',0,false,false,'','',0,'{}','','',1,0,'',0)`
}

// ids are the values of a table's key, in order.
func ids(t *testing.T, c *catalog.Catalog, table string) (out []string, err error) {
	t.Helper()
	key := map[string]string{"publication_steps": "publication_id", "grants": "principal"}[table]
	if key == "" {
		key = "id"
	}
	q := `SELECT COALESCE(string_agg(` + key + `, ' ' ORDER BY ` + key + `), '') FROM ` + table
	var list string
	err = c.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
		if pg := tx.PG(); pg != nil {
			return pg.QueryRow(catalogtest.Context(t), q).Scan(&list)
		}
		return tx.SQLite().QueryRowContext(catalogtest.Context(t), q).Scan(&list)
	})
	return strings.Fields(list), err
}
