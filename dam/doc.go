// Package dam holds the nouns of digital asset management and their rules: assets and
// their versions, renditions and presets, rights, collections, channels and
// publications, events and principals. It imports the standard library only and
// knows nothing of databases, files or HTTP, so every other package can speak it.
package dam
