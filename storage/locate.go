package storage

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Locate parses the location of a store:
//
//	disk:PATH                       a folder; the path is used as it is, in URL.Path
//	s3://BUCKET?endpoint=…&region=… see vitrine/storage/s3 for the parameters
//
// It refuses credentials in the location, because locations are logged and shown; its errors never contain secrets. It
// doesn't check the scheme: the caller knows its drivers.
func Locate(location string) (url.URL, error) {
	if path, ok := strings.CutPrefix(location, "disk:"); ok {
		if path == "" || strings.HasPrefix(path, "//") {
			return url.URL{},
				fmt.Errorf("storage location %q: write disk:PATH, for example disk:/var/lib/vitrine/objects", location)
		}
		return url.URL{Scheme: "disk", Path: path}, nil
	}
	u, err := url.Parse(location)
	if err != nil {
		// url.Error contains the input, which may have a password in it.
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return url.URL{}, fmt.Errorf("storage location: %w", err)
	}
	if u.Scheme == "" || u.Host == "" && u.Opaque == "" {
		return url.URL{},
			errors.New("storage location: write disk:PATH or s3://BUCKET?endpoint=HOST:PORT&region=REGION")
	}
	return *u, RefuseCredentials(*u)
}

// RefuseCredentials returns an error if u has a user, a password or a parameter that is named like a secret.
func RefuseCredentials(u url.URL) error {
	const remedy = "put the access key and its secret into the settings or the environment"
	if u.User != nil {
		return errors.New("storage location holds credentials before the @: " + remedy)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("storage location: the part after ? can't be parsed")
	}
	for name := range query {
		for _, word := range []string{"key", "secret", "token", "password", "credential", "signature"} {
			if strings.Contains(strings.ToLower(name), word) {
				return fmt.Errorf("storage location holds a credential in the parameter %q: %s", name, remedy)
			}
		}
	}
	return nil
}
