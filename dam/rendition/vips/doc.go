// Package vips is the rendition engine on libvips: about three times as fast as pure Go, with more formats and real
// print profiles. It is built with the tag vips where pkg-config finds libvips, and decodes hostile files with C code:
// run it in a process of its own (package isolate), never in the server's.
package vips
