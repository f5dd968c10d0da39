package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Whatever the setting, an address is printed without its password.
func TestConfigHidesSecretsInAddresses(t *testing.T) {
	for v, want := range map[string]string{
		"sqlite:data/vitrine.db": "sqlite:data/vitrine.db", "disk:/srv/a@b": "disk:/srv/a@b",
		"https://media.example.com":                      "https://media.example.com",
		"shop.example.com=shoes":                         "shop.example.com=shoes",
		"ada@example.com,bob@example.com":                "ada@example.com,bob@example.com",
		"postgres://u:hunter2@db/v?sslmode=disable":      "postgres://u:hidden@db/v?sslmode=disable",
		"postgres://db/v?password=hunter2":               "postgres://db/v?password=hidden",
		"postgres://u:hun%zzter2@db/v":                   "(hidden)",
		"s3://AKIA:hunter2@bucket?endpoint=minio:9000":   "s3://AKIA:hidden@bucket?endpoint=minio:9000",
		"s3://bucket?secret_key=hunter2&region=eu":       "s3://bucket?region=eu&secret_key=hidden",
		"https://purge.example.com/?api_key=hunter2":     "https://purge.example.com/?api_key=hidden",
		"https://a.example.com,https://u:hunter2@b.test": "https://a.example.com,https://u:hidden@b.test",
		"postgres://db/v?sslkey=/etc/key.pem":            "postgres://db/v?sslkey=/etc/key.pem",
	} {
		if got := HidePassword(v); got != want {
			t.Errorf("%s is shown as %s, want %s", v, got, want)
		}
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags, Keys()...)
	c, err := Load(flags, []string{"VITRINE_DATABASE=postgres://u:hunter2@db/v",
		"VITRINE_DELIVERY_PURGE_URL=https://u:hunter2@cdn.example.com/purge",
		"VITRINE_SMTP_PASSWORD=hunter2", "VITRINE_SECRET_KEY=hunter2hunter2hunter2hunter2hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil || strings.Contains(out.String(), "hunter2") ||
		!strings.Contains(out.String(), "cdn.example.com") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
