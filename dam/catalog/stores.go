package catalog

// The catalogue's statements are grouped by noun. A store such as Assets reads, either from the catalogue or inside a
// transaction; its counterpart such as AssetsTx reads and writes inside one transaction. All stores of a transaction
// commit together.
type (
	// Assets reads assets and their recalls.
	Assets struct{ db Conn }
	// Collections reads the tree of collections, and what is in each.
	Collections struct{ db Conn }
	// Rights reads licences and consents, and which assets they are linked to.
	Rights struct{ db Conn }
	// Relations reads what assets are to each other.
	Relations struct{ db Conn }
	// Versions reads versions: the files of assets, and what was read from them.
	Versions struct{ db Conn }
	// Renditions reads renditions, videos, and copies of originals with today's metadata.
	Renditions struct{ db Conn }
	// Presets reads presets, and the runs that make their renditions again.
	Presets struct{ db Conn }
	// Similarity reads the visual analyses of assets, and which similar assets people found distinct.
	Similarity struct{ db Conn }
	// Libraries reads libraries and their own metadata fields.
	Libraries struct{ db Conn }
	// Searches reads saved searches, recent ones, and synonyms.
	Searches struct{ db Conn }
	// People reads users, sessions, tokens, and attempts to sign in.
	People struct{ db Conn }
	// Products reads products, their slots, rules and imports.
	Products struct{ db Conn }
	// Public reads what public delivery shows and has shown.
	Public struct{ db Conn }
	// Publications reads the ledger of publications.
	Publications struct{ db Conn }
	// Channels reads channels, their accounts and their health.
	Channels struct{ db Conn }
	// Schedule reads series and campaigns.
	Schedule struct{ db Conn }
	// Webhooks reads webhooks and their deliveries.
	Webhooks struct{ db Conn }
	// Screens reads screens of shops and what they play.
	Screens struct{ db Conn }
	// Log reads the event log and the cursors of those that follow it.
	Log struct{ db Conn }
	// Epochs reads the epochs of the log, and the hold that a new one begins with.
	Epochs struct{ db Conn }
	// Jobs reads the queue's jobs and the nodes that work on them.
	Jobs struct{ db Conn }
	// BulkJobs reads changes of many assets.
	BulkJobs struct{ db Conn }
	// Downloads reads downloads, their files, and what libraries want agreed to before.
	Downloads struct{ db Conn }
	// Uploads reads quarantined files and the results of uploads.
	Uploads struct{ db Conn }
	// Reprocessings reads what is done again because earlier versions did it wrongly or not at all.
	Reprocessings struct{ db Conn }
	// Objects reads stored objects: references, checksums, damage, scrub.
	Objects struct{ db Conn }
	// Maintenance reads backups, erasures, retention and sealing keys.
	Maintenance struct{ db Conn }
	// Database is the database itself: its file or pool, its schema, its clock, its copies.
	Database struct{ c *Catalog }
	// Mirror is the queue of the mirror.
	Mirror struct{ c *Catalog }
)

