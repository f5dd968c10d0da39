package dam

// EventType names what happened, in the past tense.
type EventType string

// Event types. Each has one entry in EventTypes, which describes it.
const (
	AssetCreated      EventType = "asset.created"
	AssetUpdated      EventType = "asset.updated"
	AssetVersionAdded EventType = "asset.version_added"
	AssetSubmitted    EventType = "asset.submitted"
	AssetApproved     EventType = "asset.approved"
	AssetRejected     EventType = "asset.rejected"
	AssetArchived     EventType = "asset.archived"
	AssetRestored     EventType = "asset.restored"
	AssetRecalled     EventType = "asset.recalled"
	AssetReinstated   EventType = "asset.reinstated"
	AssetDeleted      EventType = "asset.deleted"
	AssetUndeleted    EventType = "asset.undeleted"
	AssetPurged       EventType = "asset.purged"
	AssetErased       EventType = "asset.erased"
	RenditionsMade    EventType = "asset.renditions_ready"
	RenditionsRefused EventType = "asset.renditions_failed"
	AssetAnalysed     EventType = "asset.analysed"
	AssetDownloaded   EventType = "asset.downloaded"

	AssetRelated         EventType = "asset.related"
	AssetUnrelated       EventType = "asset.unrelated"
	AssetSourceChanged   EventType = "asset.source_changed"
	AssetSourceConfirmed EventType = "asset.source_confirmed"

	ObjectDamaged  EventType = "object.damaged"
	ObjectRepaired EventType = "object.repaired"
	UploadRejected EventType = "upload.rejected"

	CollectionCreated   EventType = "collection.created"
	CollectionUpdated   EventType = "collection.updated"
	CollectionDeleted   EventType = "collection.deleted"
	CollectionRestored  EventType = "collection.restored"
	CollectionStarred   EventType = "collection.starred"
	CollectionUnstarred EventType = "collection.unstarred"
	FieldsChanged       EventType = "fields.changed"
	VocabularyChanged   EventType = "vocabulary.changed"
	PresetChanged       EventType = "preset.changed"
	RunStarted          EventType = "rendition_run.started"
	RunProgressed       EventType = "rendition_run.progressed"
	RunFinished         EventType = "rendition_run.finished"

	ReprocessingReadyEvent EventType = "reprocessing.ready"
	ReprocessingEnded      EventType = "reprocessing.ended"

	ProductChanged      EventType = "product.changed"
	ProductRulesChanged EventType = "product.rules_changed"
	FamilyChanged       EventType = "family.changed"

	ChannelCreated              EventType = "channel.created"
	ChannelUpdated              EventType = "channel.updated"
	ChannelDeleted              EventType = "channel.deleted"
	PublicationEventPlanned     EventType = "publication.planned"
	PublicationEventDelivered   EventType = "publication.delivered"
	PublicationEventFailed      EventType = "publication.failed"
	PublicationEventUnconfirmed EventType = "publication.unconfirmed"
	PublicationEventRecalling   EventType = "publication.recalling"
	PublicationEventRecalled    EventType = "publication.recalled"
	PublicationEventManual      EventType = "publication.manual"
	PublicationEventCancelled   EventType = "publication.cancelled"
	CampaignCreated             EventType = "campaign.created"
	CampaignUpdated             EventType = "campaign.updated"
	CampaignDeleted             EventType = "campaign.deleted"
	SeriesCreated               EventType = "series.created"
	SeriesUpdated               EventType = "series.updated"
	DraftEventCreated           EventType = "draft.created"
	DraftEventUpdated           EventType = "draft.updated"
	DraftEventDeleted           EventType = "draft.deleted"
	DraftEventRestored          EventType = "draft.restored"
	DraftEventPlanned           EventType = "draft.planned"

	BulkEnded EventType = "bulk.ended"

	DownloadCreated       EventType = "download.created"
	DownloadSent          EventType = "download.sent"
	DownloadWithdrawn     EventType = "download.cancelled"
	DownloadTermsChanged  EventType = "download.terms_changed"
	DownloadTermsAccepted EventType = "download.terms_accepted"

	SearchSaved     EventType = "search.saved"
	SearchUpdated   EventType = "search.updated"
	SearchDeleted   EventType = "search.deleted"
	SearchMatched   EventType = "search.matched"
	SynonymsUpdated EventType = "synonyms.updated"

	UserCreated    EventType = "user.created"
	UserUpdated    EventType = "user.updated"
	TokenCreated   EventType = "token.created"
	TokenRevoked   EventType = "token.revoked"
	RoleCreated    EventType = "role.created"
	RoleUpdated    EventType = "role.updated"
	RoleDeleted    EventType = "role.deleted"
	GroupCreated   EventType = "group.created"
	GroupUpdated   EventType = "group.updated"
	GroupDeleted   EventType = "group.deleted"
	AccessGranted  EventType = "access.granted"
	AccessRevoked  EventType = "access.revoked"
	WebhookCreated EventType = "webhook.created"
	WebhookUpdated EventType = "webhook.updated"
	WebhookDeleted EventType = "webhook.deleted"

	LibraryCreated        EventType = "library.created"
	LibraryUpdated        EventType = "library.updated"
	LibraryArchived       EventType = "library.archived"
	LibraryRestored       EventType = "library.restored"
	LicenceCreated        EventType = "licence.created"
	LicenceUpdated        EventType = "licence.updated"
	ConsentCreated        EventType = "consent.created"
	ConsentUpdated        EventType = "consent.updated"
	ConsentWithdrawnEvent EventType = "consent.withdrawn"
	RightsRequired        EventType = "rights.requirements_changed"

	EpochBegan   EventType = "log.epoch_began"
	HoldReleased EventType = "hold.released"
)

