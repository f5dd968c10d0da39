package dam

import (
	"slices"
	"time"
)

// RelationKind is what an asset is to another one.
type RelationKind string

// The kinds of relations.
const (
	VariantOf     RelationKind = "variant_of"
	DerivedFrom   RelationKind = "derived_from"
	TranslationOf RelationKind = "translation_of"
	PartOf        RelationKind = "part_of"
	RawPair       RelationKind = "raw_pair"
)

// MaxRelations is how many relations an asset has at most, those of both directions together.
const MaxRelations = 500

// madeFrom are the kinds by which an asset is made from another one, its source.
var madeFrom = []RelationKind{VariantOf, DerivedFrom, TranslationOf}

// MadeFrom returns the kinds by which an asset is made from another one: with a newer version of that, it is stale.
func MadeFrom() []RelationKind { return madeFrom }

// MadeFrom reports whether an asset of such a relation is made from the other one.
func (k RelationKind) MadeFrom() bool { return slices.Contains(madeFrom, k) }

// BindsFrom returns the kinds by which what binds To binds From: what is made from an asset, and the JPEG of a raw
// file.
func BindsFrom() []RelationKind { return append(slices.Clone(madeFrom), RawPair) }

// BindsTo returns the kinds by which what binds From binds To: a whole shows its parts, and a raw file what its JPEG
// does.
func BindsTo() []RelationKind { return []RelationKind{PartOf, RawPair} }

// Together returns the kinds among which a relation of this kind may close no circle.
func (k RelationKind) Together() []RelationKind {
	if k.MadeFrom() {
		return madeFrom
	}
	return []RelationKind{k}
}

// Relation says that an asset is, of another one, what its kind says: a variant, a translation, a part. Of a raw pair,
// From is the JPEG and To the raw file.
type Relation struct {
	ID      string
	Library string
	From    string
	To      string
	Kind    RelationKind
	// Version is the number of the version of To that From was made from; 0 is an earlier one than all.
	Version   int
	CreatedAt time.Time
	CreatedBy string
}

// Direction is from which of its two assets a relation is seen.
type Direction string

const (
	// DirectionTo is of a relation whose From is the asset that was asked about.
	DirectionTo Direction = "to"
	// DirectionFrom is of a relation whose To is the asset that was asked about.
	DirectionFrom Direction = "from"
)

// Related is a relation as one of its two assets shows it.
type Related struct {
	ID        string       `json:"id"`
	Kind      RelationKind `json:"kind" enum:"variant_of,derived_from,translation_of,part_of,raw_pair" doc:"What one of the two is to the other; of a raw pair, the JPEG is to the raw file"`
	Direction Direction    `json:"direction" enum:"to,from" doc:"to: the asset that was asked about is what the kind says of this one; from: this one is so of it"`
	Asset     Asset        `json:"asset" doc:"The other asset"`
	Version   int          `json:"version" doc:"Number of the source's version that the derived asset was made from; 0: an earlier one than all that are there"`
	Latest    int          `json:"latest" doc:"Number of the source's newest version"`
	Stale     bool         `json:"stale" doc:"Whether the source has a newer version than the derived asset was made from"`
	CreatedAt time.Time    `json:"created_at"`
	CreatedBy string       `json:"created_by"`
}

// Seen returns the relation as one of its two assets shows it.
func (r Relation) Seen(asset, other *Asset) Related {
	x := Related{ID: r.ID, Kind: r.Kind, Direction: DirectionTo, Asset: *other, Version: r.Version,
		Latest: other.Latest.N, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy}
	if r.To == asset.ID {
		x.Direction, x.Latest = DirectionFrom, asset.Latest.N
	}
	x.Stale = r.Kind.MadeFrom() && x.Latest > r.Version
	return x
}
