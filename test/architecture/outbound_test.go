package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// dialling are the ways out: what opens connections, or makes a client that does. A client made with a transport of
// somebody else's is none.
var dialling = map[string][]string{
	"net/http":                     {"DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head"},
	"net":                          {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix"},
	"crypto/tls":                   {"Dial", "DialWithDialer"},
	"net/smtp":                     {"Dial", "SendMail"},
	"golang.org/x/crypto/ssh":      {"Dial"},
	"github.com/minio/minio-go/v7": {"New", "NewCore", "DefaultTransport"},
	"github.com/wneessen/go-mail":  {"NewClient"},
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp": {"New", "NewClient"},
}

// waysOut are the files that may open connections beside the guarded dialler, with the reason: they connect to what the
// operator of the process named, never to what came over the API.
var waysOut = map[string]string{
	"dam/outbound/outbound.go":           "the guarded dialler",
	"storage/s3/s3.go":                   "the operator's store",
	"dam/notifications/mail.go":          "the operator's mail server",
	"publishers/site/bucket/s3.go":       "on the transport it is given, and none without one",
	"storage/storagetest/server.go":      "a test's own server",
	"cmd/vitrine/server/tracing.go":      "the operator's collector, from the environment",
	"cmd/vitrine/local/health.go":        "a command, to the server its flags name",
	"cmd/vitrine/local/doctor_server.go": "a command, to the server its flags name",
	"cmd/vitrine/client/client.go":       "a command, to the server its flags name",
	"cmd/vitrine/remote/plugintest.go":   "a command, to the plug-in on its command line",
}

// Everything that leaves the server on behalf of people goes through dam/outbound: nothing else can open a connection.
func TestOneWayOut(t *testing.T) {
	root := filepath.Join("..", "..")
	used := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "node_modules" || n == "bin" || n == "data" || n == ".git" || name == "tools" ||
				name == "test" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") ||
			strings.HasPrefix(name, "publishers/publishertest/") || strings.Contains(name, "catalogtest/") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, way := range connections(f) {
			used[filepath.ToSlash(name)] = true
			if waysOut[filepath.ToSlash(name)] == "" {
				t.Errorf("%s uses %s: what people enter is reached through dam/outbound only", name, way)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range waysOut {
		if !used[name] {
			t.Errorf("%s opens no connection any more: take it off the list", name)
		}
	}
}

// connections are the uses of what opens connections in a file.
func connections(f *ast.File) (out []string) {
	names := map[string]string{} // by the name it has in the file
	for _, i := range f.Imports {
		p := strings.Trim(i.Path.Value, `"`)
		base := p[strings.LastIndex(p, "/")+1:]
		if strings.HasPrefix(base, "v") && strings.Trim(base[1:], "0123456789") == "" {
			base = strings.TrimPrefix(filepath.Base(filepath.Dir(p)), "go-")
			base = strings.TrimSuffix(base, "-go")
		}
		base = strings.TrimPrefix(base, "go-")
		if i.Name != nil {
			base = i.Name.Name
		}
		names[base] = p
	}
	is := func(e ast.Expr, path, name string) bool {
		s, ok := e.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x, ok := s.X.(*ast.Ident)
		return ok && names[x.Name] == path && s.Sel.Name == name
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				for _, name := range dialling[names[x.Name]] {
					if n.Sel.Name == name {
						out = append(out, x.Name+"."+name)
					}
				}
			}
		case *ast.CompositeLit:
			for _, whole := range []struct{ path, name string }{{"net/http", "Transport"}, {"net", "Dialer"}} {
				if is(n.Type, whole.path, whole.name) {
					out = append(out, whole.path+"."+whole.name)
				}
			}
			if is(n.Type, "net/http", "Client") && !has(n, "Transport") {
				out = append(out, "an http.Client without a transport")
			}
		case *ast.CallExpr: // new(http.Client)
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "new" && len(n.Args) == 1 &&
				(is(n.Args[0], "net/http", "Client") || is(n.Args[0], "net", "Dialer") ||
					is(n.Args[0], "net/http", "Transport")) {
				out = append(out, "new(http.Client)")
			}
		case *ast.ValueSpec: // var c http.Client
			if is(n.Type, "net/http", "Client") || is(n.Type, "net", "Dialer") {
				out = append(out, "a zero http.Client or net.Dialer")
			}
		}
		return true
	})
	return out
}

func has(l *ast.CompositeLit, key string) bool {
	for _, e := range l.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == key {
				return true
			}
		}
	}
	return false
}

// The search finds each way out, and takes no innocent for one.
func TestConnectionsAreFound(t *testing.T) {
	for code, want := range map[string]int{
		`var _ = http.DefaultClient`: 1, `func f() { http.Get("x") }`: 1, `var c = &http.Client{Timeout: 1}`: 1,
		`var c = &http.Client{Transport: t}`: 0, `var c http.Client`: 1,
		`var c = new(http.Client)`: 1, `var d = net.Dialer{}`: 1, `func f() { net.Dial("tcp", "x") }`: 1,
		`var t = &http.Transport{}`: 1, `func f() { minio.New("x", nil) }`: 1,
		`func f() { ssh.Dial("tcp", "x", nil) }`: 1, `func f() { mail.NewClient("x") }`: 1, `var c *http.Client`: 0,
		`func f(w http.ResponseWriter) { http.NotFound(w, nil) }`: 0,
	} {
		src :=
			"package p\nimport (\n\"net\"\n\"net/http\"\n" +
				"\"github.com/minio/minio-go/v7\"\n" +
				"\"golang.org/x/crypto/ssh\"\n\"github.com/wneessen/go-mail\"\n)\n" + code
		f, err := parser.ParseFile(token.NewFileSet(), "p.go", src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := connections(f); len(got) != want {
			t.Errorf("%s: found %v, want %d", code, fmt.Sprint(got), want)
		}
	}
}
