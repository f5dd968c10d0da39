package catalog

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"

	"vitrine/dam/reasons"
)

// asJSON stores and reads a Go value as JSON text. A nil pointer is NULL.
type asJSON struct{ v any }

// asReasons is a text column with reasons, as JSON or as a sentence written by an earlier version.
type asReasons struct{ list *[]reasons.Reason }

func (c asReasons) Value() (driver.Value, error) { return reasons.Encode(*c.list...), nil }

func (c asReasons) Scan(src any) error {
	switch s := src.(type) {
	case nil:
		*c.list = nil
	case string:
		*c.list = reasons.Decode(s)
	case []byte:
		*c.list = reasons.Decode(string(s))
	default:
		return fmt.Errorf("catalogue: %T is not text", src)
	}
	return nil
}

// asNote is asReasons for a note that has a sentence beside its reasons: it reads both and writes the reasons.
type asNote struct {
	text *string
	list *[]reasons.Reason
}

func (c asNote) Value() (driver.Value, error) {
	if len(*c.list) == 0 {
		return *c.text, nil
	}
	return reasons.Encode(*c.list...), nil
}

func (c asNote) Scan(src any) error {
	err := asReasons{c.list}.Scan(src)
	*c.text = reasons.Join(*c.list)
	return err
}

// asReason is asReasons for at most one reason.
type asReason struct{ r *reasons.Reason }

func (c asReason) Value() (driver.Value, error) {
	if c.r.IsZero() {
		return "", nil
	}
	return reasons.Encode(*c.r), nil
}

func (c asReason) Scan(src any) error {
	var list []reasons.Reason
	err := asReasons{&list}.Scan(src)
	if *c.r = (reasons.Reason{}); len(list) > 0 {
		*c.r = list[0]
	}
	return err
}

func (j asJSON) Value() (driver.Value, error) {
	if r := reflect.ValueOf(j.v); r.Kind() == reflect.Pointer && r.IsNil() {
		return nil, nil
	}
	b, err := json.Marshal(j.v)
	return string(b), err
}

func (j asJSON) Scan(src any) error {
	switch s := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(s), j.v)
	case []byte:
		return json.Unmarshal(s, j.v)
	}
	return fmt.Errorf("catalogue: %T is not JSON text", src)
}
