package config

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/dam"
)

// configured loads a command line with an environment and, if it is not empty, a file.
func configured(t *testing.T, file string, environ []string, args ...string) (Config, error) {
	t.Helper()
	if file != "" {
		path := filepath.Join(t.TempDir(), "vitrine.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	return Parse(args, environ)
}

func TestPrecedence(t *testing.T) {
	const file = "listen: :1\ndata: /file\nnode: file\n"
	env := []string{"VITRINE_LISTEN=:2", "VITRINE_DATA=/env", "HOME=/elsewhere", "VITRINE_LOG_LEVEL="}
	c, err := configured(t, file, env, "--listen", ":3")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":3" || c.Data != "/env" || c.Node != "file" || c.LogLevel.String() != "INFO" {
		t.Errorf("listen %s from the flag, data %s from the environment, node %s from the file, level %s by default",
			c.Listen, c.Data, c.Node, c.LogLevel)
	}
	if c.Database != "sqlite:/env/vitrine.db" || c.Storage != "disk:/env/objects" ||
		c.PublicURL != "http://localhost:3" {
		t.Errorf("defaults don't follow: %s, %s, %s", c.Database, c.Storage, c.PublicURL)
	}
	from := map[string]string{}
	for _, v := range c.values {
		from[v.key] = filepath.Base(v.from)
	}
	for key, want := range map[string]string{"listen": "--listen", "data": "VITRINE_DATA", "node": "vitrine.yaml",
		"storage": "default"} {
		if from[key] != want {
			t.Errorf("%s is said to come from %q, not %q", key, from[key], want)
		}
	}
}

func TestCredentials(t *testing.T) {
	c, err := configured(t, "s3:\n  access_key: id\n  secret-key: from-file\nadmin.email: ana@example.com\n",
		[]string{"VITRINE_S3_SECRET_KEY=from-env", "VITRINE_ADMIN_PASSWORD=p",
			"VITRINE_DATABASE=postgres://u:hunter2@db/v"})
	if err != nil {
		t.Fatal(err)
	}
	if c.S3.AccessKey != "id" || c.S3.SecretKey != "from-env" || c.Admin != (Admin{"ana@example.com", "p"}) {
		t.Errorf("credentials: %+v %+v", c.S3, c.Admin)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"from-env", "hunter2", "password: p"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("printed %q:\n%s", secret, out.String())
		}
	}
	if !strings.Contains(out.String(), "VITRINE_S3_SECRET_KEY") || !strings.Contains(out.String(), "u:hidden@db") {
		t.Errorf("where the secrets come from isn't said:\n%s", out.String())
	}
	for _, s := range settings() {
		if s.secret && s.flag {
			t.Errorf("%s is a secret and a flag", s.key)
		}
	}
}

// TestPrintedConfigLoads tests that the printed configuration is a configuration file with the same effect.
func TestPrintedConfigLoads(t *testing.T) {
	c, err := configured(t, "", []string{"VITRINE_STORAGE=s3://media?endpoint=127.0.0.1:9000&tls=false",
		"VITRINE_NODE=n: 1 #"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	again, err := configured(t, out.String(), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if again.Storage != c.Storage || again.Node != c.Node || again.Listen != c.Listen ||
		again.PublicURL != c.PublicURL {
		t.Errorf("%+v became %+v", c, again)
	}
}

func TestConfigRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		env  []string
		args []string
		want string // as the person sees it
	}{
		"unknown key":          {file: "listen: :1\nstroage: disk:/x\n", want: "vitrine.yaml:2"},
		"unknown key, nearest": {file: "stroage: disk:/x\n", want: "did you mean storage?"},
		"unknown nested key":   {file: "s3:\n  acces_key: x\n", want: "did you mean s3.access_key?"},
		"list for a value":     {file: "listen: [a, b]\n", want: "listen takes one value"},
		"twice, two spellings": {file: "s3.access_key: a\ns3:\n  access_key: b\n", want: "set twice"},
		"no YAML":              {file: "listen: :1\n\tdata: x\n", want: "must be YAML"},
		"password on the line": {args: []string{"--database", "postgres://u:hunter2@h/d"}, want: "VITRINE_DATABASE"},
		"password as a parameter": {args: []string{"--database", "postgres://h/d?password=hunter2"},
			want: "VITRINE_DATABASE"},
		"credentials in storage": {env: []string{"VITRINE_STORAGE=s3://hunter2:hunter2@b"},
			want: "settings or the environment"},
		"unknown storage":        {env: []string{"VITRINE_STORAGE=ftp://b"}, want: "disk:PATH"},
		"unknown database":       {env: []string{"VITRINE_DATABASE=mysql://h/d"}, want: "sqlite:PATH or postgres://"},
		"listen without a port":  {args: []string{"--listen", "localhost"}, want: "must be HOST:PORT"},
		"public URL with a path": {args: []string{"--public-url", "https://h/dam"}, want: "must be http://HOST"},
		"level":                  {env: []string{"VITRINE_LOG_LEVEL=loud"}, want: "VITRINE_LOG_LEVEL"},
		"missing file":           {env: []string{"VITRINE_CONFIG=/nowhere/vitrine.yaml"}, want: "can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := configured(t, c.file, c.env, c.args...)
			var e *dam.Error
			if !errors.As(err, &e) || e.Code != dam.Invalid {
				t.Fatalf("got %v", err)
			}
			if words := e.Field + ": " + e.Text() + "\n" + e.Advice(); !strings.Contains(words, c.want) ||
				strings.Contains(words, "hunter2") {
				t.Errorf("got %q, want %q in it and no secret", words, c.want)
			}
		})
	}
}

func TestConfigWarnings(t *testing.T) {
	c, err := configured(t, "", []string{"VITRINE_LISTN=:1", "VITRINE_TOKEN=x", "VITRINE_TOOLS=y"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "did you mean VITRINE_LISTEN?") {
		t.Errorf("warnings: %q", c.Warnings)
	}
	path := filepath.Join(t.TempDir(), "open.yaml")
	if err := os.WriteFile(path, []byte("secret_key: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil { // whatever the umask
		t.Fatal(err)
	}
	if c, err = configured(t, "", []string{"VITRINE_CONFIG=" + path}); err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "chmod 640") {
		t.Errorf("warnings: %q", c.Warnings)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"storage", "storage", 0}, {"stroage", "storage", 2}, {"", "abc", 3}, {"abc", "", 3},
		{"listn", "listen", 1}, {"data", "date", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestEdgeSettings(t *testing.T) {
	c, err := configured(t, "delivery:\n  memory: 64MiB\n  stale_limit: 2m\n",
		[]string{"VITRINE_TRUSTED_PROXIES=10.0.0.7, 10.1.2.3/16", "VITRINE_UPLOAD_LIMIT=2GB",
			"VITRINE_DELIVERY_REFERERS=Shop.example.com,*.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Edge.TrustedProxies(), " "); got != "127.0.0.0/8 ::1/128 10.0.0.7/32 10.1.0.0/16" {
		t.Errorf("proxies %s", got)
	}
	if c.Edge.Memory != 64<<20 || c.Edge.StaleLimit.Minutes() != 2 || c.Edge.MaxUpload != 2_000_000_000 ||
		strings.Join(c.Edge.Referers, " ") != "shop.example.com *.example.org" {
		t.Errorf("%+v", c.Edge)
	}
	for name, value := range map[string]string{"TRUSTED_PROXIES": "cdn.example.com", "UPLOAD_LIMIT": "much",
		"DELIVERY_TAG_HEADER": "Tags", "DELIVERY_STALE_LIMIT": "-1m",
		"DELIVERY_REFERERS": "https://shop.example.com", "DELIVERY_PURGE_URL": "purge",
		"DELIVERY_PURGE_HEADER": "secret"} {
		_, err := configured(t, "", []string{"VITRINE_" + name + "=" + value})
		if err == nil || !strings.Contains(err.Error(), "must be") || name == "DELIVERY_PURGE_HEADER" &&
			strings.Contains(err.Error(), value) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

// A host has one normal form in the setting and in requests; hosts that no request could match are refused.
func TestDeliveryHosts(t *testing.T) {
	c, err := configured(t, "", []string{"VITRINE_DELIVERY_HOSTS=Shoes.Example.com.=shoes, [2001:DB8:0::1] = " +
		"hats,192.0.2.1=bags, shoes.example.com=shoes"})
	if want := map[string]string{"shoes.example.com": "shoes", "2001:db8::1": "hats",
		"192.0.2.1": "bags"}; err != nil || !maps.Equal(c.Hosts, want) {
		t.Errorf("%v, %v", c.Hosts, err)
	}
	for value, want := range map[string]string{"shoes.example.com:8443=shoes": "write the host name alone",
		"[2001:db8::1]:80=shoes":          "write the host name alone",
		"https://shoes.example.com=shoes": "write the host name alone",
		"shoes.example.com/p=shoes":       "as browsers send it", "*.example.com=shoes": "as browsers send it",
		"schüh.example=shoes": "xn--", "shoes.example.com": "must be HOST=LIBRARY",
		"a.example=": "must be HOST=LIBRARY", "=shoes": "must be HOST=LIBRARY", ".=shoes": "as browsers send it",
		"a.example=shoes,A.example.=hats": "one library"} {
		_, err := configured(t, "", []string{"VITRINE_DELIVERY_HOSTS=" + value})
		var e *dam.Error
		if !errors.As(err, &e) || e.Field != "delivery_hosts" || !strings.Contains(e.Text(), want) {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// Commands on the same machine need no resolver for the server's address.
func TestLoopback(t *testing.T) {
	for listen, want := range map[string]string{":8080": "127.0.0.1:8080", "0.0.0.0:80": "127.0.0.1:80",
		"[::]:80": "[::1]:80", "localhost:80": "127.0.0.1:80",
		"127.0.0.2:80": "127.0.0.2:80", "[::1]:80": "[::1]:80", "10.0.0.1:80": "10.0.0.1:80"} {
		if got := Loopback(listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}
