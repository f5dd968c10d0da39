package main

import (
	"log/slog"

	"vitrine/dam/catalog"
	"vitrine/dam/secrets"
	"vitrine/publishers"
	"vitrine/search"
	"vitrine/storage"
)

// channelKinds names every channel driver.
func channelKinds() []publishers.Kind {
	return nil
}

// publishing is the channel hub.
func publishing(cat *catalog.Catalog, store storage.Store, box *secrets.Box, index *search.Index, c Config, log *slog.Logger) *publishers.Service {
	return publishers.New(publishers.Options{Catalog: cat, Kinds: channelKinds(), Secrets: box, Match: indexMatcher{cat, index}, Store: store, Log: log,
		Node: c.Node, PublicURL: c.PublicURL})
}
