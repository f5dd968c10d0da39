package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/test/ports"
	"vitrine/web/api"
)

// The server as packaging/vitrine.service runs it, and as a container engine does: a JPEG, a PDF and a video get their
// renditions, and the server says which walls their decoders are behind.
func TestUnit(t *testing.T) {
	for name, k := range map[string]struct {
		file   string
		make   func(dir, text string) (confinement, error)
		status map[string]string // in /proc/PID/status
	}{
		"systemd": {"../../packaging/vitrine.service", unit, map[string]string{"Uid": "61234 61234 61234 61234",
			"NoNewPrivs": "1", "Seccomp": "2", "CapBnd": "0000000000000000"}},
		"container": {"../../Dockerfile", container, map[string]string{"Uid": "10001 10001 10001 10001",
			"NoNewPrivs": "0", "Seccomp": "2", "CapEff": "0000000000000000", "CapBnd": "00000000a80425fb"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			text, err := os.ReadFile(k.file)
			if err != nil {
				t.Fatal(err)
			}
			path, err := binary()
			if err != nil {
				t.Fatal(err)
			}
			x := &server{TB: t, addr: ports.Reserve(t)}
			x.url = "http://" + x.addr
			for _, d := range []string{"data", "config", "scratch"} {
				if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for file, content := range map[string]string{"config/vitrine.yaml": "",
				"config/environment": "VITRINE_LISTEN=" + x.addr +
					"\nVITRINE_ADMIN_EMAIL=admin@example.com\nVITRINE_ADMIN_PASSWORD=correct-horse-battery\n"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(path, filepath.Join(dir, "bin")); err != nil {
				t.Fatal(err)
			}
			c, err := k.make(dir, string(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(filepath.Join(dir, "data"), c.User, c.User); err != nil {
				t.Fatal(err)
			}
			more := strings.Replace(string(text), "[Service]", "[Service]\nPrivateUsers=yes", 1)
			if _, err := k.make(dir, more); name == "systemd" &&
				(err == nil || !strings.Contains(err.Error(), "PrivateUsers")) {
				t.Errorf("an option that nothing tries: %v", err)
			}
			conn, err := net.ListenUnixgram("unixgram",
				&net.UnixAddr{Name: "@" + filepath.Base(filepath.Dir(path)) + "-" + name, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			c.Env = append(c.Env, "NOTIFY_SOCKET="+conn.LocalAddr().String())

			denied := c
			denied.Command = []string{"/bin/sh", "-c",
				`cat /etc/shadow || ls /home || unshare -U true || unshare -n true || mount -t tmpfs none /tmp || echo 0 >/proc/sys/kernel/panic ||
				{ [ -e /proc/self/stat ] && echo x >/tmp/x && echo x >/var/lib/vitrine/x && rm /var/lib/vitrine/x && echo confined; }`}
			if out, err := denied.command(t).Output(); err != nil || string(out) != "confined\n" {
				t.Errorf("in its place a shell finds %q, %v%s", out, err, stderr(err))
			}
			if name == "systemd" {
				denied.Command = []string{"/bin/sh", "-c",
					"echo x >/usr/x || echo x >/etc/vitrine/x || cat /proc/1/status || cat /proc/cpuinfo || " +
						"python3 -c 'import socket; socket.socket(socket.AF_NETLINK)' || chown 1 /tmp || echo confined"}
				if out, err := denied.command(t).Output(); err != nil || string(out) != "confined\n" {
					t.Errorf("in its place a shell finds %q, %v%s", out, err, stderr(err))
				}
			}

			t.Cleanup(x.kill)
			x.runs(c.command(t))
			(&states{x, conn}).expect("READY=1")
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", x.cmd.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			for field, want := range k.status {
				if !strings.Contains(strings.ReplaceAll(string(status), "\t", " "), field+": "+want+"\n") {
					t.Errorf("%s is not %s:\n%s", field, want, status)
				}
			}
			create := c
			create.Command = append(slices.Clone(c.Command[:1]), "token", "create", "--role", "admin", "--name", "unit")
			out, err := create.command(t).Output()
			if err != nil {
				t.Fatalf("token create: %v%s", err, stderr(err))
			}
			x.token = strings.TrimSpace(string(out))

			var system api.System
			x.do(http.StatusOK, "GET", "/api/system", nil, &system)
			walls := map[string]string{}
			for _, tool := range system.Tools {
				walls[tool.Name] = tool.Walls
				if tool.Name == "bubblewrap" && tool.Present {
					t.Error("bubblewrap works, so this is not what it says")
				}
			}
			decoders := []string{"ffmpeg", "pdftoppm"}
			if strings.HasPrefix(system.Engine, "vips ") || strings.Contains(system.Engine, " instead of ") {
				decoders = append(decoders, "libvips")
			}
			for _, tool := range decoders {
				if !regexp.MustCompile(`^Landlock \(version \d+ of this kernel\) and seccomp$`).MatchString(
					walls[tool]) {
					t.Errorf("%s (engine %s) is behind %q", tool, system.Engine, walls[tool])
				}
			}

			var ids []string
			for file, data := range files(t) {
				ids = append(ids, x.upload(file, data).ID)
			}
			for _, id := range ids {
				a := x.ready(id)
				if a.Latest.Renditions != dam.RenditionsReady {
					t.Errorf("%s: %s, %s\n%s", a.Latest.FileName, a.Latest.Renditions, a.Latest.RenditionNote, x.log)
				}
			}
			x.terminate()
		})
	}
}

// files are a photograph, a document and a video.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=160x90:d=1:r=10", "-pix_fmt", "yuv420p",
			filepath.Join(dir, "film.mp4")},
		{"sh", "-c",
			`echo '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><circle cx="200" cy="150" r="100"/></svg>' | rsvg-convert -f pdf -o ` + filepath.Join(dir, "page.pdf")},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v %s", args[0], err, out)
		}
	}
	out := map[string][]byte{"photograph.jpg": photo(t, 907, 640, 480)}
	for _, name := range []string{"film.mp4", "page.pdf"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	return out
}
