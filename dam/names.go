package dam

import "time"

// NameKind says what a name is of.
type NameKind string

const (
	NameSKU        NameKind = "sku"
	NameTag        NameKind = "tag"
	NameCollection NameKind = "collection"
	NameCampaign   NameKind = "campaign"
	NameLocale     NameKind = "locale"
	NameAttribute  NameKind = "attribute"
	NameChoice     NameKind = "choice"
	NamePattern    NameKind = "pattern"
)

// NameChange is a spelling of earlier versions that an upgrade has replaced by the canonical one (see package canon).
type NameChange struct {
	N       int64    `json:"n" doc:"Position in the list"`
	Library string   `json:"library" doc:"Empty for the locales of people"`
	Kind    NameKind `json:"kind" enum:"sku,tag,collection,campaign,locale,attribute,choice,pattern"`
	Before  string   `json:"before"`
	After   string   `json:"after"`
	// Shown tells apart what looks the same.
	Shown  string `json:"shown" doc:"The spelling before, with marks and invisible characters as code points"`
	Places int64  `json:"places" doc:"How many assets, products, fields or people had it"`
	Merged int64  `json:"merged" doc:"How many of those had the canonical spelling as well: the two became one"`
	// Example is one of the places.
	Example string         `json:"example,omitempty" doc:"Id or SKU of one of them"`
	Dropped map[string]any `json:"dropped,omitempty" doc:"Values of the newer of two merged products that the older's values took the place of"`
	At      time.Time      `json:"at"`
}
