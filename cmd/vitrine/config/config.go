// Package config reads the settings from flags, the environment, a file and defaults, in this order of precedence. It
// reports where each came from, and never prints secrets.
package config

import (
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"

	"vitrine/dam"
	"vitrine/dam/notifications"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition/vips"
	"vitrine/storage"
	"vitrine/storage/s3"
)

// Config is the configuration of a process, from flags, VITRINE_* environment variables, the YAML file and defaults, in
// this order of precedence.
type Config struct {
	Listen    string // HOST:PORT
	Data      string // folder of everything that has no other place: database, objects, index, spool, key
	Database  string // sqlite:PATH or postgres://…
	Engine    string // vips or imaging; the setting may say auto
	PublicURL string // how browsers and channels reach this server, without a trailing slash
	Node      string // the name of this node among those that share a database
	LogLevel  slog.Level
	LogJSON   bool
	SecretKey string // keys that seal credentials; "" means the key file in Data
	BackupKey string // encrypts backups; "" leaves them unencrypted
	Objects
	Rendering
	Publishing
	Stopping
	// KeepTokens keeps the tokens of a disabled person valid.
	KeepTokens bool
	// Hosts maps the host names of product URLs to libraries.
	Hosts map[string]string
	Admin Admin
	First FirstLibrary
	SMTP  notifications.SMTP
	Edge  Edge
	// Retention is how long records are kept, by kind of record.
	Retention map[string]time.Duration
	// Downloads are the limits of archives that people take out.
	Downloads Downloads

	// Warnings are about settings that were probably meant differently.
	Warnings []string
	values   []value
}

// Objects is where originals and renditions are stored.
type Objects struct {
	Storage string // disk:PATH or s3://…
	S3      s3.Credentials
	// StorageMirror is the location of the mirror, "" for none. MirrorS3 are its credentials; if empty, those of the
	// first store are used.
	StorageMirror string
	MirrorS3      s3.Credentials
	// ScrubRate is how many bytes per second the scrub reads, ScrubDays in how many days it reads every object once.
	ScrubRate int64
	ScrubDays int
}

// Rendering limits what pictures may cost. A file over a limit is stored, but not shown.
type Rendering struct {
	MaxPixels    int64         // width × height
	MaxAnimation int64         // width × height × frames of an animation
	PictureTime  time.Duration // for the work on one picture, without the time it waits
}

// Publishing is what channels and webhooks may reach.
type Publishing struct {
	Folders      []string // where bucket channels may write
	Outbound     []string // what may be reached besides the public internet
	AllowPrivate bool     // that is, all private networks
}

// Stopping is how a server stops.
type Stopping struct {
	StopDelay   time.Duration // how long a stopping server still accepts connections
	StopTimeout time.Duration // how long requests may then take to finish
}

// OutboundGuard returns the guard of the addresses that the server may reach on behalf of people.
func (c Config) OutboundGuard() *outbound.Guard {
	g, err := outbound.Allow(c.Outbound, c.AllowPrivate)
	if err != nil {
		return &outbound.Guard{} // the setting was validated
	}
	return g
}

// Admin is the first administrator, created if there are no users yet.
type Admin struct{ Email, Password string }

// FirstLibrary is what the first start calls the library main, its default locale and its zone; "" where the first
// administrator is asked.
type FirstLibrary struct{ Name, Locale, Zone string }

// setting is one setting. The name of its environment variable is derived from the key: s3.access_key is
// VITRINE_S3_ACCESS_KEY.
type setting struct {
	key      string
	help     string
	secret   bool // never a flag, and never printed
	flag     bool
	fallback func(Config) string
	set      func(*Config, string) error
}

// value is the effective text of a setting and where it came from.
type value struct {
	setting
	text string
	from string
}

