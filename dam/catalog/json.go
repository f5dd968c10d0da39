package catalog

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
)

// asJSON stores and reads a Go value as JSON text. A nil pointer is NULL.
type asJSON struct{ v any }

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
