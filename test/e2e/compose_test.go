package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"vitrine/dam/catalog/catalogtest"
	"vitrine/test/ports"
)

type composeService struct {
	Image       string
	Command     []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
}

// compose is packaging/compose/compose.yaml with the variables of an .env filled in.
func compose(t *testing.T) map[string]composeService {
	t.Helper()
	b, err := os.ReadFile("../../packaging/compose/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../packaging/compose/example.env")
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{"DATABASE_PASSWORD": "a-database-password",
		"OBJECTS_PASSWORD": "an-object-store-password", "SECRET_KEY": "a-key-of-at-least-thirty-two-characters",
		"PUBLIC_URL": "http://media.example.com"}
	text := regexp.MustCompile(`\$\{([A-Z_]+)(?::([?-])([^}]*))?\}`).ReplaceAllStringFunc(string(b),
		func(s string) string {
			name, fallback, _ := strings.Cut(strings.Trim(s, "${}"), ":")
			if !strings.Contains(string(example), "\n"+name+"=") {
				t.Errorf("example.env doesn't have %s", name)
			}
			if v, ok := given[name]; ok {
				return v
			}
			if !strings.HasPrefix(fallback, "-") {
				t.Errorf("%s has neither a value nor a default", name)
			}
			return strings.TrimPrefix(fallback, "-")
		})
	var doc struct{ Services map[string]composeService }
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Services
}

// daemon runs a program of a service until the test ends, and waits until address takes connections.
func daemon(t *testing.T, address string, env []string, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = slices.Concat(env, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()})
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v (make tools)", program, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not start:\n%s", program, said.String())
		}
	}
}

// The compose file's services, run as processes with its commands and environments: real PostgreSQL, MinIO, nginx and
// the server. What docs/operations.md asks of a proxy holds: uploads and events are not buffered, operators' pages are
// not public.
func TestComposeFile(t *testing.T) {
	all := compose(t)
	objects, server, proxy := all["objects"], all["vitrine"], all["proxy"]
	at := map[string]string{"objects:9000": ports.Reserve(t), "vitrine:8080": ports.Reserve(t)}

	args := append([]string{}, objects.Command...)
	if len(args) != 2 || args[0] != "server" || args[1] != "/data" || objects.Volumes[0] != "objects:/data" {
		t.Fatalf("objects runs %v on %v", args, objects.Volumes)
	}
	args[1] = t.TempDir()
	var env []string
	for k, v := range objects.Environment {
		env = append(env, k+"="+v)
	}
	daemon(t, at["objects:9000"], env, "../../bin/tools/minio", append(args, "--address", at["objects:9000"],
		"--console-address", "127.0.0.1:0", "--certs-dir", t.TempDir())...)

	db, err := url.Parse(catalogtest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	s := setup{dir: t.TempDir()}
	for k, v := range server.Environment {
		switch k {
		case "VITRINE_LISTEN": // start chooses the port
			if v != ":8080" {
				t.Errorf("the proxy looks for the server on :8080, it listens on %s", v)
			}
			continue
		case "VITRINE_DATABASE":
			u, err := url.Parse(v)
			if err != nil || u.Host != "database" ||
				u.User.Username() != all["database"].Environment["POSTGRES_USER"] ||
				u.Path != "/"+all["database"].Environment["POSTGRES_DB"] {
				t.Errorf("the database is at %s, not what the service database makes: %v", v,
					all["database"].Environment)
			}
			u.Host, u.Path, u.RawQuery = db.Host, db.Path, db.RawQuery
			v = u.String()
		case "VITRINE_STORAGE":
			v = strings.Replace(v, "objects:9000", at["objects:9000"], 1)
		case "VITRINE_TRUSTED_PROXIES":
			v += ",127.0.0.1"
		case "VITRINE_LOG_FORMAT", "VITRINE_ADMIN_EMAIL":
			continue
		}
		s.env = append(s.env, k+"="+v)
	}
	y := start(t, s)

	front := ports.Reserve(t)
	conf, err := os.ReadFile("../../packaging/compose/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if len(proxy.Ports) != 1 || !strings.HasSuffix(proxy.Ports[0], ":80") ||
		!strings.Contains(string(conf), "listen 80;") {
		t.Errorf("the proxy's ports are %v", proxy.Ports)
	}
	text := strings.NewReplacer("vitrine:8080", y.addr, "listen 80;", "listen "+front+";", "/tmp/nginx.pid",
		filepath.Join(dir, "pid"),
		"http {\n", fmt.Sprintf("http {\n\tclient_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path "+
			"%[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n", dir)).Replace(string(conf))
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte("daemon off; user root;\n"+text),
		0o600); err != nil {
		t.Fatal(err)
	}
	daemon(t, front, nil, "../../bin/tools/nginx", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))

	direct := y.url
	y.addr, y.url = front, "http://"+front // from here on through the proxy
	asset := y.ready(y.upload("through.jpg", photo(t, 760, 640, 480), "approve", "true").ID)
	if asset.Latest.Renditions != "ready" {
		t.Errorf("renditions %s", asset.Latest.Renditions)
	}
	data := photo(t, 761, 900, 700)
	path := y.create(len(data), "slow.jpg")
	u := y.slowly("PATCH", path, data, "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type",
		"application/offset+octet-stream")
	y.until("the first half passed the proxy before the second was sent",
		func() bool { return y.spooled(path) >= int64(len(data)/2) })
	if a := u.finish(); a.err != nil || a.StatusCode != http.StatusNoContent {
		t.Errorf("upload: %v %v %s", a.err, a.Response, a.body)
	}
	stream := bufio.NewReader(y.open("/api/events/stream"))
	seen := make(chan string, 100)
	go func() {
		for {
			line, err := stream.ReadString('\n')
			if err != nil {
				return
			}
			if strings.HasPrefix(line, "event: ") {
				seen <- strings.TrimSpace(line)
			}
		}
	}()
	y.do(http.StatusOK, "PATCH", "/api/assets/"+asset.ID,
		map[string]any{"title": map[string]string{"en": "seen at once"}}, nil, "Content-Type",
		"application/merge-patch+json")
	select {
	case <-seen:
	case <-time.After(10 * time.Second): // a proxy that buffers keeps it for good
		t.Error("the event did not pass the proxy")
	}
	for _, hidden := range []string{"/metrics", "/readyz"} {
		if a := y.try("GET", hidden, nil); a.err != nil || a.StatusCode != http.StatusNotFound {
			t.Errorf("%s is public: %v", hidden, a.Response)
		}
	}
	res, err := http.Get(direct + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if b, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(b), "vitrine_build_info") {
		t.Errorf("metrics: %v", err)
	}
}
