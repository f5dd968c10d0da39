package api

import (
	"time"

	"vitrine/dam"
)

// Line is a line of the route table, for the test that walks it.
type Line struct {
	Method, Path string
	May          dam.Permission
	Public       bool
	Stream       bool
	Installation bool
}

// Lines returns the route table.
func (s *API) Lines() []Line {
	var out []Line
	for _, r := range s.table() {
		out = append(out, Line{r.method, r.path, r.may, r.may == public, r.endpoint.stream, r.endpoint.installation})
	}
	return out
}

// Mounted returns what the router knows, as "METHOD /path/:id".
func (s *API) Mounted() []string {
	var out []string
	for _, r := range s.engine.Routes() {
		out = append(out, r.Method+" "+r.Path)
	}
	return out
}

// GinPath is a table's path as the router writes it.
func GinPath(p string) string { return ginPath(p) }

// SetHeartbeat shortens the silence of event streams; before the first request.
func (s *API) SetHeartbeat(d time.Duration) { s.heartbeat = d }
