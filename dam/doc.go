// Package dam defines the types of digital asset management and their rules: assets and their versions, renditions and
// presets, rights, collections, channels and publications, events and principals. It knows nothing of databases, files
// or HTTP, so every other package can import it.
package dam
