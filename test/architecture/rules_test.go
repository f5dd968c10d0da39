package architecture

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const module = "vitrine"

// rule says what the packages that match a pattern may import of this module.
// Patterns are paths below the module; a last element of * is any one element.
// The first rule that matches a package decides.
type rule struct {
	packages string
	may      []string
	why      string
	// stdlib forbids everything from outside this module too.
	stdlib bool
}

// service is what the services share; siblings are reached by an interface at the point of use.
var service = []string{"dam", "dam/canon", "dam/catalog", "dam/events", "dam/jobs", "dam/outbound", "dam/tracing",
	"storage"}

// services are the packages that web may call.
var services = []string{
	"dam/assets", "dam/bulk", "dam/collections", "dam/delivery", "dam/downloads", "dam/epoch",
	"dam/export", "dam/ingest", "dam/integrity", "dam/libraries", "dam/mirror",
	"dam/notifications", "dam/people", "dam/products", "dam/relations", "dam/rendition", "dam/reprocess",
	"dam/retention", "dam/review", "dam/rights", "dam/savedsearch", "dam/secrets", "dam/sheets", "dam/signage",
	"dam/similarity", "dam/vocabularies", "dam/webhooks",
	"dam/writeback",
	"publishers/accounts", "publishers/planning", "publishers/proving", "publishers/ledger",
}

