package main

import (
	"log/slog"
	"time"

	"vitrine/dam/catalog"
	"vitrine/dam/notices"
	"vitrine/dam/secrets"
	"vitrine/dam/webhooks"
	"vitrine/publishers"
	"vitrine/publishers/plugin"
	"vitrine/publishers/site/bucket"
	"vitrine/publishers/site/push"
	"vitrine/publishers/site/wordpress"
	"vitrine/publishers/social/bluesky"
	"vitrine/publishers/social/linkedin"
	"vitrine/publishers/social/mastodon"
	"vitrine/publishers/social/meta"
	"vitrine/publishers/social/pinterest"
	"vitrine/publishers/social/tiktok"
	"vitrine/publishers/social/x"
	"vitrine/publishers/social/youtube"
	"vitrine/publishers/stores/anthias"
	"vitrine/publishers/stores/shopify"
	"vitrine/publishers/stores/signage"
	"vitrine/publishers/stores/xibo"
	"vitrine/search"
	"vitrine/storage"
)

// channelTimeout bounds one call to a channel.
const channelTimeout = time.Minute

// channelKinds names every channel driver. Without screens the kinds are described only.
func channelKinds(c Config, screens signage.Playlist) []publishers.Kind {
	// Addresses that people enter are guarded, whatever library speaks to them.
	guard := c.outbound()
	client, transport := guard.Client(channelTimeout), guard.Transport()
	return []publishers.Kind{
		bucket.Kind(bucket.Options{Folders: c.Folders, Transport: transport}),
		wordpress.Kind(client),
		wordpress.WooCommerce(client),
		shopify.Kind(shopify.Live, client),
		push.Kind(client),
		bucket.SFTP(guard.DialContext),
		signage.Kind(screens),
		anthias.Kind(client),
		xibo.Kind(client),
		x.Kind(x.Host, transport),
		mastodon.Kind(client),
		bluesky.Kind(client),
		meta.Facebook(meta.Live(), client),
		meta.Instagram(meta.Live(), client),
		linkedin.Kind(linkedin.Live(), client),
		pinterest.Kind(pinterest.Live(), client),
		youtube.Kind(youtube.Live(), client),
		tiktok.Kind(tiktok.Live(), client),
		plugin.Kind(plugin.Options{Client: client, Sign: webhooks.Sign}),
	}
}

// publishing is the channel hub and the webhooks.
func publishing(cat *catalog.Catalog, store storage.Store, box *secrets.Box, index *search.Index, mail *notices.Service, screens signage.Playlist, c Config, log *slog.Logger) (*publishers.Service, *webhooks.Service) {
	channels := publishers.New(publishers.Options{Catalog: cat, Kinds: channelKinds(c, screens), Secrets: box, Match: indexMatcher{cat, index}, Store: store, Notify: mail, Log: log,
		Node: c.Node, PublicURL: c.PublicURL})
	hooks := webhooks.New(webhooks.Options{Catalog: cat, Secrets: box, Log: log, Source: c.PublicURL, Outbound: c.outbound()})
	return channels, hooks
}
