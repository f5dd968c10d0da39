package server_test

import (
	"reflect"
	"testing"

	"vitrine/cmd/vitrine/server/servertest"
	"vitrine/dam/catalog/catalogtest"
)

// A server runs everything that its API has routes for: no handler asks whether its service is there.
func TestEveryServiceIsThere(t *testing.T) {
	app := servertest.On(t, catalogtest.URL(catalogtest.SQLite(t)), "--engine", "imaging")
	services := reflect.ValueOf(app.APIConfig().Services)
	for i := range services.NumField() {
		if f := services.Field(i); f.IsZero() {
			t.Errorf("the API has no %s", services.Type().Field(i).Name)
		}
	}
}
