package dam

import "vitrine/dam/reasons"

// FieldImpact counts what a change of a custom field would break. Values that a definition no longer takes stay with
// their assets until they are edited.
type FieldImpact struct {
	Values   int            `json:"values" doc:"Assets that hold a value"`
	Invalid  int            `json:"invalid" doc:"Of these, assets whose value would no longer be taken or, of a removal, seen"`
	Missing  int            `json:"missing" doc:"Assets that would have to have a value, and have none"`
	Examples []FieldExample `json:"examples" nullable:"false" doc:"The first 10 of either"`
	Complete bool           `json:"complete" doc:"False if counting was ended after 20 seconds: there may be more"`
	DryRun   bool           `json:"dry_run" doc:"Nothing was changed"`
}

// FieldExample is an asset that a change of a field would break.
type FieldExample struct {
	Asset   string `json:"asset"`
	Value   any    `json:"value,omitempty"`
	Message string `json:"message"`
	reasons.Reason
}

const fieldExamples = 10

// Count adds an asset that would break, with the reason.
func (i *FieldImpact) Count(n *int, asset string, value any, why reasons.Reason) {
	if *n++; asset != "" && len(i.Examples) < fieldExamples {
		e := FieldExample{Asset: asset, Value: value, Reason: why}
		var remedy string
		reasons.Complete(&e.Reason, &e.Message, &remedy)
		i.Examples = append(i.Examples, e)
	}
}
