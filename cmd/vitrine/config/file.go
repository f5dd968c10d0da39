package config

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// readConfigFile returns the settings of a YAML file by key. Keys may be nested
// (s3: {access_key: …}) or dotted (s3.access_key: …).
func readConfigFile(path string) (map[string]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, dam.InvalidInput("--config", reasons.ConfigUnreadable(err.Error()))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, dam.InvalidInput(path, reasons.ConfigNotYaml(strings.TrimPrefix(err.Error(), "yaml: ")))
	}
	out := map[string]string{}
	if len(doc.Content) == 0 {
		return out, nil
	}
	return out, flatten(doc.Content[0], "", path, out)
}

func flatten(n *yaml.Node, prefix, path string, out map[string]string) error {
	at := func(n *yaml.Node) string { return fmt.Sprintf("%s:%d", path, n.Line) }
	if n.Kind != yaml.MappingNode {
		return dam.InvalidInput(at(n), reasons.ConfigNotSettings())
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, v := n.Content[i], n.Content[i+1]
		key := prefix + strings.ReplaceAll(name.Value, "-", "_")
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		if v.Kind == yaml.MappingNode {
			if err := flatten(v, key+".", path, out); err != nil {
				return err
			}
			continue
		}
		if !known(key) {
			return dam.InvalidInput(at(name), reasons.UnknownSetting(key, nearest(key, Keys())))
		}
		if v.Kind != yaml.ScalarNode {
			return dam.InvalidInput(at(v), reasons.SettingTakesOneValue(key))
		}
		if _, twice := out[key]; twice {
			return dam.InvalidInput(at(name), reasons.SettingTwice(key))
		}
		if v.Tag != "!!null" {
			out[key] = v.Value
		}
	}
	return nil
}

// Keys lists the keys of all settings, as the file has them.
func Keys() []string {
	var out []string
	for _, s := range settings() {
		out = append(out, s.key)
	}
	return out
}

func known(key string) bool {
	for _, k := range Keys() {
		if k == key {
			return true
		}
	}
	return false
}

// strangers warns of variables that look like a setting's but are not.
func strangers(env map[string]string) []string {
	// Used by commands and tests, not by the configuration.
	others := []string{"VITRINE_CONFIG", "VITRINE_TOKEN", "VITRINE_SERVER"}
	var names []string
	for _, s := range settings() {
		names = append(names, s.env())
	}
	names = append(names, others...)
	var out []string
	for name := range env {
		n := nearest(name, names)
		if d := distance(name, n); d > 0 && d <= 2 {
			out = append(out, name+" is not a setting and has no effect; did you mean "+n+"?")
		}
	}
	sort.Strings(out)
	return out
}

// exposed warns of a file with secrets that other users can read.
func exposed(path string, values []value) []string {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o007 == 0 {
		return nil
	}
	for _, v := range values {
		if v.from == path && (v.secret || HidePassword(v.text) != v.text) {
			return []string{path + " holds " + v.key + " and can be read by every user of the machine: chmod 640 it"}
		}
	}
	return nil
}

// nearest returns the name that a mistyped one probably stands for.
func nearest(typed string, names []string) string {
	best := names[0]
	for _, n := range names[1:] {
		if distance(typed, n) < distance(typed, best) {
			best = n
		}
	}
	return best
}

// distance returns the number of letters to insert, remove or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
