package retention

import (
	"fmt"
	"strings"
	"time"
)

// Retention says how long rows of one table are kept.
type Retention struct {
	Table string
	// Until says in words when a row goes.
	Until string
	// Setting is the key in the configuration, "" where nobody should want another period.
	Setting string
}

// Retentions say how long each table is kept. Every table of the catalogue is named here, the queue's own and the
// migrations' too: a test compares the list with the tables, and another with docs/operations.md.
func Retentions() []Retention {
	return []Retention{
		{"assets, versions, sidecars, renditions, films, rendition_wants, distinct_assets, product_waiting",
			"the asset is purged: 30 days after it went to the bin", "retention.bin"},
		{"blobs", "a day after nothing refers to the object any more", ""},
		{"metadata_copies", "7 days; made again when asked for", ""},
		{"damage", "90 days after the repair; open damage stays", ""},
		{"quarantine", "30 days", "retention.quarantine"},
		{"reprocessing_items",
			"its file is no longer in quarantine or its asset is purged; what was found in quarantine " +
				"or never done, 30 days after the end of the reprocessing", "retention.quarantine"},
		{"reprocessings", "kept: they say what an upgrade did", ""},
		{"upload_results, idempotency", "2 days", ""},
		{"events, event_values", "400 days", "retention.events"},
		{"publications, publication_steps, publication_files",
			"3 years after the end, and as long as the asset is there when a rule " +
				"made it or a person took it back; what is out stays", "retention.publications"},
		{"product_imports, product_import_errors", "90 days after the end", "retention.imports"},
		{"rendition_runs", "90 days after the end", "retention.imports"},
		{"bulk_jobs, bulk_items", "30 days after the end", ""},
		{"downloads", "400 days after the link is over", "retention.events"},
		{"download_files", "the link is over, or the download was cancelled", ""},
		{"download_terms, download_acceptances", "kept: they say who accepted which text", ""},
		{"webhook_deliveries", "7 days when delivered, 30 days when given up", ""},
		{"river_job", "a day when done, 30 days when cancelled, a year when parked", ""},
		{"tokens", "400 days after a token was revoked or expired, as long as histories name it", "retention.events"},
		{"sessions, login_attempts, channel_connects", "they expire", ""},
		{"recent_searches", "the newest few of each person", ""},
		{"nodes", "10 seconds after the last heartbeat, once the work is taken over", ""},
		{"river_leader, river_client, river_client_queue, river_queue, river_notification",
			"the queue's own, by itself", ""},
		{"users, grants, access_members, access_grants, saved_searches, saved_search_matches",
			"a person removes them; erasing a user leaves a bare id", ""},
		{"collections, collection_assets, collection_exclusions, collection_bin",
			"a person removes them, and 30 days have passed since", "retention.bin"},
		{"drafts, draft_assets, draft_revisions",
			"a person deleted or planned the draft, and 30 days have passed since; " +
				"of its history the newest 200 changes stay", "retention.bin"},
		{"collection_favourites", "the person or the collection is removed", ""},
		{"collection_trees", "kept: one row for each library", ""},
		{"vocabularies, vocabulary_terms, vocabulary_names, vocabulary_merges",
			"a person removes the vocabulary or the term; a merged term stays with the one that it became", ""},
		{"libraries, library_usage, roles, access_groups, presets, fields, synonyms, products, product_rules, " +
			"product_families, campaigns, webhooks, screens, signage_entries", "a person removes them", ""},
		{"rights_records, rights_links", "kept: they say by what an asset was shown; a link goes with its asset; " +
			"erasing a consent leaves its terms", ""},
		{"asset_relations", "a person removes them; a relation goes with its assets", ""},
		{"rights_requirements", "kept: one row for each library", ""},
		{"channels, series", "kept: histories name them", ""},
		{"channel_proofs", "kept: they say what a kind of channel was tried on", ""},
		{"product_parents", "kept: it says which pictures a variant had from its parent, and when", ""},
		{"product_offers", "kept: it says what a product cost and how many there were, when and where", ""},
		{"product_slots, asset_standings, former_renditions, asset_recalls",
			"the asset is erased; until then URLs and histories go by them", ""},
		{"erasures", "kept: a restored backup forgets again by them", ""},
		{"name_work", "an upgrade has done what it says", ""},
		{"name_changes", "kept: what an upgrade did to names; a line whose example is erased goes with it", ""},
		{"backups, secret_keys, epochs", "kept: one row for each target, key and restore", ""},
		{"mirror_queue", "until the second store is like the first; emptied when none is set", ""},
		{"mirror", "kept: one row", ""},
		{"counters, log_head, hold, scrub, followers, goose_db_version, river_migration, sqlite_sequence",
			"kept: one row for each thing that is counted", ""},
	}
}

// RetentionTable is the list as the documentation has it.
func RetentionTable() string {
	var b strings.Builder
	b.WriteString("| Tables | A row goes | Setting |\n|---|---|---|\n")
	for _, r := range Retentions() {
		setting := "–"
		if r.Setting != "" {
			setting = "`" + r.Setting + "`"
		}
		_, _ = fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Table, r.Until, setting) // a Builder takes everything
	}
	return b.String()
}

// Forever is a period that doesn't end.
const Forever = 200 * 365 * day

const (
	keepPublications = 3 * 365 * day
	keepRuns         = 90 * day
	keepEvents       = 400 * day
)

func (s *Service) records() (publications, runs, tokens time.Duration) {
	return or(s.Publications, keepPublications), or(s.Runs, keepRuns), or(s.Events, keepEvents)
}