func rules() []rule {
	list := []rule{
		{packages: "dam", may: []string{"dam/reasons"}, stdlib: true,
			why: "the nouns import the standard library only"},
		{packages: "dam/reasons", stdlib: true, why: "the catalogue of outcomes imports the standard library only"},
		{packages: "storage", stdlib: true, why: "the storage contract imports the standard library only"},
		{packages: "storage/storagetest", may: []string{"storage", "test/ports"},
			why: "the suite of storage drivers starts servers on addresses that it reserves"},
		{packages: "storage/*", may: []string{"storage"}, why: "a storage driver imports its parent and its SDK"},
		{packages: "dam/tracing", may: []string{"dam"}, why: "traces import the nouns and OpenTelemetry"},
		{packages: "dam/reasons/generate", may: []string{"dam/reasons"}, stdlib: true,
			why: "what is generated of the catalogue of outcomes needs nothing else"},
		{packages: "dam/canon", may: []string{"dam"}, why: "the form of names needs the nouns and Unicode's tables"},
		{packages: "dam/catalog", may: []string{"dam", "dam/canon", "dam/tracing"},
			why: "the catalogue imports the nouns, the form of names, its SQL libraries, and marks what it keeps " +
				"with its trace"},
		{packages: "test/ports", stdlib: true, why: "a tool of the tests"},
		{packages: "dam/catalog/catalogtest", may: []string{"dam", "dam/catalog", "test/ports"},
			why: "the catalogue's suite imports the catalogue"},
		{packages: "dam/backup", may: []string{"dam", "dam/catalog", "dam/retention", "storage", "storage/disk"},
			why: "backups read the catalogue, apply erasures and keep objects as the disk store does"},
		{packages: "dam/events", may: []string{"dam", "dam/catalog"},
			why: "the log imports the catalogue, which owns the transaction"},
		{packages: "dam/jobs", may: []string{"dam", "dam/catalog", "dam/tracing"},
			why: "the queue imports the catalogue, which owns the transaction"},
		{packages: "dam/space", may: []string{"dam"}, why: "measuring volumes needs the nouns only"},
		{packages: "dam/space/spacetest", stdlib: true, why: "mounting for tests needs nothing of the product"},
		{packages: "dam/outbound", may: []string{"dam"}, stdlib: true,
			why: "the guarded dialler imports the nouns and the standard library"},
		{packages: "dam/metadata", may: []string{"dam", "dam/canon"},
			why: "metadata imports the nouns and the form of their names"},
		{packages: "dam/similarity/visual", may: []string{"dam"}, why: "what pictures look like needs the nouns only"},
		{packages: "search", may: []string{"dam", "dam/canon", "dam/similarity/visual", "search/columns"},
			why: "search imports the nouns, the form of their names, its columns and how pictures compare"},
		{packages: "search/columns", may: []string{"dam"}, why: "the columns know nothing of the search above them"},
		{packages: "search/searchtest", may: []string{"dam", "dam/similarity/visual", "dam/space/spacetest", "search",
			"search/columns"}, why: "the engines' suite imports the search and volumes that fill up"},
		{packages: "search/*", may: []string{"dam", "dam/similarity/visual", "search", "search/columns"},
			why: "a search engine imports its parent and its SDK"},
		{packages: "dam/savedsearch", may: slices.Concat(service, []string{"search"}),
			why: "what people keep of searches speaks the query language"},
		{packages: "dam/rendition/icc", stdlib: true, why: "colour arithmetic imports the standard library only"},
		{packages: "dam/rendition/convert",
			may: []string{"dam", "dam/rendition", "dam/rendition/icc", "dam/rendition/sandbox"},
			why: "what makes plain pictures of other formats imports its parent, colour arithmetic and the sandbox " +
				"its programs run in"},
		{packages: "dam/rendition/*", may: []string{"dam", "dam/rendition", "dam/rendition/icc"},
			why: "a rendition engine imports its parent, colour arithmetic and its SDK"},
		{packages: "publishers", may: []string{"dam", "dam/outbound"},
			why: "the contract of channels imports the nouns and the guarded dialler"},
		{packages: "publishers/accounts", may: slices.Concat(service, []string{"publishers"}),
			why: "channels and their credentials stand on the contract"},
		{packages: "publishers/planning", may: slices.Concat(service, []string{"publishers", "publishers/accounts"}),
			why: "plans are made for channels"},
		{packages: "publishers/ledger", may: slices.Concat(service, []string{"publishers", "publishers/accounts",
			"publishers/planning"}), why: "the ledger carries out what is planned, with the channels' credentials"},
		{packages: "publishers/proving", may: slices.Concat(service, []string{"publishers", "publishers/accounts"}),
			why: "a proof posts with the channels' credentials, beside the ledger"},
		{packages: "publishers/publishertest", may: slices.Concat(service, services,
			[]string{"publishers", "dam/catalog/catalogtest", "storage/disk"}),
			why: "the channels' suite runs the real ledger and what it stands on"},
		{packages: "publishers/*", may: []string{"dam", "publishers", "storage"},
			why: "a kind of channel imports its contract and its SDK; the stores it writes to are handed to it"},
		{packages: "publishers/*/*", may: []string{"dam", "dam/canon", "publishers", "storage"},
			why: "a kind of channel imports its contract and its SDK; the stores it writes to are handed to it"},
		{packages: "web/problem", may: []string{"dam"}, why: "the form of error answers knows the errors and HTTP"},
		{packages: "web/content", may: []string{"dam", "storage", "web/problem"},
			why: "what answers with objects knows the storage, HTTP and the form of its errors"},
		{packages: "web/portal", stdlib: true, why: "the portal is files"},
		{packages: "web/*", may: slices.Concat(service, services, []string{"dam/similarity/visual", "search",
			"web/content", "web/portal", "web/problem"}),
			why: "web imports the nouns and the services, never a driver"},
		{packages: "cmd/vitrine/server", may: []string{"*"}, why: "the one place that wires"},
		{packages: "cmd/vitrine/server/servertest", may: []string{"cmd/vitrine/config", "cmd/vitrine/server",
			"dam/rendition/sandbox"}, why: "servers for tests are put together by the server's own package, and " +
			"start workers as the product does"},
		{packages: "cmd/vitrine/config", may: []string{"dam", "dam/delivery", "dam/ingest", "dam/notifications",
			"dam/outbound", "dam/rendition/vips", "dam/retention", "dam/space", "storage", "storage/s3"},
			why: "the settings name the options of what they set"},
		{packages: "cmd/vitrine/cli", may: []string{"dam"}, why: "what all commands share knows no command"},
		{packages: "cmd/vitrine/client", may: []string{"dam", "cmd/vitrine/cli"},
			why: "a client knows the server by its API"},
		{packages: "cmd/vitrine/local", may: []string{"*"},
			why: "commands on the data folder open what the server opens"},
		{packages: "cmd/vitrine/remote", may: []string{"*"},
			why: "commands that speak to a server name what its API takes"},
		{packages: "cmd/vitrine", may: []string{"*"}, why: "the binary"},
		{packages: "tools/descriptors", may: []string{"dam", "search"},
			why: "the portal's tables are generated from those of the nouns and of search"},
		{packages: "test/report", stdlib: true, why: "a tool of the tests"},
		{packages: "test/*", may: []string{"*"}, why: "tests of the whole"},
		{packages: "test/*/*", may: []string{"*"}, why: "tools of those tests"},
	}
	for _, s := range services {
		list = append(list,
			rule{packages: s, may: service,
				why: "a service imports dam, catalog, events, jobs and storage; a sibling is an interface at the " +
					"point of use"})
	}
	return list
}