// EventInfo describes an event type. The table in docs/api.md, the list in the OpenAPI document and the portal's texts
// are generated from it.
type EventInfo struct {
	Type    EventType
	Subject string // what the event's subject identifies
	Data    string // members of data, separated by spaces; "?" marks one that may be absent
	Doc     string // what happened
	Public  bool   // whether the event may change what the public URLs of its asset show; if so, CDNs are purged
	// English and French are the event as a sentence in the history of an asset, with {who} for the actor. Both are ""
	// if the history shows the event by its type.
	English, French string
}

// EventTypes lists every event type, in the order of the documentation.
func EventTypes() []EventInfo { return eventTypes }

const (
	decided     = "version sha256 live live_before?"
	publication = "channel state revision version url?"
	relation    = "relation kind"
	run         = "state presets total done made failed"
)

var eventTypes = []EventInfo{
	{Type: AssetCreated, Subject: "asset", Data: "version sha256", Doc: "An asset was added",
		English: "{who} uploaded this.", French: "{who} a téléversé ce média."},
	{Type: AssetUpdated, Subject: "asset", Data: "fields collection? added?", Public: true,
		Doc:     "Metadata changed, or its place in a collection",
		English: "{who} changed the details.", French: "{who} a modifié les informations."},
	{Type: AssetVersionAdded, Subject: "asset", Data: "version sha256", Doc: "A new version of the file was added",
		English: "{who} added a version.", French: "{who} a ajouté une version."},
	{Type: AssetSubmitted, Subject: "asset", Data: decided, Doc: "A version was submitted for review",
		English: "{who} submitted this for review.", French: "{who} a soumis ce média à validation."},
	{Type: AssetApproved, Subject: "asset", Data: decided, Public: true, Doc: "A version was approved",
		English: "{who} approved this.", French: "{who} a approuvé ce média."},
	{Type: AssetRejected, Subject: "asset", Data: decided, Public: true, Doc: "A version was rejected",
		English: "{who} rejected this.", French: "{who} a refusé ce média."},
	{Type: AssetArchived, Subject: "asset", Data: decided, Public: true, Doc: "The asset was archived",
		English: "{who} archived this.", French: "{who} a archivé ce média."},
	{Type: AssetRestored, Subject: "asset", Data: decided, Public: true, Doc: "The asset is no longer archived",
		English: "{who} restored this.", French: "{who} a restauré ce média."},
	{Type: AssetRecalled, Subject: "asset", Public: true, Doc: "Somebody took the asset back from everywhere",
		English: "{who} recalled this from everywhere.", French: "{who} a retiré ce média de partout."},
	{Type: AssetReinstated, Subject: "asset", Data: "version live", Public: true,
		Doc:     "A recall is over: what is approved counts again",
		English: "{who} reinstated this after a recall.", French: "{who} a rétabli ce média après un retrait."},
	{Type: AssetDeleted, Subject: "asset", Public: true, Doc: "The asset went to the bin",
		English: "{who} moved this to the bin.", French: "{who} a mis ce média à la corbeille."},
	{Type: AssetUndeleted, Subject: "asset", Data: "live? live_before?", Public: true,
		Doc:     "The asset is back from the bin",
		English: "{who} took this out of the bin.", French: "{who} a sorti ce média de la corbeille."},
	{Type: AssetPurged, Subject: "asset", Public: true, Doc: "The asset was deleted for good"},
	{Type: AssetErased, Subject: "asset", Public: true,
		Doc: "The asset was deleted for good, and its values from the history"},
	{Type: RenditionsMade, Subject: "asset", Data: "version live preset?", Public: true,
		Doc:     "Renditions of a version are ready; with preset, those of one preset that takes longer",
		English: "{who} made the renditions.", French: "{who} a produit les déclinaisons."},
	{Type: RenditionsRefused, Subject: "asset", Data: "version live preset?",
		Doc:     "Renditions of a version could not be made",
		English: "{who} could not make the renditions.", French: "{who} n’a pas pu produire les déclinaisons."},
	{Type: AssetAnalysed, Subject: "asset", Data: "version",
		Doc: "Hash and colours of a version are known: near duplicates can be asked for"},

	{Type: AssetDownloaded, Subject: "asset", Data: "version sha256 what bytes",
		Doc:     "Somebody downloaded a file of the asset: its original, or a copy with the current metadata",
		English: "{who} downloaded this.", French: "{who} a téléchargé ce média."},

	{Type: AssetRelated, Subject: "asset", Data: relation,
		Doc:     "The asset was related to another one, or another one to it",
		English: "{who} related this to another asset.", French: "{who} a mis ce média en relation avec un autre."},
	{Type: AssetUnrelated, Subject: "asset", Data: relation, Doc: "A relation of the asset was removed",
		English: "{who} removed a relation of this.", French: "{who} a supprimé une relation de ce média."},
	{Type: AssetSourceChanged, Subject: "asset", Data: relation,
		Doc:     "What the asset is made from has a new version: it is stale",
		English: "{who} added a version of what this is made from.",
		French:  "{who} a ajouté une version de ce dont ce média est tiré."},
	{Type: AssetSourceConfirmed, Subject: "asset", Data: relation,
		Doc:     "Somebody confirmed that a stale asset is still right, or said which version it was made from",
		English: "{who} confirmed this after a new version of what it is made from.",
		French:  "{who} a confirmé ce média après une nouvelle version de ce dont il est tiré."},

	{Type: ObjectDamaged, Subject: "asset", Data: "key problem found_by",
		Doc:     "Stored bytes are not what the catalogue says",
		English: "{who} found a file of it damaged.", French: "{who} a trouvé un de ses fichiers endommagé."},
	{Type: ObjectRepaired, Subject: "asset", Data: "key source", Doc: "Damaged bytes are right again",
		English: "{who} repaired a file of it.", French: "{who} a réparé un de ses fichiers."},
	{Type: UploadRejected, Subject: "quarantined upload", Data: "code", Doc: "An upload was refused and quarantined"},

	{Type: CollectionCreated, Subject: "collection", Doc: "A collection was made"},
	{Type: CollectionUpdated, Subject: "collection", Data: "fields?",
		Doc: "A collection was renamed or moved, or its settings or the order of its assets changed"},
	{Type: CollectionDeleted, Subject: "collection",
		Doc: "A collection went to the bin, with what is below it; its assets stay"},
	{Type: CollectionRestored, Subject: "collection",
		Doc: "A collection is back from the bin, with what went there together with it"},
	{Type: CollectionStarred, Subject: "collection", Doc: "Somebody made a collection a favourite"},
	{Type: CollectionUnstarred, Subject: "collection", Doc: "A collection is no longer a favourite of somebody"},
	{Type: FieldsChanged, Subject: "library", Data: "fields", Doc: "The library's own metadata fields changed"},
	{Type: VocabularyChanged, Subject: "vocabulary", Data: "change terms?",
		Doc: "A vocabulary was added, renamed or deleted, or the terms named changed"},
	{Type: PresetChanged, Subject: "preset", Data: "change", Doc: "A preset was added, changed or deleted"},
	{Type: RunStarted, Subject: "rendition run", Data: run,
		Doc: "Renditions are being brought in line with changed presets"},
	{Type: RunProgressed, Subject: "rendition run", Data: run, Doc: "How far a run is"},
	{Type: RunFinished, Subject: "rendition run", Data: run,
		Doc: "A run is done, was cancelled or superseded, or failed"},
	{Type: ReprocessingReadyEvent, Subject: "reprocessing", Data: "state total done failed",
		Doc: "What a newer version can do better is known, and waits to be confirmed"},
	{Type: ReprocessingEnded, Subject: "reprocessing", Data: "state total done failed",
		Doc: "A reprocessing is done, was cancelled, or gave up"},

	{Type: ProductChanged, Subject: "SKU or product import", Data: "skus fields slots?",
		Doc: "Products were added, edited, deleted or given other pictures; of several, the subject is the import"},
	{Type: FamilyChanged, Subject: "family", Data: "change", Doc: "A family of products was added, changed or deleted"},
	{Type: ProductRulesChanged, Subject: "library", Doc: "The rules that find products in file names changed"},

	{Type: ChannelCreated, Subject: "channel", Data: "kind health", Doc: "A channel was added"},
	{Type: ChannelUpdated, Subject: "channel", Data: "kind health", Doc: "A channel's settings or its health changed"},
	{Type: ChannelDeleted, Subject: "channel", Data: "kind health", Doc: "A channel was deleted"},
	{Type: PublicationEventPlanned, Subject: "publication", Data: publication,
		Doc:     "A publication is due, now or later",
		English: "{who} planned a publication.", French: "{who} a prévu une publication."},
	{Type: PublicationEventDelivered, Subject: "publication", Data: publication, Doc: "The channel shows it",
		English: "{who} published this.", French: "{who} a publié ce média."},
	{Type: PublicationEventFailed, Subject: "publication", Data: publication,
		Doc:     "The channel refused it, or can't be reached",
		English: "A publication failed.", French: "Une publication a échoué."},
	{Type: PublicationEventUnconfirmed, Subject: "publication", Data: publication,
		Doc:     "It was sent, and whether the channel took it is not known",
		English: "A publication could not be confirmed.", French: "Une publication n’a pas pu être confirmée."},
	{Type: PublicationEventRecalling, Subject: "publication", Data: publication, Doc: "It is being taken back"},
	{Type: PublicationEventRecalled, Subject: "publication", Data: publication, Doc: "It was taken back",
		English: "{who} recalled a publication.", French: "{who} a retiré une publication."},
	{Type: PublicationEventManual, Subject: "publication", Data: publication, Doc: "A person has to take it back"},
	{Type: PublicationEventCancelled, Subject: "publication", Data: publication,
		Doc: "It was withdrawn before it was sent"},
	{Type: CampaignCreated, Subject: "campaign", Data: "held", Doc: "A campaign was made"},
	{Type: CampaignUpdated, Subject: "campaign", Data: "held", Doc: "A campaign was edited, held or let go on"},
	{Type: CampaignDeleted, Subject: "campaign", Data: "held", Doc: "A campaign was deleted"},
	{Type: SeriesCreated, Subject: "series", Doc: "A recurring publication was planned"},
	{Type: SeriesUpdated, Subject: "series", Doc: "A recurring publication was edited, or ended"},

	{Type: DraftEventCreated, Subject: "draft", Data: "revision", Doc: "Somebody began a draft of a publication"},
	{Type: DraftEventUpdated, Subject: "draft", Data: "revision",
		Doc: "A draft was changed: its history says by whom, and what it was before"},
	{Type: DraftEventDeleted, Subject: "draft", Data: "revision", Doc: "A draft was deleted; it can be brought back"},
	{Type: DraftEventRestored, Subject: "draft", Data: "revision", Doc: "A deleted draft is back"},
	{Type: DraftEventPlanned, Subject: "draft", Data: "revision became",
		Doc: "A draft became the publications, or the series, that are named"},

	{Type: BulkEnded, Subject: "bulk job", Data: "state total done failed",
		Doc: "A bulk job is done, was cancelled, or gave up"},
	{Type: DownloadCreated, Subject: "download", Data: "files bytes presets terms?",
		Doc: "Somebody asked for an archive; its change has the reason that was given"},
	{Type: DownloadSent, Subject: "download", Data: "files bytes whole",
		Doc: "An archive was sent, whole or up to where its receiver went away"},
	{Type: DownloadWithdrawn, Subject: "download", Data: "files bytes", Doc: "A download was cancelled"},
	{Type: DownloadTermsChanged, Subject: "library", Data: "revision",
		Doc: "The text to accept before downloads changed, or whether a reason has to be given"},
	{Type: DownloadTermsAccepted, Subject: "library", Data: "revision",
		Doc: "Somebody accepted the text that the library shows before downloads"},
	{Type: SearchSaved, Subject: "saved search", Doc: "A search was saved"},
	{Type: SearchUpdated, Subject: "saved search", Doc: "A saved search was edited"},
	{Type: SearchDeleted, Subject: "saved search", Doc: "A saved search was deleted"},
	{Type: SearchMatched, Subject: "saved search", Data: "asset",
		Doc: "A new asset matches a saved search with an alert"},
	{Type: SynonymsUpdated, Subject: "library", Doc: "The library's synonyms changed"},

	{Type: UserCreated, Subject: "user", Doc: "A person was added"},
	{Type: UserUpdated, Subject: "user", Data: "fields", Doc: "A person was edited"},
	{Type: TokenCreated, Subject: "token", Doc: "An API token was made"},
	{Type: TokenRevoked, Subject: "token", Doc: "An API token was revoked"},
	{Type: RoleCreated, Subject: "role", Doc: "A role was made"},
	{Type: RoleUpdated, Subject: "role", Doc: "A role allows other things, or has another title"},
	{Type: RoleDeleted, Subject: "role", Doc: "A role was removed"},
	{Type: GroupCreated, Subject: "group", Doc: "A group was made"},
	{Type: GroupUpdated, Subject: "group", Doc: "A group was renamed, or has other members"},
	{Type: GroupDeleted, Subject: "group", Doc: "A group was removed"},
	{Type: AccessGranted, Subject: "holder", Data: "grant role collection",
		Doc: "A role was granted to a person, a token or a group"},
	{Type: AccessRevoked, Subject: "holder", Data: "grant role collection", Doc: "A grant was taken back"},
	{Type: WebhookCreated, Subject: "webhook", Data: "host disabled", Doc: "A webhook was added"},
	{Type: WebhookUpdated, Subject: "webhook", Data: "host disabled", Doc: "A webhook was edited or disabled"},
	{Type: WebhookDeleted, Subject: "webhook", Data: "host disabled", Doc: "A webhook was deleted"},

	{Type: LibraryCreated, Subject: "library", Doc: "A library was made"},
	{Type: LibraryUpdated, Subject: "library", Data: "fields",
		Doc: "What a library is called, how it looks, its languages, zone, host names or quota changed"},
	{Type: LibraryArchived, Subject: "library", Doc: "A library was archived: nothing in it changes any more"},
	{Type: LibraryRestored, Subject: "library", Doc: "A library is no longer archived"},
	{Type: LicenceCreated, Subject: "licence", Doc: "A licence was entered"},
	{Type: LicenceUpdated, Subject: "licence", Data: "fields", Doc: "A licence was changed or archived"},
	{Type: ConsentCreated, Subject: "consent", Doc: "A consent was entered"},
	{Type: ConsentUpdated, Subject: "consent", Data: "fields", Doc: "A consent was changed or archived"},
	{Type: ConsentWithdrawnEvent, Subject: "consent", Data: "fields",
		Doc: "Somebody took their consent back; what it is linked to is no longer public"},
	{Type: RightsRequired, Subject: "library",
		Doc: "The records without which nothing is approved were set"},
	{Type: EpochBegan, Subject: "epoch", Data: "reason by backup_at? note?",
		Doc: "A new epoch of the log: what was seen after its first seq never happened here"},
	{Type: HoldReleased, Subject: "epoch", Doc: "An administrator let publications, webhooks and mail go on"},
}

var eventInfo = func() map[EventType]EventInfo {
	m := make(map[EventType]EventInfo, len(eventTypes))
	for _, e := range eventTypes {
		m[e.Type] = e
	}
	return m
}()

// Public reports whether the event may change what the public URLs of its asset show.
func (t EventType) Public() bool { return eventInfo[t].Public }
