package main

import (
	"log/slog"

	"vitrine/dam/catalog"
	"vitrine/dam/secrets"
	"vitrine/dam/webhooks"
	"vitrine/publishers"
	"vitrine/publishers/site/bucket"
	"vitrine/search"
	"vitrine/storage"
)

// channelKinds names every channel driver.
func channelKinds(c Config) []publishers.Kind {
	return []publishers.Kind{
		bucket.Kind(bucket.Options{Folders: c.Folders}),
	}
}

// publishing is the channel hub and the webhooks.
func publishing(cat *catalog.Catalog, store storage.Store, box *secrets.Box, index *search.Index, c Config, log *slog.Logger) (*publishers.Service, *webhooks.Service) {
	channels := publishers.New(publishers.Options{Catalog: cat, Kinds: channelKinds(c), Secrets: box, Match: indexMatcher{cat, index}, Store: store, Log: log,
		Node: c.Node, PublicURL: c.PublicURL})
	hooks := webhooks.New(webhooks.Options{Catalog: cat, Secrets: box, Log: log, Source: c.PublicURL, AllowPrivate: c.AllowPrivate})
	return channels, hooks
}