// The stores of one transaction.
type (
	// AssetsTx reads and writes assets and their recalls.
	AssetsTx struct {
		Assets
		tx *Tx
	}
	// CollectionsTx reads and writes the tree of collections, and what is in each.
	CollectionsTx struct {
		Collections
		tx *Tx
	}
	// RightsTx reads and writes licences and consents, and which assets they are linked to.
	RightsTx struct {
		Rights
		tx *Tx
	}
	// RelationsTx reads and writes what assets are to each other.
	RelationsTx struct {
		Relations
		tx *Tx
	}
	// VersionsTx reads and writes versions: the files of assets, and what was read from them.
	VersionsTx struct {
		Versions
		tx *Tx
	}
	// RenditionsTx reads and writes renditions, videos, and copies of originals with today's metadata.
	RenditionsTx struct {
		Renditions
		tx *Tx
	}
	// PresetsTx reads and writes presets, and the runs that make their renditions again.
	PresetsTx struct {
		Presets
		tx *Tx
	}
	// SimilarityTx reads and writes the visual analyses of assets, and which similar assets people found distinct.
	SimilarityTx struct {
		Similarity
		tx *Tx
	}
	// LibrariesTx reads and writes libraries and their own metadata fields.
	LibrariesTx struct {
		Libraries
		tx *Tx
	}
	// SearchesTx reads and writes saved searches, recent ones, and synonyms.
	SearchesTx struct {
		Searches
		tx *Tx
	}
	// PeopleTx reads and writes users, sessions, tokens, and attempts to sign in.
	PeopleTx struct {
		People
		tx *Tx
	}
	// ProductsTx reads and writes products, their slots, rules and imports.
	ProductsTx struct {
		Products
		tx *Tx
	}
	// PublicTx reads and writes what public delivery shows and has shown.
	PublicTx struct {
		Public
		tx *Tx
	}
	// PublicationsTx reads and writes the ledger of publications.
	PublicationsTx struct {
		Publications
		tx *Tx
	}
	// ChannelsTx reads and writes channels, their accounts and their health.
	ChannelsTx struct {
		Channels
		tx *Tx
	}
	// ScheduleTx reads and writes series and campaigns.
	ScheduleTx struct {
		Schedule
		tx *Tx
	}
	// WebhooksTx reads and writes webhooks and their deliveries.
	WebhooksTx struct {
		Webhooks
		tx *Tx
	}
	// ScreensTx reads and writes screens of shops and what they play.
	ScreensTx struct {
		Screens
		tx *Tx
	}
	// LogTx reads and writes the event log and the cursors of those that follow it.
	LogTx struct {
		Log
		tx *Tx
	}
	// EpochsTx reads and writes the epochs of the log, and the hold that a new one begins with.
	EpochsTx struct {
		Epochs
		tx *Tx
	}
	// JobsTx reads and writes the queue's jobs and the nodes that work on them.
	JobsTx struct {
		Jobs
		tx *Tx
	}
	// BulkJobsTx reads and writes changes of many assets.
	BulkJobsTx struct {
		BulkJobs
		tx *Tx
	}
	// DownloadsTx reads and writes downloads, their files, and what libraries want agreed to before.
	DownloadsTx struct {
		Downloads
		tx *Tx
	}
	// UploadsTx reads and writes quarantined files and the results of uploads.
	UploadsTx struct {
		Uploads
		tx *Tx
	}
	// ReprocessingsTx reads and writes what is done again because earlier versions did it wrongly or not at all.
	ReprocessingsTx struct {
		Reprocessings
		tx *Tx
	}
	// ObjectsTx reads and writes stored objects: references, checksums, damage, scrub.
	ObjectsTx struct {
		Objects
		tx *Tx
	}
	// MaintenanceTx reads and writes backups, erasures, retention and sealing keys.
	MaintenanceTx struct {
		Maintenance
		tx *Tx
	}
)

// Assets reads assets and their recalls.
func (c Conn) Assets() Assets { return Assets{c} }

// Collections reads the tree of collections, and what is in each.
func (s Assets) Collections() Collections { return Collections(s) }

// Rights reads licences and consents, and which assets they are linked to.
func (s Assets) Rights() Rights { return Rights(s) }

// Relations reads what assets are to each other.
func (s Assets) Relations() Relations { return Relations(s) }

// Versions reads versions: the files of assets, and what was read from them.
func (c Conn) Versions() Versions { return Versions{c} }

// Renditions reads renditions, videos, and copies of originals with today's metadata.
func (c Conn) Renditions() Renditions { return Renditions{c} }

// Presets reads presets, and the runs that make their renditions again.
func (c Conn) Presets() Presets { return Presets{c} }

// Similarity reads the visual analyses of assets, and which similar assets people found distinct.
func (c Conn) Similarity() Similarity { return Similarity{c} }

// Libraries reads libraries and their own metadata fields.
func (c Conn) Libraries() Libraries { return Libraries{c} }

// Searches reads saved searches, recent ones, and synonyms.
func (c Conn) Searches() Searches { return Searches{c} }

// People reads users, sessions, tokens, and attempts to sign in.
func (c Conn) People() People { return People{c} }

// Products reads products, their slots, rules and imports.
func (c Conn) Products() Products { return Products{c} }

// Public reads what public delivery shows and has shown.
func (c Conn) Public() Public { return Public{c} }

// Publications reads the ledger of publications.
func (c Conn) Publications() Publications { return Publications{c} }

// Channels reads channels, their accounts and their health.
func (c Conn) Channels() Channels { return Channels{c} }

// Schedule reads series and campaigns.
func (c Conn) Schedule() Schedule { return Schedule{c} }

// Webhooks reads webhooks and their deliveries.
func (c Conn) Webhooks() Webhooks { return Webhooks{c} }

// Screens reads screens of shops and what they play.
func (c Conn) Screens() Screens { return Screens{c} }

// Log reads the event log and the cursors of those that follow it.
func (c Conn) Log() Log { return Log{c} }

// Epochs reads the epochs of the log, and the hold that a new one begins with.
func (c Conn) Epochs() Epochs { return Epochs{c} }

// Jobs reads the queue's jobs and the nodes that work on them.
func (c Conn) Jobs() Jobs { return Jobs{c} }

// BulkJobs reads changes of many assets.
func (c Conn) BulkJobs() BulkJobs { return BulkJobs{c} }

// Downloads reads downloads, their files, and what libraries want agreed to before.
func (s BulkJobs) Downloads() Downloads { return Downloads(s) }

// Uploads reads quarantined files and the results of uploads.
func (c Conn) Uploads() Uploads { return Uploads{c} }

// Objects reads stored objects: references, checksums, damage, scrub.
func (c Conn) Objects() Objects { return Objects{c} }

// Maintenance reads backups, erasures, retention and sealing keys.
func (c Conn) Maintenance() Maintenance { return Maintenance{c} }

