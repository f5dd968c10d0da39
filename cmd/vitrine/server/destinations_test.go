package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"vitrine/cmd/vitrine/config"
)

// Every channel that stores a secret declares which settings decide where it is sent, or has a fixed host.
func TestSecretsHaveDestinations(t *testing.T) {
	fixed := []string{"x", "facebook", "instagram", "linkedin", "pinterest", "youtube", "tiktok"}
	for _, k := range ChannelKinds(config.Config{}, nil) {
		var schema struct {
			Properties map[string]struct {
				Type        string
				WriteOnly   bool
				Title       string
				Destination bool `json:"x-destination"`
			}
		}
		if err := json.Unmarshal(k.Schema, &schema); err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		secret, destination := false, false
		for name, p := range schema.Properties {
			secret = secret || p.WriteOnly
			destination = destination || p.Destination
			if slices.Contains([]string{"url", "server", "service", "host", "endpoint", "shop"}, name) &&
				!p.Destination && !strings.HasPrefix(p.Title, "Public") {
				t.Errorf("%s.%s is an address and not marked x-destination", k.Name, name)
			}
		}
		if secret && !destination && !slices.Contains(fixed, k.Name) {
			t.Errorf("%s keeps a secret, and nothing says where it is sent", k.Name)
		}
	}
}
