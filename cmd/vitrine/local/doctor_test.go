package local

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam/catalog/catalogtest"
)

func TestDoctorsJudgement(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		free, whole int64
		want        string
	}{{500 << 20, 100 << 30, Failed}, {5 << 30, 100 << 30, Warning}, {5 << 30, 20 << 30, Fine},
		{50 << 30, 1000 << 30, Fine}} {
		if f := judgeSpace("/x", c.free, c.whole); f[0].Status != c.want {
			t.Errorf("%+v: %+v", c, f)
		}
	}
	for there, want := range map[time.Time]string{{}: Fine, now.Add(-5 * time.Second): Fine, now.Add(time.Hour): Failed,
		now.Add(-time.Hour): Failed} {
		if f := judgeClock(now, there); f[0].Status != want {
			t.Errorf("%s: %+v", there, f)
		}
	}
	if f := judgeClock(time.Unix(0, 0), time.Time{}); f[0].Status != Failed {
		t.Errorf("1970: %+v", f)
	}
}

// Without --listen doctor speaks to the server of the data folder.
func TestDoctorFindsTheServerOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	answer := func(body string) net.Listener {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.Listener
	}
	ours := answer(`{"ready":true,"parts":{"database":"ok","search_follows":"ok","space":"spool: 3 MB free"}}`)
	stranger := answer(`hello`)
	c := config.Config{Data: dir, Listen: stranger.Addr().String()}
	said := func() string {
		var b strings.Builder
		for _, s := range examineServer(catalogtest.Context(t), c) {
			b.WriteString(s.Status + " " + s.Name + " " + s.Detail + "\n")
		}
		return b.String()
	}
	if out := said(); !strings.Contains(out, "no server runs on "+dir) {
		t.Errorf("no server runs: %s", out)
	}
	if err := server.Announce(c, ours.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if out := said(); !strings.Contains(out, "no server runs on "+dir) {
		t.Errorf("the address of a server that ended is believed: %s", out)
	}
	release, err := server.LockData(c)
	if err != nil {
		t.Fatal(err)
	}
	if out := said(); !strings.Contains(out, "ok server ready at "+ours.Addr().String()) ||
		!strings.Contains(out, "warn space spool: 3 MB free") {
		t.Errorf("the server of the folder: %s", out)
	}
	if err := server.Withdraw(c); err != nil {
		t.Fatal(err)
	}
	if out := said(); !strings.Contains(out, "is not Vitrine") {
		t.Errorf("a stranger is taken for the server: %s", out)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "server.address")); !os.IsNotExist(err) {
		t.Error("the address stays: ", err)
	}
}