// homes are the only packages that may import an SDK, so that it can be replaced in one place. A name ends at a slash
// or its end.
var homes = map[string][]string{
	"filippo.io/age":                          {"dam/backup"},
	"github.com/minio/minio-go":               {"storage/s3", "publishers/site/bucket"},
	"github.com/pkg/sftp":                     {"publishers/site/bucket"},
	"github.com/jackc/pgx":                    {"dam/catalog", "dam/catalog/catalogtest", "dam/jobs"},
	"modernc.org/sqlite":                      {"dam/catalog"},
	"github.com/pressly/goose":                {"dam/catalog"},
	"github.com/riverqueue/river/riverdriver": {"dam/jobs"},
	"github.com/blevesearch":                  {"search/bleve"},
	"github.com/RoaringBitmap/roaring":        {"search/columns", "search/bleve", "search"},
	"github.com/disintegration/imaging":       {"dam/rendition/imaging"},
	"github.com/gen2brain/webp":               {"dam/rendition/imaging", "dam/rendition/renditiontest"},
	"github.com/gen2brain/avif":               {"dam/rendition/imaging", "dam/rendition/renditiontest"},
	"github.com/bep/imagemeta":                {"dam/metadata"},
	"github.com/gin-gonic/gin":                {"web/api", "web/delivery"},
	"github.com/danielgtaylor/huma":           {"web/api"},
	"github.com/wneessen/go-mail":             {"dam/notifications"},
	"golang.org/x/oauth2":                     {"publishers", "publishers/accounts"},
	"github.com/spf13/cobra": {"cmd/vitrine", "cmd/vitrine/cli", "cmd/vitrine/local",
		"cmd/vitrine/remote"},
	"github.com/coreos/go-systemd":          {"cmd/vitrine/server"},
	"github.com/xuri/excelize":              {"dam/export"},
	"github.com/standard-webhooks":          {"dam/webhooks"},
	"github.com/santhosh-tekuri/jsonschema": {"publishers", "publishers/plugin"},
	"go.opentelemetry.io/otel":              {"dam/tracing", "cmd/vitrine/server"},
}

// testMay are further imports of any package's tests: the suites of the contracts, real drivers to run on, and real
// siblings instead of imitations of them.
var testMay = slices.Concat(service, services, []string{"storage/*", "dam/catalog/catalogtest", "dam/space",
	"dam/space/spacetest", "dam/metadata", "dam/rendition/*", "search", "search/*", "publishers",
	"publishers/publishertest", "publishers/site/push", "publishers/stores/signage", "cmd/vitrine/config",
	"cmd/vitrine/server",
	"cmd/vitrine/server/servertest", "test/golden", "test/ports"})

// pkg is what `go list -json` says about a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// broken returns a line for each import that a rule forbids.
func broken(p pkg) []string {
	own, inside := below(p.ImportPath)
	if !inside {
		return nil
	}
	all := rules()
	at := slices.IndexFunc(all, func(r rule) bool { return matches(r.packages, own) })
	if at < 0 {
		return []string{own + " has no rule: add one to test/architecture/rules_test.go that says what it may import"}
	}
	r := all[at]
	var out []string
	for _, imported := range p.Imports {
		if why := r.forbids(own, imported, nil); why != "" {
			out = append(out, fmt.Sprintf("%s imports %s: %s", own, imported, why))
		}
	}
	tests := r
	tests.stdlib = false // a test may compare and generate with libraries
	for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
		if isSDK(imported) {
			continue // a test may look at what its subject wrote with the SDK itself
		}
		if why := tests.forbids(own, imported, testMay); why != "" {
			out = append(out, fmt.Sprintf("%s's tests import %s: %s", own, imported, why))
		}
	}
	return out
}

// forbids returns the rule that an import breaks, "" when it is allowed.
func (r rule) forbids(own, imported string, more []string) string {
	target, inside := below(imported)
	if !inside {
		if r.stdlib && !standard(imported) {
			return r.why
		}
		for sdk, home := range homes {
			if under(sdk, imported) && !slices.Contains(home, own) && !strings.HasPrefix(own, "test/") {
				return sdk + " has one home: " + strings.Join(home, ", ")
			}
		}
		return ""
	}
	allowed := func(pattern string) bool {
		// Whoever may know the nouns may say why in their codes.
		return pattern == "*" || matches(pattern, target) || pattern == "dam" && target == "dam/reasons"
	}
	if target == own || slices.ContainsFunc(r.may, allowed) || slices.ContainsFunc(more, allowed) {
		return ""
	}
	return r.why
}

// below cuts the module's name off.
func below(importPath string) (string, bool) { return strings.CutPrefix(importPath, module+"/") }

func isSDK(imported string) bool {
	_, inside := below(imported)
	return !inside && !standard(imported)
}

// standard: the first element of a package outside the standard library has a dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func under(prefix, imported string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}

func matches(pattern, target string) bool {
	ok, err := path.Match(pattern, target)
	return err == nil && ok
}
