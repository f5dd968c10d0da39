package config

import (
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Setting describes a setting.
type Setting struct {
	Key      string // in the file, such as s3.access_key
	Variable string // in the environment, such as VITRINE_S3_ACCESS_KEY
	Help     string
}

// Settings lists all settings in the order of the documentation.
func Settings() []Setting {
	var out []Setting
	for _, s := range settings() {
		out = append(out, Setting{s.key, s.env(), s.help})
	}
	return out
}

// Print writes the effective settings as YAML, and where each came from; it hides secrets.
func (c Config) Print(w io.Writer) error {
	for _, v := range c.values {
		line, err := v.line()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// line formats a setting as YAML; a hidden or unset one becomes a comment.
func (v value) line() (string, error) {
	switch {
	case v.text == "":
		return fmt.Sprintf("# %s: not set", v.key), nil
	case v.secret:
		return fmt.Sprintf("# %s: (hidden)  # from %s", v.key, v.from), nil
	case HidePassword(v.text) != v.text:
		return fmt.Sprintf("# %s: %s  # from %s", v.key, HidePassword(v.text), v.from), nil
	}
	b, err := yaml.Marshal(map[string]string{v.key: v.text})
	return fmt.Sprintf("%-40s  # from %s", strings.TrimSpace(string(b)), v.from), err
}
