package soak

// Points are the moments at which the server is killed: in the middle of each thing that must survive it.
var Points = []string{"upload half sent", "upload sent", "resumable half sent", "resumable last part",
	"upload answered", "first rendition", "approval", "edit", "preparing", "committing", "committed", "recalling",
	"bulk job", "deletion"}

// Stores and Databases are what it is killed on.
var (
	Stores    = []string{"disk", "minio", "versitygw"}
	Databases = []string{"sqlite", "postgres"}
)

// Rounds is how often each point is met on each store and database, and each fault on each server.
const Rounds = 20

// Kills is the number of all cases.
const Kills = 14 * 3 * 2 * Rounds

// Faults are what happens to a call to S3, Operations what was called.
var (
	Faults     = []string{"answer lost", "refused before", "server error", "slow down", "cut answer", "hang up"}
	Operations = []string{"put", "put in parts", "put of unknown size", "open", "stat", "delete"}
	Servers    = []string{"minio", "versitygw"}
)

// Corpus is the number of files that test/e2e/corpus makes.
const Corpus = 664

// S3Faults is the number of all cases.
const S3Faults = 6 * 6 * 2 * Rounds
