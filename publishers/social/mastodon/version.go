package mastodon

import (
	"context"
	"net/http"

	"vitrine/publishers"
)

// RemoteVersion implements publishers.Versioned: the server tells, and so do servers with the same API.
func (p *publisher) RemoteVersion(ctx context.Context, a publishers.Account) (string, error) {
	var server struct {
		Version string `json:"version"`
	}
	_, err := p.call(ctx, a, publishers.Call{Method: http.MethodGet, URL: "/api/v1/instance", Out: &server})
	return server.Version, err
}
