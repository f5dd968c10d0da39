package dam

import "slices"

// Permission is one thing that a principal may do in a library. A role is a set of them; what is decided asks for a
// permission, never for a role.
type Permission string

// The permissions.
const (
	MaySee               Permission = "see"
	MaySeeUnapproved     Permission = "see_unapproved"
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
	MayShare             Permission = "share"
	MayManageJobs        Permission = "manage_jobs"
	MayApprove           Permission = "approve"
	MayEditRights        Permission = "edit_rights"
	MayPublish           Permission = "publish"
	MayManageFields      Permission = "manage_fields"
	MayManagePresets     Permission = "manage_presets"
	MayManageChannels    Permission = "manage_channels"
	MayManagePeople      Permission = "manage_people"
	MayManageWebhooks    Permission = "manage_webhooks"
	MayManageLibrary     Permission = "manage_library"
	MayManageSystem      Permission = "manage_system"
)

// Scope is what a permission is about.
type Scope string

const (
	// ScopeAsset is the scope of what is done to single assets: a grant on a collection allows it on what is in there.
	ScopeAsset Scope = "asset"
	// ScopeLibrary is the scope of what concerns a library as a whole: only a grant on the library allows it.
	ScopeLibrary Scope = "library"
)

// PermissionInfo describes a permission.
type PermissionInfo struct {
	Name Permission `json:"name"`
	Doc  string     `json:"doc"`
	// Role is the least of the ready-made roles that has it.
	Role Role `json:"role" doc:"The least ready-made role that has it"`
	// Scope says whether a grant on a collection can allow it.
	Scope Scope `json:"scope" enum:"asset,library" doc:"asset: a grant on a collection allows it on what is in there; library: only a grant on the library does"`
}

// Permissions lists every permission, in the order of the roles.
var Permissions = [...]PermissionInfo{
	{MaySee, "See what is approved and may be shown today; products, collections, presets and what is published",
		Viewer, ScopeAsset},
	{MayDownloadPresets, "Download renditions of presets, one by one or as an archive", Viewer, ScopeAsset},
	{MayDownloadOriginals, "Download originals, and copies of them with the metadata of now", Viewer, ScopeAsset},
	{MaySeeUnapproved, "See what is not approved, not yet or no longer within its rights, recalled or in the bin, too",
		Contributor, ScopeAsset},
	{MayUpload, "Upload assets, and new versions of what one may edit", Contributor, ScopeAsset},
	{MayEditOwn, "Edit what one has added, and submit it for review", Contributor, ScopeAsset},
	{MayEditAll, "Edit every asset; settle duplicates, rejected files and failed renditions", Editor, ScopeAsset},
	{MayDelete, "Move assets to the bin, and take them back from it", Editor, ScopeAsset},
	{MayManageCollections, "Make, rename and remove collections; put assets into them", Editor, ScopeAsset},
	{MayManageProducts, "Add, edit and import products, and fill their slots", Editor, ScopeLibrary},
	{MayManageSynonyms, "Set the words that find each other", Editor, ScopeLibrary},
	{MayShareSearches, "Share saved searches, and change shared ones", Editor, ScopeLibrary},
	{MayShare, "Share assets with people who have no account", Editor, ScopeAsset},
	{MayManageJobs, "See background jobs and run parked ones again", Editor, ScopeLibrary},
	{MayApprove, "Approve, reject, archive and restore assets", Publisher, ScopeAsset},
	{MayEditRights, "Let the public see more of what is approved: longer, or in more territories", Publisher,
		ScopeAsset},
	{MayPublish, "Publish, plan, recall and reinstate; campaigns, series and playlists", Publisher, ScopeAsset},
	{MayManageFields, "Set the library's own metadata fields and what file names mean", Admin, ScopeLibrary},
	{MayManagePresets, "Change presets, and stop what brings renditions in line with them", Admin, ScopeLibrary},
	{MayManageChannels, "Add, connect, change, pause and remove channels and screens", Admin, ScopeLibrary},
	{MayManagePeople, "Add people, roles and groups, and say who may what; make and revoke tokens", Admin,
		ScopeLibrary},
	{MayManageWebhooks, "Add, change and remove webhooks", Admin, ScopeLibrary},
	{MayManageLibrary, "Change what the library is called, how it looks, its languages and its time zone", Admin,
		ScopeLibrary},
	{MayManageSystem, "Reprocess files, release what is held, see damage of stored files; in the library main: " +
		"add, archive and bound libraries, and give them host names", Admin, ScopeLibrary},
}

// index returns a permission's place in Permissions; -1 for an unknown one.
func (p Permission) index() int {
	return slices.IndexFunc(Permissions[:], func(x PermissionInfo) bool { return x.Name == p })
}

// Valid reports whether the permission exists.
func (p Permission) Valid() bool { return p.index() >= 0 }

// Scope returns what the permission is about; ScopeLibrary for an unknown one, which no grant has.
func (p Permission) Scope() Scope {
	if i := p.index(); i >= 0 {
		return Permissions[i].Scope
	}
	return ScopeLibrary
}

// PermissionSet is a set of permissions, a bit for each by its place in Permissions. It isn't stored: places change.
type PermissionSet uint64

// SetOf returns a set; unknown permissions are left out, so that nothing is allowed by a name that means nothing.
func SetOf(list ...Permission) (s PermissionSet) {
	for _, p := range list {
		if i := p.index(); i >= 0 {
			s |= 1 << i
		}
	}
	return s
}

// Has reports whether the permission is in the set.
func (s PermissionSet) Has(p Permission) bool {
	i := p.index()
	return i >= 0 && s&(1<<i) != 0
}

// List returns the permissions of the set, in the order of Permissions.
func (s PermissionSet) List() []Permission {
	out := []Permission{}
	for i, p := range Permissions {
		if s&(1<<i) != 0 {
			out = append(out, p.Name)
		}
	}
	return out
}

// Has reports whether a ready-made role has a permission; never for another role or an unknown permission.
func (r Role) Has(p Permission) bool { return r.set().Has(p) }

// Permissions returns what a ready-made role may do, in the order of the roles; nothing for another role.
func (r Role) Permissions() []Permission { return r.set().List() }

// set returns what a ready-made role may do.
func (r Role) set() (s PermissionSet) {
	for i, p := range Permissions {
		if r.Includes(p.Role) {
			s |= 1 << i
		}
	}
	return s
}