func (s setting) env() string {
	return "VITRINE_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

func (s setting) flagName() string { return strings.ReplaceAll(s.key, "_", "-") }

// settings lists all settings in the order of the documentation. A fallback may use the settings above it.
func settings() []setting {
	text := func(field func(*Config) *string, check func(string) error) func(*Config, string) error {
		return func(c *Config, v string) error {
			*field(c) = v
			if check == nil || v == "" {
				return nil
			}
			return check(v)
		}
	}
	fixed := func(v string) func(Config) string { return func(Config) string { return v } }
	duration := func(field func(*Config) *time.Duration) func(*Config, string) error {
		return func(c *Config, v string) error {
			d, err := time.ParseDuration(v)
			if err != nil || d < 0 || d > 10*time.Minute {
				return errors.New("must be a duration of at most 10m, such as 5s")
			}
			*field(c) = d
			return nil
		}
	}
	millions := func(field func(*Config) *int64) func(*Config, string) error {
		return func(c *Config, v string) error {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil || n < 1 || n > 10_000 {
				return errors.New("must be a number of megapixels, 1 to 10000")
			}
			*field(c) = n * 1_000_000
			return nil
		}
	}
	base := []setting{
		{key: "listen", flag: true, help: "address to listen on, HOST:PORT", fallback: fixed("127.0.0.1:8080"),
			set: text(func(c *Config) *string { return &c.Listen }, checkListen)},
		{key: "data", flag: true, help: "folder for the database, objects, index, uploads in progress and the key file",
			fallback: fixed("data"),
			set:      text(func(c *Config) *string { return &c.Data }, nil)},
		{key: "database", flag: true, help: "sqlite:PATH, or postgres://USER@HOST/NAME to share it between nodes",
			fallback: func(c Config) string { return "sqlite:" + filepath.Join(c.Data, "vitrine.db") },
			set:      text(func(c *Config) *string { return &c.Database }, checkDatabase)},
		{key: "storage", flag: true, help: "disk:PATH, or s3://BUCKET?endpoint=HOST:PORT&region=REGION",
			fallback: func(c Config) string { return "disk:" + filepath.Join(c.Data, "objects") },
			set:      text(func(c *Config) *string { return &c.Storage }, checkStorage)},
		{key: "storage_mirror", flag: true, help: "a second store that follows the first and is read when that " +
			"fails: disk:PATH, or s3://BUCKET?endpoint=HOST:PORT&region=REGION",
			set: text(func(c *Config) *string { return &c.StorageMirror }, checkStorage)},
		{key: "public_url", flag: true, help: "how browsers and channels reach this server",
			fallback: func(c Config) string { return "http://" + Reachable(c.Listen) },
			set: func(c *Config, v string) error {
				c.PublicURL = strings.TrimRight(v, "/")
				return checkPublicURL(v)
			}},
		{key: "node", flag: true, help: "this node's name among those that share a database",
			fallback: func(Config) string { return HostName() },
			set:      text(func(c *Config) *string { return &c.Node }, nil)},
		{key: "engine", flag: true,
			help:     "what makes renditions: auto, vips or imaging; auto is vips where the program was built with it",
			fallback: fixed("auto"),
			set: func(c *Config, v string) error {
				if v != "auto" && v != "vips" && v != "imaging" {
					return errors.New("must be auto, vips or imaging")
				}
				var err error
				c.Engine, err = EngineName(v)
				return err
			}},
		{key: "max_megapixels", flag: true,
			help: "the largest picture that is shown, width × height in millions; larger ones are kept all the " +
				"same",
			fallback: fixed("160"),
			set:      millions(func(c *Config) *int64 { return &c.MaxPixels })},
		{key: "max_animation_megapixels", flag: true, help: "the largest animation that goes on moving, width × " +
			"height × frames in millions; of larger ones the first frame is shown", fallback: fixed("100"),
			set: millions(func(c *Config) *int64 { return &c.MaxAnimation })},
		{key: "picture_time", flag: true, help: "how long the work on one picture may take, from when it has its turn",
			fallback: fixed("1m"),
			set: func(c *Config, v string) (err error) {
				if c.PictureTime, err = time.ParseDuration(v); err != nil || c.PictureTime < time.Second ||
					c.PictureTime > 10*time.Minute {
					return errors.New("must be a duration of 1s to 10m, such as 1m")
				}
				return nil
			}},
		{key: "stop_delay", flag: true,
			help:     "how long a server told to stop goes on taking connections, for balancers to look at /readyz",
			fallback: fixed("0s"),
			set:      duration(func(c *Config) *time.Duration { return &c.StopDelay })},
		{key: "stop_timeout", flag: true, help: "how long requests and uploads then have to finish",
			fallback: fixed("20s"),
			set:      duration(func(c *Config) *time.Duration { return &c.StopTimeout })},
		{key: "log_level", flag: true, help: "debug, info, warn or error", fallback: fixed("info"),
			set: func(c *Config, v string) error {
				if c.LogLevel.UnmarshalText([]byte(v)) != nil {
					return errors.New("must be debug, info, warn or error")
				}
				return nil
			}},
		{key: "log_format", flag: true, help: "text or json", fallback: fixed("text"),
			set: func(c *Config, v string) error {
				c.LogJSON = v == "json"
				if v != "text" && v != "json" {
					return errors.New("must be text or json")
				}
				return nil
			}},
		{key: "channel_folders", flag: true, help: "folders that bucket channels may write to, separated by commas",
			fallback: func(c Config) string { return filepath.Join(c.Data, "published") },
			set: func(c *Config, v string) error {
				c.Folders = list(v)
				return nil
			}},
		{key: "outbound_allow", flag: true, help: "networks, addresses and host names (HOST or HOST:PORT) beside the " +
			"public internet that channels, webhooks and plug-ins may reach, separated by commas",
			set: func(c *Config, v string) error {
				c.Outbound = list(v)
				_, err := outbound.Allow(c.Outbound, false)
				return err
			}},
		{key: "webhooks_allow_private", flag: true,
			help:     "true lets channels, webhooks and plug-ins reach every private network and this machine",
			fallback: fixed("false"),
			set: func(c *Config, v string) error {
				var err error
				if c.AllowPrivate, err = strconv.ParseBool(v); err != nil {
					return errors.New("must be true or false")
				}
				return nil
			}},
		{key: "tokens_end_with_person", flag: true,
			help: "true ends the API tokens of a person while the person is disabled", fallback: fixed("true"),
			set: func(c *Config, v string) error {
				ends, err := strconv.ParseBool(v)
				if err != nil {
					return errors.New("must be true or false")
				}
				c.KeepTokens = !ends
				return nil
			}},
		{key: "delivery_hosts", flag: true,
			help: "libraries of host names for product URLs, HOST=LIBRARY separated by commas", fallback: fixed(""),
			set: func(c *Config, v string) (err error) {
				c.Hosts, err = parseHosts(v)
				return err
			}},
		{key: "scrub_rate", flag: true,
			help:     "how fast stored objects are read again to find damage, a second; 0 for never",
			fallback: fixed("20MiB"),
			set: func(c *Config, v string) error {
				n, err := humanize.ParseBytes(v)
				if err != nil || n > 1<<40 {
					return errors.New("must be a size such as 20MiB")
				}
				c.ScrubRate = int64(n)
				return nil
			}},
		{key: "scrub_days", flag: true, help: "every object is read again within so many days", fallback: fixed("30"),
			set: func(c *Config, v string) (err error) {
				if c.ScrubDays, err = strconv.Atoi(v); err != nil || c.ScrubDays < 1 || c.ScrubDays > 3650 {
					return errors.New("must be a number of days, 1 to 3650")
				}
				return nil
			}},
		{key: "secret_key", secret: true, help: "keys that seal stored credentials, the newest first, separated by " +
			"commas; the same on all nodes",
			set: text(func(c *Config) *string { return &c.SecretKey }, nil)},
		{key: "backup_key", secret: true,
			help: "key that encrypts backups, as vitrine backup key makes it; without it they are not encrypted",
			set:  text(func(c *Config) *string { return &c.BackupKey }, nil)},
		{key: "s3.access_key", secret: true,
			help: "access key of the bucket; without it the machine's own credentials are used",
			set:  text(func(c *Config) *string { return &c.S3.AccessKey }, nil)},
		{key: "s3.secret_key", secret: true, help: "secret key of the bucket",
			set: text(func(c *Config) *string { return &c.S3.SecretKey }, nil)},
		{key: "s3.session_token", secret: true, help: "only with temporary credentials",
			set: text(func(c *Config) *string { return &c.S3.SessionToken }, nil)},
		{key: "mirror_s3.access_key", secret: true,
			help: "access key of the second store's bucket; without it that of the first",
			set:  text(func(c *Config) *string { return &c.MirrorS3.AccessKey }, nil)},
		{key: "mirror_s3.secret_key", secret: true, help: "secret key of the second store's bucket",
			set: text(func(c *Config) *string { return &c.MirrorS3.SecretKey }, nil)},
		{key: "mirror_s3.session_token", secret: true, help: "only with temporary credentials",
			set: text(func(c *Config) *string { return &c.MirrorS3.SessionToken }, nil)},
		{key: "smtp.address", help: "mail server for notices, HOST:PORT; without it none are mailed",
			set: text(func(c *Config) *string { return &c.SMTP.Address }, checkListen)},
		{key: "smtp.tls", help: "starttls, tls or none", fallback: fixed("starttls"),
			set: func(c *Config, v string) error {
				c.SMTP.TLS = v
				if v != "starttls" && v != "tls" && v != "none" {
					return errors.New("must be starttls, tls or none")
				}
				return nil
			}},
		{key: "smtp.user", help: "user at the mail server; without it there is no authentication",
			set: text(func(c *Config) *string { return &c.SMTP.User }, nil)},
		{key: "smtp.password", secret: true, help: "that user's password",
			set: text(func(c *Config) *string { return &c.SMTP.Password }, nil)},
		{key: "smtp.from", help: "sender of notices", fallback: fixed("vitrine@localhost"),
			set: text(func(c *Config) *string { return &c.SMTP.From }, nil)},
		{key: "smtp.to", help: "who gets notices, separated by commas; the library's administrators when left out",
			set: func(c *Config, v string) error {
				for a := range strings.SplitSeq(v, ",") {
					if a = strings.TrimSpace(a); a != "" {
						c.SMTP.To = append(c.SMTP.To, a)
					}
				}
				return nil
			}},
		{key: "library_name", flag: true, help: "at the first start: what the library is called; " +
			"without any of these three the administrator is asked at the first sign-in",
			set: text(func(c *Config) *string { return &c.First.Name }, func(v string) error {
				if len(v) > 200 || strings.TrimSpace(v) == "" {
					return errors.New("must be a name of at most 200 bytes")
				}
				return dam.CheckLine("library_name", v)
			})},
		{key: "locale", flag: true, help: "at the first start: the library's default locale of texts, such as fr",
			set: text(func(c *Config) *string { return &c.First.Locale }, func(v string) error {
				return dam.CheckLocale("locale", v)
			})},
		{key: "zone", flag: true, help: "at the first start: the IANA time zone in which the library's days begin, " +
			"such as Europe/Paris",
			set: text(func(c *Config) *string { return &c.First.Zone }, func(v string) error {
				if _, err := dam.Zone(v); err != nil {
					return errors.New("must be an IANA time zone, such as Europe/Paris")
				}
				return nil
			})},
		{key: "admin.email", help: "e-mail of the administrator that the first start creates",
			fallback: fixed("admin@example.com"),
			set:      text(func(c *Config) *string { return &c.Admin.Email }, nil)},
		{key: "admin.password", secret: true,
			help: "that administrator's password; without it one is made and printed once",
			set:  text(func(c *Config) *string { return &c.Admin.Password }, nil)},
	}
	return slices.Concat(base, retentionSettings(), downloadSettings(), edgeSettings())
}

// AddFlags adds the flags of the named settings, and --config, to a command.
func AddFlags(flags *pflag.FlagSet, keys ...string) {
	for _, s := range settings() {
		for _, k := range keys {
			if s.key == k && s.flag {
				flags.String(s.flagName(), "", s.help+" ["+s.env()+"]")
			}
		}
	}
	flags.String("config", "", "YAML file with settings [VITRINE_CONFIG]")
}

// Parse is Load for a command line that has settings only, for programs that start a server without a command.
func Parse(args, environ []string) (Config, error) {
	flags := pflag.NewFlagSet("vitrine", pflag.ContinueOnError)
	AddFlags(flags, Keys()...)
	if err := flags.Parse(args); err != nil {
		return Config{}, err
	}
	return Load(flags, environ)
}

// Load returns the effective configuration. environ has the form of os.Environ.
func Load(flags *pflag.FlagSet, environ []string) (Config, error) {
	var c Config
	env := map[string]string{}
	for _, line := range environ {
		if name, v, _ := strings.Cut(line, "="); strings.HasPrefix(name, "VITRINE_") {
			env[name] = v
		}
	}
	file, path := map[string]string{}, env["VITRINE_CONFIG"]
	if f := flags.Lookup("config"); f != nil && f.Changed {
		path = f.Value.String()
	}
	if path != "" {
		var err error
		if file, err = readConfigFile(path); err != nil {
			return c, err
		}
	}
	for _, s := range settings() {
		v := value{setting: s, from: "default"}
		if s.fallback != nil {
			v.text = s.fallback(c)
		}
		if t, ok := file[s.key]; ok {
			v.text, v.from = t, path
		}
		// An empty variable counts as unset: that is how a unit or compose file disables one.
		if t := env[s.env()]; t != "" {
			v.text, v.from = t, s.env()
		}
		if f := flags.Lookup(s.flagName()); s.flag && f != nil && f.Changed {
			v.text, v.from = f.Value.String(), "--"+f.Name
			if s.key == "database" && HidePassword(v.text) != v.text {
				return c, dam.InvalidInput("--database", reasons.PasswordOnCommandLine())
			}
		}
		if err := s.set(&c, v.text); err != nil {
			why := reasons.SettingInvalid(err.Error(), v.from, s.help)
			if !s.secret && s.key != "database" && s.key != "storage" && s.key != "storage_mirror" {
				why = reasons.SettingValueInvalid(err.Error(), v.from, v.text, s.help)
			}
			return c, dam.InvalidInput(s.key, why)
		}
		c.values = append(c.values, v)
	}
	c.Warnings = append(strangers(env), exposed(path, c.values)...)
	return c, nil
}

// IndexDir returns the folder of this node's search index.
func (c Config) IndexDir() string { return filepath.Join(c.Data, "index") }

// From returns where a setting came from: a flag, a variable, the file or the default.
func (c Config) From(key string) string {
	for _, v := range c.values {
		if v.key == key {
			return v.from
		}
	}
	return ""
}

// Logger returns a logger that writes to standard error.
func (c Config) Logger() *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(os.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, o))
}