// Database is the database itself.
func (c *Catalog) Database() Database { return Database{c} }

// Mirror is the queue of the mirror.
func (c *Catalog) Mirror() Mirror { return Mirror{c} }

// Assets reads and writes assets and their recalls.
func (tx *Tx) Assets() AssetsTx { return AssetsTx{Assets{tx.Conn}, tx} }

// Collections reads and writes the tree of collections, and what is in each.
func (s AssetsTx) Collections() CollectionsTx { return CollectionsTx{Collections{s.tx.Conn}, s.tx} }

// Rights reads and writes licences and consents, and which assets they are linked to.
func (s AssetsTx) Rights() RightsTx { return RightsTx{Rights{s.tx.Conn}, s.tx} }

// Relations reads and writes what assets are to each other.
func (s AssetsTx) Relations() RelationsTx { return RelationsTx{Relations{s.tx.Conn}, s.tx} }

// Versions reads and writes versions: the files of assets, and what was read from them.
func (tx *Tx) Versions() VersionsTx { return VersionsTx{Versions{tx.Conn}, tx} }

// Renditions reads and writes renditions, videos, and copies of originals with today's metadata.
func (tx *Tx) Renditions() RenditionsTx { return RenditionsTx{Renditions{tx.Conn}, tx} }

// Presets reads and writes presets, and the runs that make their renditions again.
func (tx *Tx) Presets() PresetsTx { return PresetsTx{Presets{tx.Conn}, tx} }

// Similarity reads and writes the visual analyses of assets, and which similar assets people found distinct.
func (tx *Tx) Similarity() SimilarityTx { return SimilarityTx{Similarity{tx.Conn}, tx} }

// Libraries reads and writes libraries and their own metadata fields.
func (tx *Tx) Libraries() LibrariesTx { return LibrariesTx{Libraries{tx.Conn}, tx} }

// Searches reads and writes saved searches, recent ones, and synonyms.
func (tx *Tx) Searches() SearchesTx { return SearchesTx{Searches{tx.Conn}, tx} }

// People reads and writes users, sessions, tokens, and attempts to sign in.
func (tx *Tx) People() PeopleTx { return PeopleTx{People{tx.Conn}, tx} }

// Products reads and writes products, their slots, rules and imports.
func (tx *Tx) Products() ProductsTx { return ProductsTx{Products{tx.Conn}, tx} }

// Public reads and writes what public delivery shows and has shown.
func (tx *Tx) Public() PublicTx { return PublicTx{Public{tx.Conn}, tx} }

// Publications reads and writes the ledger of publications.
func (tx *Tx) Publications() PublicationsTx { return PublicationsTx{Publications{tx.Conn}, tx} }

// Channels reads and writes channels, their accounts and their health.
func (tx *Tx) Channels() ChannelsTx { return ChannelsTx{Channels{tx.Conn}, tx} }

// Schedule reads and writes series and campaigns.
func (tx *Tx) Schedule() ScheduleTx { return ScheduleTx{Schedule{tx.Conn}, tx} }

// Webhooks reads and writes webhooks and their deliveries.
func (tx *Tx) Webhooks() WebhooksTx { return WebhooksTx{Webhooks{tx.Conn}, tx} }

// Screens reads and writes screens of shops and what they play.
func (tx *Tx) Screens() ScreensTx { return ScreensTx{Screens{tx.Conn}, tx} }

// Log reads and writes the event log and the cursors of those that follow it.
func (tx *Tx) Log() LogTx { return LogTx{Log{tx.Conn}, tx} }

// Epochs reads and writes the epochs of the log, and the hold that a new one begins with.
func (tx *Tx) Epochs() EpochsTx { return EpochsTx{Epochs{tx.Conn}, tx} }

// Jobs reads and writes the queue's jobs and the nodes that work on them.
func (tx *Tx) Jobs() JobsTx { return JobsTx{Jobs{tx.Conn}, tx} }

// BulkJobs reads and writes changes of many assets.
func (tx *Tx) BulkJobs() BulkJobsTx { return BulkJobsTx{BulkJobs{tx.Conn}, tx} }

// Downloads reads and writes downloads, their files, and what libraries want agreed to before.
func (s BulkJobsTx) Downloads() DownloadsTx { return DownloadsTx{s.BulkJobs.Downloads(), s.tx} }

// Uploads reads and writes quarantined files and the results of uploads.
func (tx *Tx) Uploads() UploadsTx { return UploadsTx{Uploads{tx.Conn}, tx} }

// Objects reads and writes stored objects: references, checksums, damage, scrub.
func (tx *Tx) Objects() ObjectsTx { return ObjectsTx{Objects{tx.Conn}, tx} }

// Maintenance reads and writes backups, erasures, retention and sealing keys.
func (tx *Tx) Maintenance() MaintenanceTx { return MaintenanceTx{Maintenance{tx.Conn}, tx} }
