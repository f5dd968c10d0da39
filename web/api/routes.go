package api

import (
	"net/http"

	"vitrine/dam"
)

const (
	get    = http.MethodGet
	head   = http.MethodHead
	post   = http.MethodPost
	put    = http.MethodPut
	patch  = http.MethodPatch
	remove = http.MethodDelete
)

// table is every address of the API. The role is the least one in the request's
// library; authorise enforces it, and nothing else does. Contributors reach only
// their own assets where a handler says so (own).
func (s *API) table() []route {
	return []route{
		{get, "/healthz", public, "Whether the process runs", bare(s.healthz)},
		{get, "/readyz", public, "Whether every part works; says which does not", bare(s.readyz)},
		{get, "/metrics", public, "Prometheus metrics", bare(s.getMetrics)},
		{get, "/api/openapi.json", public, "This description", bare(s.getOpenAPI)},

		{post, "/api/login", public, "Sign in", op(s.login).plain()},
		{post, "/api/logout", public, "Sign out", op(s.logout).empty().plain()},
		{get, "/api/me", dam.Viewer, "Who is signed in", op(s.me)},
		{post, "/api/me/password", dam.Viewer, "Change one's own password", op(s.changePassword).empty().plain()},

		{get, "/api/assets", dam.Viewer, "Search assets", op(s.searchAssets)},
		{get, "/api/suggest", dam.Viewer, "Complete what is being typed", op(s.suggest)},
		{post, "/api/assets", dam.Contributor, "Upload an asset", bare(s.uploadAsset).created().file()},
		{post, "/api/assets/bulk", dam.Contributor, "Change everything that a search finds", op(s.startBulk).accepted()},
		{get, "/api/assets/export", dam.Viewer, "What a search finds as a file: csv, xlsx or jsonl", bare(s.exportAssets).streaming("application/octet-stream").asks("q", "sort", "fields", "format", "status", "type", "collection", "bin")},
		{get, "/api/searches", dam.Viewer, "List saved searches: own and shared ones", op(s.listSearches)},
		{post, "/api/searches", dam.Viewer, "Save a search", op(s.saveSearch).created()},
		{patch, "/api/searches/{id}", dam.Viewer, "Change a saved search", op(s.changeSearch)},
		{remove, "/api/searches/{id}", dam.Viewer, "Remove a saved search", op(s.removeSearch).empty()},
		{get, "/api/searches/recent", dam.Viewer, "One's own last 20 searches", op(s.recentSearches)},
		{post, "/api/searches/recent", dam.Viewer, "Remember a search that was used", op(s.noteSearch).empty()},
		{remove, "/api/searches/recent", dam.Viewer, "Forget one's own last searches", op(s.forgetSearches).empty()},
		{get, "/api/bulk", dam.Contributor, "List bulk jobs, newest first", op(s.listBulks)},
		{get, "/api/bulk/{id}", dam.Contributor, "How far a bulk job is", op(s.getBulk)},
		{get, "/api/bulk/{id}/failures", dam.Contributor, "Which assets a bulk job left alone, and why", op(s.bulkFailures)},
		{post, "/api/bulk/{id}/cancel", dam.Contributor, "Stop a bulk job; what is done stays", op(s.steerBulk(Bulk.Cancel))},
		{post, "/api/bulk/{id}/retry", dam.Contributor, "Run a bulk job's failed assets again", op(s.steerBulk(Bulk.Retry)).accepted()},
		{post, "/api/bulk/{id}/undo", dam.Contributor, "Put back what a bulk job changed, within ten minutes", op(s.steerBulk(Bulk.Undo)).accepted()},
		{get, "/api/assets/{id}", dam.Viewer, "Read an asset", op(s.getAsset)},
		{patch, "/api/assets/{id}", dam.Contributor, "Edit an asset (merge patch)", op(s.patchAsset)},
		{remove, "/api/assets/{id}", dam.Editor, "Move an asset to the bin", op(s.deleteAsset).empty()},
		{post, "/api/assets/{id}/undelete", dam.Editor, "Take an asset back from the bin", op(s.undeleteAsset)},
		{post, "/api/assets/{id}/submit", dam.Contributor, "Submit a version for review", op(s.decide(dam.Submit))},
		{post, "/api/assets/{id}/approve", dam.Publisher, "Approve a version", op(s.decide(dam.Approve))},
		{post, "/api/assets/{id}/reject", dam.Publisher, "Reject a version, with a comment", op(s.decide(dam.Reject))},
		{post, "/api/assets/{id}/archive", dam.Publisher, "Take an asset out of use", op(s.decide(dam.Archive))},
		{post, "/api/assets/{id}/restore", dam.Publisher, "Bring an archived asset back", op(s.decide(dam.Restore))},
		{get, "/api/assets/{id}/versions", dam.Viewer, "List an asset's versions", op(s.listVersions)},
		{post, "/api/assets/{id}/versions", dam.Contributor, "Upload a new version", bare(s.uploadVersion).created().file()},
		{post, "/api/assets/{id}/versions/{version}/restore", dam.Editor, "Make a new version from an old one's bytes", op(s.restoreVersion)},
		{get, "/api/assets/{id}/renditions", dam.Viewer, "List a version's renditions", op(s.listRenditions)},
		{post, "/api/assets/{id}/renditions/retry", dam.Editor, "Make the renditions again", op(s.retryRenditions).empty()},
		{get, "/api/assets/{id}/events", dam.Viewer, "An asset's history, newest first", op(s.assetEvents)},
		{get, "/api/assets/{id}/publications", dam.Viewer, "Where an asset is published", op(s.assetPublications)},
		{get, "/api/assets/{id}/live", dam.Viewer, "Where an asset is out in the world", op(s.assetLive)},
		{post, "/api/assets/{id}/recall", dam.Publisher, "Take an asset back from every channel", op(s.recallAsset)},
		{get, "/api/assets/{id}/preview/{preset}", dam.Viewer, "A rendition's bytes, negotiated by Accept", bare(s.preview).gives("image/*")},
		{head, "/api/assets/{id}/preview/{preset}", dam.Viewer, "", bare(s.preview)},
		{get, "/api/assets/{id}/download", dam.Viewer, "The original, as an attachment", bare(s.download).gives("application/octet-stream")},
		{head, "/api/assets/{id}/download", dam.Viewer, "", bare(s.download)},

		{http.MethodOptions, "/api/uploads", public, "What the tus server can do", bare(s.tus).plain()},
		{post, "/api/uploads", dam.Contributor, "Start a resumable upload (tus 1.0)", bare(s.tus).created().plain()},
		{head, "/api/uploads/{id}", dam.Contributor, "", bare(s.tus).plain()},
		{patch, "/api/uploads/{id}", dam.Contributor, "Send a part; the last answer names the asset", bare(s.tus).empty().plain()},
		{remove, "/api/uploads/{id}", dam.Contributor, "Give an upload up", bare(s.tus).empty().plain()},
		{get, "/api/uploads/{id}/result", dam.Contributor, "What became of an upload", op(s.uploadResult)},
		{post, "/api/uploads/{id}/resolve", dam.Contributor, "Decide about a duplicate", op(s.resolveUpload).created().plain()},
		{get, "/api/quarantine", dam.Editor, "Files that were rejected", op(s.listQuarantine)},
		{remove, "/api/quarantine/{id}", dam.Editor, "Forget a rejected file", op(s.deleteQuarantined).empty()},

		{get, "/api/collections", dam.Viewer, "List collections", op(s.listCollections)},
		{post, "/api/collections", dam.Editor, "Make a collection", op(s.createCollection).created()},
		{patch, "/api/collections/{id}", dam.Editor, "Rename a collection", op(s.renameCollection)},
		{remove, "/api/collections/{id}", dam.Editor, "Remove a collection, not its assets", op(s.deleteCollection).empty()},
		{put, "/api/collections/{id}/assets", dam.Editor, "Put assets into a collection", op(s.collect(true))},
		{remove, "/api/collections/{id}/assets", dam.Editor, "Take assets out of a collection", op(s.collect(false))},

		{get, "/api/users", dam.Admin, "List people", op(s.listUsers)},
		{post, "/api/users", dam.Admin, "Add a person", op(s.createUser).created()},
		{patch, "/api/users/{id}", dam.Admin, "Change a person's name, role or state", op(s.patchUser)},
		{post, "/api/users/{id}/password", dam.Admin, "Give a person a new password", op(s.resetPassword)},
		{get, "/api/tokens", dam.Admin, "List API tokens", op(s.listTokens)},
		{post, "/api/tokens", dam.Admin, "Make an API token; the secret is shown once", op(s.createToken).created()},
		{remove, "/api/tokens/{id}", dam.Admin, "Revoke an API token", op(s.revokeToken).empty()},
		{get, "/api/fields", dam.Viewer, "The library's own metadata fields", op(s.listFields)},
		{put, "/api/fields", dam.Admin, "Set the library's own metadata fields", op(s.putFields)},
		{get, "/api/presets", dam.Viewer, "List presets", op(s.listPresets)},

		{get, "/api/products", dam.Viewer, "Search products", op(s.listProducts)},
		{post, "/api/products", dam.Editor, "Add a product", op(s.createProduct).created()},
		{patch, "/api/products/stock", dam.Editor, "Set the stock of many products", op(s.setStocks)},
		{patch, "/api/products/price", dam.Editor, "Set the price of many products", op(s.setPrices)},
		{post, "/api/products/import", dam.Editor, "Import products from CSV or JSON lines, as a job", bare(s.importProducts).reads("text/csv")},
		{get, "/api/products/imports", dam.Editor, "List imports", op(s.listImports)},
		{get, "/api/products/imports/{id}", dam.Editor, "How far an import is, and its rows' errors", op(s.getImport)},
		{get, "/api/products/rules", dam.Viewer, "What file names mean", op(s.getRules)},
		{put, "/api/products/rules", dam.Admin, "Change what file names mean", op(s.putRules)},
		{post, "/api/products/rules/test", dam.Viewer, "Try a file name out", op(s.testRules)},
		{get, "/api/products/{sku}", dam.Viewer, "Read a product with its slots", op(s.getProduct)},
		{patch, "/api/products/{sku}", dam.Editor, "Edit a product (merge patch)", op(s.patchProduct)},
		{remove, "/api/products/{sku}", dam.Editor, "Remove a product, not its assets", op(s.deleteProduct).empty()},
		{patch, "/api/products/{sku}/stock", dam.Editor, "Set a product's stock", op(s.setStock)},
		{patch, "/api/products/{sku}/price", dam.Editor, "Set a product's price", op(s.setPrice)},
		{put, "/api/products/{sku}/slots/{slot}/{n}", dam.Editor, "Put an asset into a slot", op(s.linkSlot)},
		{remove, "/api/products/{sku}/slots/{slot}/{n}", dam.Editor, "Empty a slot", op(s.unlinkSlot)},

		{get, "/api/lookup", dam.Viewer, "What the customer saw: by SKU or URL, at a time", op(s.lookup)},

		{get, "/api/channels", dam.Publisher, "List channels", op(s.listChannels)},
		{post, "/api/channels", dam.Admin, "Add a channel", op(s.createChannel).created()},
		{get, "/api/channels/kinds", dam.Publisher, "What channels can be added", op(s.channelKinds)},
		{get, "/api/channels/{id}", dam.Publisher, "Read a channel", op(s.getChannel)},
		{patch, "/api/channels/{id}", dam.Admin, "Change a channel", op(s.patchChannel)},
		{remove, "/api/channels/{id}", dam.Admin, "Remove a channel", op(s.deleteChannel).empty()},
		{post, "/api/channels/{id}/test", dam.Admin, "Prove that a channel works", op(s.testChannel)},
		{post, "/api/channels/{id}/pause", dam.Admin, "Hold a channel; recalls still run", op(s.pauseChannel)},
		{post, "/api/channels/{id}/resume", dam.Admin, "Let a channel go on", op(s.resumeChannel)},
		{get, "/api/channels/{id}/slots", dam.Publisher, "A channel's queue, and what of it is free", op(s.channelSlots)},
		{post, "/api/channels/{id}/connect", dam.Admin, "Start connecting an account in the browser", op(s.connectChannel)},
		{get, "/api/oauth/callback", dam.Viewer, "Where the remote sends the browser back to", bare(s.oauthCallback).plain()},
		{get, "/api/campaigns", dam.Viewer, "List campaigns", op(s.listCampaigns)},
		{post, "/api/campaigns", dam.Publisher, "Add a campaign", op(s.createCampaign).created()},
		{patch, "/api/campaigns/{id}", dam.Publisher, "Rename a campaign", op(s.patchCampaign)},
		{remove, "/api/campaigns/{id}", dam.Publisher, "Remove a campaign of which nothing is planned", op(s.deleteCampaign).empty()},
		{post, "/api/campaigns/{id}/hold", dam.Publisher, "Hold everything of a campaign", op(s.holdCampaign)},
		{post, "/api/campaigns/{id}/resume", dam.Publisher, "Let a campaign go on", op(s.resumeCampaign)},
		{get, "/api/series", dam.Viewer, "List recurring series", op(s.listSeries)},
		{post, "/api/series", dam.Publisher, "Publish an asset again and again", op(s.createSeries).created()},
		{get, "/api/series/{id}", dam.Viewer, "Read a series", op(s.getSeries)},
		{post, "/api/series/{id}/end", dam.Publisher, "End a series and cancel what it planned", op(s.endSeries)},
		{post, "/api/publications/check", dam.Publisher, "What planning would say, per channel; changes nothing", op(s.checkPublish).plain()},
		{get, "/api/publications", dam.Viewer, "List publications", op(s.listPublications)},
		{post, "/api/publications", dam.Publisher, "Publish an asset by hand", op(s.publish).created()},
		{get, "/api/publications/{id}", dam.Viewer, "Read a publication with its ledger", op(s.getPublication)},
		{patch, "/api/publications/{id}", dam.Publisher, "Change what is planned", op(s.patchPublication)},
		{post, "/api/publications/{id}/recall", dam.Publisher, "Take a publication back", op(s.recallPublication)},
		{post, "/api/publications/{id}/retry", dam.Publisher, "Try a failed publication again", op(s.retryPublication)},
		{post, "/api/publications/{id}/confirm", dam.Publisher, "Say what a person has seen at the channel", op(s.confirmPublication)},
		{get, "/api/webhooks", dam.Admin, "List webhooks", op(s.listWebhooks)},
		{post, "/api/webhooks", dam.Admin, "Add a webhook; the secret is shown once", op(s.createWebhook).created()},
		{get, "/api/webhooks/{id}", dam.Admin, "Read a webhook", op(s.getWebhook)},
		{patch, "/api/webhooks/{id}", dam.Admin, "Change a webhook", op(s.patchWebhook)},
		{remove, "/api/webhooks/{id}", dam.Admin, "Remove a webhook", op(s.deleteWebhook).empty()},
		{post, "/api/webhooks/{id}/rotate", dam.Admin, "Give a webhook a new secret; both sign for a while", op(s.rotateWebhook)},
		{post, "/api/webhooks/{id}/test", dam.Admin, "Send a test event", op(s.testWebhook)},
		{get, "/api/webhooks/{id}/deliveries", dam.Admin, "List a webhook's deliveries", op(s.listDeliveries)},
		{post, "/api/webhooks/{id}/deliveries/{delivery}/replay", dam.Admin, "Deliver again", op(s.replayDelivery)},

		{get, "/api/jobs", dam.Editor, "List background jobs", op(s.listJobs)},
		{post, "/api/jobs/{id}/retry", dam.Editor, "Run a parked job again", op(s.retryJob).empty()},
		{get, "/api/events", dam.Viewer, "The event log after a cursor (long poll)", op(s.listEvents)},
		{get, "/api/events/stream", dam.Viewer, "The event log as it grows (SSE)", bare(s.streamEvents).streaming("text/event-stream")},
		{get, "/api/snapshot", dam.Viewer, "Every asset as JSON lines, and the cursor to follow from", bare(s.snapshot).streaming("application/jsonl")},
		{get, "/api/system", dam.Viewer, "What runs here, and how far every follower is", op(s.system)},
	}
}
