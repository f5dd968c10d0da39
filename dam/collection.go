package dam

import (
	"time"

	"vitrine/dam/reasons"
)

// MaxCollectionDepth is how many levels a tree of collections has at most; a collection at the top is on level 1.
const MaxCollectionDepth = 20

// Collection is a set of assets: a plain one has those that people put in, a smart one those that its query finds, but
// for the exceptions that people make. Collections form a tree.
type Collection struct {
	ID        string    `json:"id"`
	Library   string    `json:"library"`
	Revision  int64     `json:"revision"`
	Name      string    `json:"name" minLength:"1" maxLength:"200"`
	Count     int       `json:"count" doc:"Assets in it, without those in the bin"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`

	Parent string          `json:"parent" doc:"Id of the collection that it is in; empty at the top"`
	Path   []CollectionRef `json:"path" doc:"The collections above it, from the top"`
	// Position orders a collection among its siblings.
	Position    int64  `json:"-"`
	Children    int    `json:"children" doc:"Collections directly in it"`
	Below       *int   `json:"below,omitempty" doc:"Assets in it or in a collection below it, each counted once"`
	Description string `json:"description"`
	Cover       string `json:"cover" doc:"Id of the asset that stands for it; empty: nobody chose one"`
	Smart       bool   `json:"smart" doc:"It has the assets that its query finds"`
	Query       string `json:"query,omitempty" doc:"Of a smart one; somebody who is limited to collections doesn't see it"`
	// FrozenAt is set of a smart collection that keeps the members of that moment.
	FrozenAt  *time.Time `json:"frozen_at,omitempty" doc:"A smart one keeps the assets that it had then"`
	Favourite bool       `json:"favourite" doc:"Among the favourites of whoever asks"`
	DeletedAt *time.Time `json:"deleted_at,omitempty" doc:"It is in the bin since"`
	// Problem says why a smart collection can't be counted.
	Problem *reasons.Reason `json:"problem,omitempty" doc:"Why the assets that its query finds can't be counted now"`
}

// CollectionRef names a collection.
type CollectionRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// CollectionExceptions are the assets that a smart collection has, or doesn't have, whatever its query finds.
type CollectionExceptions struct {
	Always []string `json:"always" nullable:"false" doc:"Ids of assets that are always in it"`
	Never  []string `json:"never" nullable:"false" doc:"Ids of assets that are never in it"`
}

// Counted is a number of assets, or why it can't be known.
type Counted struct {
	N   int
	Err error
}

// CollectionDeletion says what deleting a collection touches.
type CollectionDeletion struct {
	Collections int `json:"collections" doc:"Those that go to the bin: itself and what is below it"`
	Assets      int `json:"assets" doc:"Assets that leave at least one of them; none is deleted"`
	People      int `json:"people" doc:"People and tokens that are limited to at least one of them"`
	Favourites  int `json:"favourites" doc:"Times that one of them is a favourite"`
}
