package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

var upgradeAssets = flag.Int("assets", 100_000, "how many assets the catalogue has that BenchmarkUpgrade upgrades")

// upgradedFrom is the migration that the benchmark begins behind: the last one before libraries, roles, rights,
// vocabularies and relations.
const upgradedFrom = 29

// BenchmarkUpgrade brings a catalogue from before the foundations up to date, with one version, one collection and
// three renditions per asset.
//
//	go test ./dam/catalog -run xxx -bench Upgrade -benchtime 1x [-assets 1000000]
func BenchmarkUpgrade(b *testing.B) {
	series := fmt.Sprintf("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<%d) ", *upgradeAssets)
	fill := []string{
		`INSERT INTO collections(id,library,revision,name,created_at,created_by) VALUES('c_1','main',1,'All',1,'system')`,
		`INSERT INTO assets(id,library,number,revision,kind,title,description,alt,caption,tags,creator,copyright,rating,
			rights,skus,latest_version,live_version,published,created_at,created_by,updated_at) ` + series + `
			SELECT 'a_'||i,'main',i,1,'image','{"en":"A blue chair in the garden"}','{}','{}','{}',
			'["chair","garden"]','Ana','Chairs',3,'{"from":"2026-01-01","until":"2030-01-01"}','["CHR-1"]','v_'||i,'v_'||i,
			true,1,'system',1 FROM s`,
		`INSERT INTO versions(id,asset_id,n,sha256,size,file_name,media_type,width,height,frames,status,comment,
			decided_by,approved_at,renditions,rendition_note,embedded,created_at,created_by) ` + series + `
			SELECT 'v_'||i,'a_'||i,1,'sha'||i,4000000,'DSC_'||i||'.jpg','image/jpeg',6000,4000,1,'approved','','system',1,
			'ready','','{}',1,'system' FROM s`,
		`INSERT INTO collection_assets(collection_id,asset_id,added_at) ` + series + `SELECT 'c_1','a_'||i,i FROM s`,
	}
	for _, preset := range []string{"thumb", "small", "web"} {
		fill = append(fill, `INSERT INTO renditions(version_id,preset,format,hash,key,sha256,size,width,height,
			media_type,note,created_at) `+series+`SELECT 'v_'||i,'`+preset+`','jpeg','h'||i,'k'||i||'`+preset+`','x',
			40000,320,200,'image/jpeg','',1 FROM s`)
	}
	for name, dsn := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "catalog.db") },
		"postgres": func() string { return catalogtest.DurableURL(b) },
	} {
		b.Run(name, func(b *testing.B) {
			ctx := catalogtest.Context(b)
			var took time.Duration
			for b.Loop() {
				c, err := catalog.Open(ctx, dsn())
				if err != nil {
					b.Fatal(err)
				}
				dialect, db := goose.DialectSQLite3, c.Database().Writer()
				if c.Postgres() {
					dialect, db = goose.DialectPostgres, stdlib.OpenDBFromPool(c.Database().Pool())
				}
				p, err := goose.NewProvider(dialect, db, os.DirFS("migrations"))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.UpTo(ctx, upgradedFrom); err != nil {
					b.Fatal(err)
				}
				for _, q := range fill {
					if _, err := db.ExecContext(ctx, q); err != nil {
						b.Fatal(err)
					}
				}
				at := time.Now()
				if err := c.Migrate(ctx); err != nil {
					b.Fatal(err)
				}
				took += time.Since(at)
				if err := c.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(took.Seconds()/float64(b.N), "s")
		})
	}
}
