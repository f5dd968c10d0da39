package server

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/jobs"
	"vitrine/dam/notifications"
	"vitrine/dam/signage"
	"vitrine/dam/webhooks"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
	"vitrine/publishers/ledger"
	"vitrine/publishers/planning"
	"vitrine/publishers/plugin"
	"vitrine/publishers/proving"
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
	stores "vitrine/publishers/stores/signage"
	"vitrine/publishers/stores/xibo"
)

// channelTimeout bounds one call to a channel.
const channelTimeout = time.Minute

// ChannelKinds lists every kind of channel. If screens is nil, the kinds can only be described.
func ChannelKinds(c config.Config, screens stores.Playlist) []publishers.Kind {
	// Requests to addresses that people enter go through the guard, whichever library makes them.
	guard := c.OutboundGuard()
	return channelKinds(c.Folders, guard.Client(channelTimeout), guard.Transport(), guard.DialContext, screens)
}

func channelKinds(folders []string, client *http.Client, transport http.RoundTripper,
	dial func(ctx context.Context, network, address string) (net.Conn, error),
	screens stores.Playlist) []publishers.Kind {
	return []publishers.Kind{
		bucket.Kind(bucket.Options{Folders: folders, Transport: transport}),
		wordpress.Kind(client),
		wordpress.WooCommerce(client),
		shopify.Kind(shopify.Live, client),
		push.Kind(client),
		bucket.SFTP(dial),
		stores.Kind(screens),
		anthias.Kind(client),
		xibo.Kind(client),
		x.Kind(x.Host, x.Login, transport),
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

// Channels are the services that send something out: publications, screens, webhooks and mail.
type Channels struct {
	Accounts  *accounts.Service
	Planning  *planning.Service
	Proving   *proving.Service
	Ledger    *ledger.Service
	Webhooks  *webhooks.Service
	Screens   *signage.Service
	Playlists signage.Playlists
}

func newChannels(p *parts, d *Installation, o *Objects, m *Media, l *Library) *Channels {
	mail := &notifications.Service{Catalog: d.Catalog, Jobs: p.queue, SMTP: p.SMTP, PublicURL: p.PublicURL}
	jobs.Handle(p.queue, time.Minute, mail.Mail)
	screens := signage.New(signage.Options{Catalog: d.Catalog, Store: o.Store, Keys: d.Keys.Derive,
		PublicURL: p.PublicURL, Log: p.log})
	kinds, match := ChannelKinds(p.Config, screens), indexMatcher{d.Catalog, l.Index, l.Searches}
	c := &Channels{
		Screens: screens,
		Accounts: accounts.New(accounts.Options{Catalog: d.Catalog, Kinds: kinds, Secrets: d.Keys, Match: match,
			Notify: mail, Log: p.log, PublicURL: p.PublicURL}),
		Planning: planning.New(planning.Options{Catalog: d.Catalog, Kinds: kinds, Match: match, Store: o.Store,
			Renditions: m.Renditions, Log: p.log, PublicURL: p.PublicURL}),
		Webhooks: webhooks.New(webhooks.Options{Catalog: d.Catalog, Secrets: d.Keys, Log: p.log, Source: p.PublicURL,
			Outbound: p.OutboundGuard()}),
	}
	c.Ledger = ledger.New(ledger.Options{Catalog: d.Catalog, Accounts: c.Accounts, Planning: c.Planning, Kinds: kinds,
		Log: p.log, Node: p.Node})
	c.Proving = proving.New(proving.Options{Catalog: d.Catalog, Kinds: kinds, Accounts: c.Accounts, Jobs: p.queue,
		PublicURL: p.PublicURL, Version: p.version, Log: p.log})
	jobs.Handle(p.queue, proving.JobTimeout, c.Proving.Run)
	c.Playlists = signage.Playlists{Service: screens, Edit: ordering{c.Planning}}
	p.background("events", func(ctx context.Context) { events.Listen(ctx, d.Catalog, p.log) })
	p.loop("publishing", c.Ledger.Run)
	p.loop("webhooks", c.Webhooks.Run)
	p.loop("signage", c.Screens.Run)
	return c
}

// ordering lets signage change a publication's options through the planning service.
type ordering struct{ *planning.Service }

// SetOptions implements signage.Editor.
func (o ordering) SetOptions(ctx context.Context, library, publication string, options json.RawMessage) error {
	_, err := o.EditPublication(catalog.WithoutIdempotencyKey(ctx), library, publication, 0,
		planning.PublicationPatch{Options: options})
	return err
}