func checkListen(v string) error {
	_, _, err := net.SplitHostPort(v)
	if err != nil {
		return errors.New("must be HOST:PORT, for example 127.0.0.1:8080, or :8080 for every interface")
	}
	return nil
}

func checkDatabase(v string) error {
	if path, ok := strings.CutPrefix(v, "sqlite:"); ok && path != "" {
		return nil
	}
	if strings.HasPrefix(v, "postgres://") || strings.HasPrefix(v, "postgresql://") {
		if _, err := url.Parse(v); err != nil {
			return errors.New("the PostgreSQL URL can't be read; write special characters of the password as %XX")
		}
		return nil
	}
	return errors.New("must be sqlite:PATH or postgres://USER@HOST/NAME")
}

func checkStorage(v string) error {
	u, err := storage.Locate(v)
	if err == nil && u.Scheme != "disk" && u.Scheme != "s3" {
		err = errors.New("must be disk:PATH or s3://BUCKET?endpoint=HOST:PORT&region=REGION")
	}
	return err
}

func checkPublicURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" ||
		strings.Trim(u.Path, "/") != "" {
		return errors.New("must be http://HOST[:PORT] or https://HOST[:PORT]")
	}
	return nil
}

// Reachable converts a listen address into an address to connect to.
func Reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// Loopback is Reachable for a command on the same machine. It returns a literal address, so that no resolver is used.
func Loopback(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	switch ip := net.ParseIP(host); {
	case host == "" || host == "localhost" || ip.Equal(net.IPv4zero):
		host = "127.0.0.1"
	case ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}

// HostName returns the machine's name, "vitrine" if it has none.
func HostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "vitrine"
	}
	return name
}

// EngineName returns the engine that a setting selects in this program.
func EngineName(setting string) (string, error) {
	switch {
	case setting == "vips" && !vips.Built:
		return "",
			errors.New("this program was built without libvips: install libvips-dev and run make build, or use auto")
	case setting == "vips", setting == "auto" && vips.Built:
		return "vips", nil
	}
	return "imaging", nil
}
