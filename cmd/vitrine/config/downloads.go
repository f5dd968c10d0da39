package config

import (
	"errors"
	"strconv"
	"time"
)

// Downloads are the limits of archives that people take out.
type Downloads struct {
	Files   int           // files of one archive
	Link    time.Duration // how long its link answers
	Streams int           // archives that a node sends at once
}

// downloadSettings are the settings in Downloads.
func downloadSettings() []setting {
	number := func(most int, field func(*Config) *int) func(*Config, string) error {
		return func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 || n > most {
				return errors.New("must be a whole number from 1 to " + strconv.Itoa(most))
			}
			*field(c) = n
			return nil
		}
	}
	fixed := func(v string) func(Config) string { return func(Config) string { return v } }
	return []setting{
		{key: "download.files", help: "how many files one download may hold", fallback: fixed("100000"),
			set: number(1_000_000, func(c *Config) *int { return &c.Downloads.Files })},
		{key: "download.link", help: "how long the link of a download answers, such as 24h or 7d",
			fallback: fixed("48h"),
			set: func(c *Config, v string) (err error) {
				if c.Downloads.Link, err = parsePeriod(v); err == nil && v == "0" {
					err = errors.New("must be a duration such as 24h or 7d")
				}
				return err
			}},
		{key: "download.streams", help: "how many archives a node sends at once; one person gets up to three",
			fallback: fixed("16"), set: number(1000, func(c *Config) *int { return &c.Downloads.Streams })},
	}
}
