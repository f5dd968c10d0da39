package wordpress

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/test/ports"
)

// wordPress is Debian's WordPress on PHP's own server, with a MariaDB of its own.
type wordPress struct {
	url      string
	password string // application password of the editor "shop"
	reader   string // of the subscriber "reader"
	writer   string // of the author "writer"
	dir      string
}

const installer = `<?php
define('WP_INSTALLING', true);
require 'wp-load.php';
require 'wp-admin/includes/upgrade.php';
wp_install('Shop', 'admin', 'admin@example.com', false, '', 'not-used-by-anybody');
update_option('template', 'plain'); update_option('stylesheet', 'plain'); update_option('permalink_structure', '/%postname%/');
foreach (['shop' => 'editor', 'reader' => 'subscriber', 'writer' => 'author'] as $name => $role) {
	$id = wp_insert_user(['user_login' => $name, 'user_pass' => wp_generate_password(), 'user_email' => $name.'@example.com', 'role' => $role]);
	[$password] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'vitrine']);
	echo $name, ' ', $password, "\n";
}
`

// A theme that shows everything of a post, and runs shortcodes in titles and excerpts, as many do.
const (
	themePage = `<?php while (have_posts()) { the_post();
	echo '<h1>'; the_title(); echo '</h1><div class="excerpt">'; the_excerpt(); echo '</div><div class="text">'; the_content(); echo '</div>';
	the_post_thumbnail('full'); the_tags('<p class="tags">', ', ', '</p>'); the_category(', '); }
`
	themeFunctions = `<?php add_theme_support('post-thumbnails');
add_shortcode('shortcode', fn() => 'RAN'); add_filter('the_title', 'do_shortcode'); add_filter('the_excerpt', 'do_shortcode');
wp_embed_register_handler('video', '#https?://video\\.example\\.com/.*#', fn() => 'EMBEDDED');
register_block_type('test/block', ['render_callback' => fn() => 'BLOCK']);
`
)

const settingsFile = `<?php
define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_HOST', 'localhost:%s'); define('DB_CHARSET', 'utf8mb4');
define('WP_HOME', '%[2]s'); define('WP_SITEURL', '%[2]s');
define('WP_ENVIRONMENT_TYPE', 'local'); define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true);
define('AUTH_SALT', 'a'); define('AUTH_KEY', 'a');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`

// install starts a new site, which is removed with the test.
func install(t *testing.T) *wordPress {
	t.Helper()
	dir, err := os.MkdirTemp("", "wp") // short: a socket's path may have 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w := &wordPress{dir: filepath.Join(dir, "site")}
	socket := startMariaDB(t, dir)

	// A copy, because WordPress takes its folder from the real path of its files.
	command(t, "cp", "-rL", "/usr/share/wordpress", w.dir)
	addr := ports.Reserve(t)
	w.url = "http://" + addr
	const theme = "wp-content/themes/plain/"
	for name, content := range map[string]string{"wp-config.php": fmt.Sprintf(settingsFile, socket, w.url),
		"install-for-test.php": installer, theme + "style.css": "/* Theme Name: Plain */",
		theme + "index.php":     themePage,
		theme + "functions.php": themeFunctions} {
		path := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	uploads := filepath.Join(w.dir, "wp-content", "uploads")
	if err := os.MkdirAll(uploads, 0o755); err != nil {
		t.Fatal(err)
	}
	php := exec.Command("php", "install-for-test.php")
	php.Dir = w.dir
	out, err := php.CombinedOutput()
	if err != nil {
		t.Fatalf("installing WordPress: %v\n%s", err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		switch name, password, _ := strings.Cut(line, " "); name {
		case "shop":
			w.password = password
		case "reader":
			w.reader = password
		case "writer":
			w.writer = password
		}
	}
	if w.password == "" || w.reader == "" || w.writer == "" {
		t.Fatalf("no application passwords:\n%s", out)
	}
	server := exec.Command("php", "-d", "memory_limit=256M", "-S", addr, "-t", w.dir)
	server.Env = append(os.Environ(), "PHP_CLI_SERVER_WORKERS=4")
	run(t, server)
	eventually(t, "WordPress answers", func() bool {
		res, err := http.Get(w.url + "/?rest_route=/")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	})
	return w
}

func startMariaDB(t *testing.T, dir string) (socket string) {
	t.Helper()
	data := filepath.Join(dir, "db")
	socket = filepath.Join(dir, "db.sock")
	command(t, "mariadb-install-db", "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal",
		"--skip-test-db", "--user="+userName())
	run(t, exec.Command("/usr/sbin/mariadbd", "--no-defaults", "--datadir="+data, "--socket="+socket,
		"--skip-networking", "--user="+userName(), "--innodb-flush-log-at-trx-commit=0",
		"--innodb-buffer-pool-size=32M", "--pid-file="+filepath.Join(dir, "db.pid")))
	eventually(t, "MariaDB listens", func() bool {
		return exec.Command("php", "-r", `exit((new mysqli("localhost","root","","",0,"`+socket+
			`"))->query("CREATE DATABASE IF NOT EXISTS wp") ? 0 : 1);`).Run() == nil
	})
	return socket
}

// userName returns the user, which MariaDB has to be given explicitly if it is root.
func userName() string {
	out, err := exec.Command("id", "-un").Output()
	if err != nil {
		return "nobody"
	}
	return strings.TrimSpace(string(out))
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v (scripts/setup installs what the tests need)\n%s", name, err, out)
	}
}

// run starts a server that is stopped when the test ends.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	own(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end(cmd)
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("%s said:\n%.4000s", cmd.Path, log.String())
		}
	})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so after a minute: %s", what)
		}
	}
}
