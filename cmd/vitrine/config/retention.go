package config

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/retention"
)

// retentionSettings are the settings for how long records are kept; docs/operations.md lists them with all others.
func retentionSettings() []setting {
	var out []setting
	for _, r := range []struct{ name, fallback, help string }{
		{"bin", "30d", "how long assets stay in the bin"},
		{"quarantine", "30d", "how long rejected files are kept"},
		{"events", "400d", "how long the event log and ended tokens are kept"},
		{"publications", "1095d", "how long publications are kept that were cancelled, failed or taken back"},
		{"imports", "90d", "how long imports of products and runs of renditions are kept after their end"},
	} {
		out = append(out, setting{key: "retention." + r.name, help: r.help + ", such as 90d; 0 is for ever",
			fallback: func(Config) string { return r.fallback },
			set: func(c *Config, v string) error {
				d, err := parsePeriod(v)
				if c.Retention == nil {
					c.Retention = map[string]time.Duration{}
				}
				c.Retention[r.name] = d
				return err
			}})
	}
	return out
}

// parsePeriod parses days (90d) or a Go duration (36h) of at least an hour; 0 means for ever.
func parsePeriod(v string) (time.Duration, error) {
	if v == "0" {
		return retention.Forever, nil
	}
	var d time.Duration
	var err error
	if days, ok := strings.CutSuffix(v, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(min(max(n, 0), 100*365)) * 24 * time.Hour
	} else {
		d, err = time.ParseDuration(v)
	}
	if err != nil || d < time.Hour || d > retention.Forever {
		return 0, errors.New("must be a number of days such as 90d, a duration such as 36h, or 0 for ever")
	}
	return d, nil
}
