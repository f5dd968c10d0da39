package dam

import "time"

// SavedSearch is a query that a user has saved, for themselves or for the library.
type SavedSearch struct {
	ID       string `json:"id"`
	Library  string `json:"library"`
	Revision int64  `json:"revision"`
	Name     string `json:"name"`
	Query    string `json:"query"`
	Sort     string `json:"sort,omitempty"`
	Shared   bool   `json:"shared" doc:"Everybody in the library sees it"`
	Alert    bool   `json:"alert" doc:"The event search.matched tells of each new asset that matches, once"`
	// AlertAfter is the number of the newest asset at the time the alert was switched on.
	AlertAfter *int64    `json:"-"`
	Owner      string    `json:"owner"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
}

// Unwritten is the revision of settings that a library has never written; 0 stands for any revision.
const Unwritten int64 = -1

// Synonyms are words of a library that search treats as equal.
type Synonyms struct {
	Lines    []string `json:"lines" nullable:"false" doc:"“sofa, couch” finds each other; “gsm => phone” the right one too by the left; # begins a comment"`
	Revision int64    `json:"revision" doc:"Counts edits; its quoted decimal is the ETag. 0: there have never been any"`
}

// RecentSearch is a query that somebody has used.
type RecentSearch struct {
	Query string    `json:"query"`
	Sort  string    `json:"sort,omitempty"`
	At    time.Time `json:"at"`
}

// Touched is what some events of the log changed for searches.
type Touched struct {
	Assets []string // distinct ids
	// Removed are the numbers of the assets that were purged or erased.
	Removed []uint32
	// Sweeps are the assets that single events touch by the thousand.
	Sweeps []Sweep
	Upto   int64 // seq of the last event read
}

// Sweep is many assets that one event touches. They are read in pages, between which other events are followed.
type Sweep struct {
	Library string `json:"library"`
	What    string `json:"what,omitempty"`  // as the catalogue wrote it; "" is every asset that products show
	After   string `json:"after,omitempty"` // the last asset of the page before
}
