package api

import (
	"reflect"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// checkAddress holds what the address says, decoded, against the rule for all text.
func checkAddress(c *gin.Context) error {
	for _, p := range c.Params {
		if err := dam.CheckLine(p.Key, p.Value); err != nil {
			return err
		}
	}
	for name, values := range c.Request.URL.Query() {
		if dam.CheckLine("query", name) != nil {
			return dam.CheckLine("query", name) // a name that is not text names nothing
		}
		for _, v := range values {
			if err := dam.CheckBounds(name, v); err != nil {
				return err
			}
		}
	}
	return dam.CheckLine(libraryHeader, c.GetHeader(libraryHeader))
}

// checkBody holds what an operation was sent against the bounds of its description, and
// its texts against the rule for all text. A body that is read raw is checked where it
// is read; here only that it is UTF-8, since a JSON reader puts U+FFFD for what is not.
func checkBody(in any) error {
	v := reflect.Indirect(reflect.ValueOf(in))
	if v.Kind() != reflect.Struct {
		return nil
	}
	if raw := v.FieldByName("RawBody"); raw.IsValid() {
		if b, ok := raw.Interface().([]byte); ok && !utf8.Valid(b) {
			return dam.InvalidInput("body", reasons.BodyNotUtf8())
		}
	}
	if body := v.FieldByName("Body"); body.IsValid() {
		return dam.CheckBounds("", body.Interface())
	}
	return nil
}
