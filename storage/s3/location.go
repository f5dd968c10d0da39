package s3

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"vitrine/storage"
)

// location is a parsed location.
type location struct {
	bucket   string
	endpoint string
	region   string
	tls      bool
	prefix   string // "" or ends with a slash
	part     int    // bytes
	create   bool
}

const (
	defaultEndpoint = "s3.amazonaws.com"
	defaultRegion   = "us-east-1"
	defaultPart     = 16
)

func parse(u url.URL) (location, error) {
	p := location{bucket: u.Host, endpoint: defaultEndpoint, region: defaultRegion, tls: true, part: defaultPart << 20}
	if u.Scheme != "s3" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return location{}, fmt.Errorf("S3 location: write s3://BUCKET?endpoint=HOST:PORT&region=REGION (a folder in " +
			"the bucket is prefix=FOLDER)")
	}
	if err := storage.RefuseCredentials(u); err != nil {
		return location{}, err
	}
	for name, values := range u.Query() {
		if len(values) != 1 {
			return location{}, fmt.Errorf("S3 location: the parameter %q is given twice", name)
		}
		if err := p.set(name, values[0]); err != nil {
			return location{}, fmt.Errorf("S3 location: %s=%s: %w", name, values[0], err)
		}
	}
	return p, nil
}

func (p *location) set(name, value string) (err error) {
	switch name {
	case "endpoint":
		if value == "" || strings.Contains(value, "/") {
			return fmt.Errorf("write HOST or HOST:PORT; https:// is tls=true")
		}
		p.endpoint = value
	case "region":
		p.region = value
	case "tls":
		p.tls, err = strconv.ParseBool(value)
	case "create":
		p.create, err = strconv.ParseBool(value)
	case "prefix":
		folder := strings.TrimSuffix(value, "/")
		if folder == "" {
			return nil
		}
		p.prefix = folder + "/"
		err = storage.ValidKey(folder)
	case "part":
		var mib int
		if mib, err = strconv.Atoi(value); err == nil && (mib < 5 || mib > 1024) {
			err = fmt.Errorf("must be 5 to 1024 (MiB)")
		}
		p.part = mib << 20
	default:
		err = fmt.Errorf("unknown parameter; known are endpoint, region, tls, prefix, part, create")
	}
	return err
}

// String returns the location without parameters that have their default value.
func (p location) String() string {
	q := url.Values{}
	if p.endpoint != defaultEndpoint {
		q.Set("endpoint", p.endpoint)
	}
	if p.region != defaultRegion {
		q.Set("region", p.region)
	}
	if !p.tls {
		q.Set("tls", "false")
	}
	if p.prefix != "" {
		q.Set("prefix", strings.TrimSuffix(p.prefix, "/"))
	}
	if p.part != defaultPart<<20 {
		q.Set("part", strconv.Itoa(p.part>>20))
	}
	if p.create {
		q.Set("create", "true")
	}
	return (&url.URL{Scheme: "s3", Host: p.bucket, RawQuery: q.Encode()}).String()
}
