package assets

import (
	"maps"
	"reflect"
	"slices"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/reasons"
)

// revert takes changes back and returns what that changes.
func revert(a *dam.Asset, changes []dam.Change) ([]dam.Change, error) {
	before, err := toMap(fieldsOf(a))
	if err != nil {
		return nil, err
	}
	after := maps.Clone(before)
	for _, c := range changes {
		was, isList := c.Before.([]any)
		became, isList2 := c.After.([]any)
		now, isList3 := before[c.Field].([]any)
		if listField(c.Field) && (isList || c.Before == nil) && (isList2 || c.After == nil) &&
			(isList3 || before[c.Field] == nil) {
			after[c.Field] = undoList(now, was, became)
			continue
		}
		if !reflect.DeepEqual(before[c.Field], c.After) {
			return nil, &dam.Error{Code: dam.Conflict, Field: c.Field, Reason: reasons.FieldChangedSince()}
		}
		if c.Before == nil {
			delete(after, c.Field)
		} else {
			after[c.Field] = c.Before
		}
	}
	return put(a, before, after)
}

func listField(name string) bool { return name == "tags" || name == "skus" }

// undoList takes out of a list what was added, and puts back what was taken out.
func undoList(now, was, became []any) []any {
	out := []any{}
	for _, v := range now {
		if !has(became, v) || has(was, v) {
			out = append(out, v)
		}
	}
	for _, v := range was {
		if !has(became, v) && !has(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func has(list []any, v any) bool {
	s, ok := v.(string)
	return ok && slices.ContainsFunc(list, func(o any) bool {
		t, ok := o.(string)
		return ok && canon.Same(s, t)
	})
}
