// Package portal carries the built web portal and serves it. dist/.gitkeep is committed, so the
// package compiles before the portal was ever built; Handler then says how to build it.
package portal

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the root of the built portal: index.html, static/ and what public/ held.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the path is constant: this cannot fail
	}
	return sub
}
