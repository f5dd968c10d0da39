package dam

import "slices"

// Permission is one thing that a principal may do in a library. A role is a set of them; what is decided asks for a
// permission, never for a role.
type Permission string

// The permissions.
const (
	MaySee               Permission = "see"
	MayDownloadPresets   Permission = "download_presets"
	MayDownloadOriginals Permission = "download_originals"
	MayUpload            Permission = "upload"
	MayEditOwn           Permission = "edit_own"
	MayEditAll           Permission = "edit_all"
	MayDelete            Permission = "delete"
	MayManageCollections Permission = "manage_collections"
	MayManageProducts    Permission = "manage_products"
	MayManageSynonyms    Permission = "manage_synonyms"
	MayShareSearches     Permission = "share_searches"
	MayManageJobs        Permission = "manage_jobs"
	MayApprove           Permission = "approve"
	MayEditRights        Permission = "edit_rights"
	MayPublish           Permission = "publish"
	MayManageFields      Permission = "manage_fields"
	MayManagePresets     Permission = "manage_presets"
	MayManageChannels    Permission = "manage_channels"
	MayManagePeople      Permission = "manage_people"
	MayManageWebhooks    Permission = "manage_webhooks"
	MayManageSystem      Permission = "manage_system"
)

// PermissionInfo describes a permission.
type PermissionInfo struct {
	Name Permission `json:"name"`
	Doc  string     `json:"doc"`
	// Role is the least of the ready-made roles that has it.
	Role Role `json:"role" doc:"The least role that has it"`
}

// Permissions lists every permission, in the order of the roles.
var Permissions = [...]PermissionInfo{
	{MaySee, "See assets, their history, products, collections, presets and what is published", Viewer},
	{MayDownloadPresets, "Download renditions of presets, one by one or as an archive", Viewer},
	{MayDownloadOriginals, "Download originals, and copies of them with the metadata of now", Viewer},
	{MayUpload, "Upload assets, and new versions of what one may edit", Contributor},
	{MayEditOwn, "Edit what one has added, and submit it for review", Contributor},
	{MayEditAll, "Edit every asset; settle duplicates, rejected files and failed renditions", Editor},
	{MayDelete, "Move assets to the bin, and take them back from it", Editor},
	{MayManageCollections, "Make, rename and remove collections; put assets into them", Editor},
	{MayManageProducts, "Add, edit and import products, and fill their slots", Editor},
	{MayManageSynonyms, "Set the words that find each other", Editor},
	{MayShareSearches, "Share saved searches, and change shared ones", Editor},
	{MayManageJobs, "See background jobs and run parked ones again", Editor},
	{MayApprove, "Approve, reject, archive and restore assets", Publisher},
	{MayEditRights, "Let the public see more of what is approved: longer, or in more territories", Publisher},
	{MayPublish, "Publish, plan, recall and reinstate; campaigns, series and playlists", Publisher},
	{MayManageFields, "Set the library's own metadata fields and what file names mean", Admin},
	{MayManagePresets, "Change presets, and stop what brings renditions in line with them", Admin},
	{MayManageChannels, "Add, connect, change, pause and remove channels and screens", Admin},
	{MayManagePeople, "Add people, change their roles; make and revoke tokens", Admin},
	{MayManageWebhooks, "Add, change and remove webhooks", Admin},
	{MayManageSystem, "Reprocess files, release what is held, see damage of stored files", Admin},
}

// Has reports whether a role has a permission; never for an unknown one of either.
func (r Role) Has(p Permission) bool {
	i := slices.IndexFunc(Permissions[:], func(x PermissionInfo) bool { return x.Name == p })
	return i >= 0 && r.Includes(Permissions[i].Role)
}

// Permissions returns what a role may do, in the order of the roles; nothing for an unknown role.
func (r Role) Permissions() []Permission {
	out := []Permission{}
	for _, p := range Permissions {
		if r.Includes(p.Role) {
			out = append(out, p.Name)
		}
	}
	return out
}
