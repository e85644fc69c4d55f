//go:build compat

// Package realgitea runs a real Gitea, and its runner, for the suites of
// compat/: built from source (tools/gitea), SQLite, on the loopback, thrown
// away at the end. It checks nothing itself.
package realgitea

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Server is a running Gitea with an administrator.
type Server struct {
	URL   string
	Token string // the administrator's, all scopes
	dir   string
	bin   string
	conf  string
}

// Admin is the name of the administrator.
const Admin = "root1"

// Start starts a fresh Gitea; the test's end stops it. Where it is built is
// told by ASSAY_COMPAT_GITEA (the program) and ASSAY_COMPAT_GITEA_STATIC (its
// module's folder).
func Start(t *testing.T) *Server {
	t.Helper()
	bin, static := os.Getenv("ASSAY_COMPAT_GITEA"), os.Getenv("ASSAY_COMPAT_GITEA_STATIC")
	if bin == "" || static == "" {
		t.Fatal("set ASSAY_COMPAT_GITEA and ASSAY_COMPAT_GITEA_STATIC, as ./test does")
	}
	s := &Server{dir: t.TempDir(), bin: bin}
	address := freeAddress(t)
	s.URL = "http://" + address
	s.conf = filepath.Join(s.dir, "app.ini")
	_, port, _ := net.SplitHostPort(address)
	secret := last(s.run(t, "generate", "secret", "INTERNAL_TOKEN"))
	jwt := last(s.run(t, "generate", "secret", "JWT_SECRET"))
	if err := os.WriteFile(s.conf, fmt.Appendf(nil, config, s.dir, port, s.URL, static, secret, jwt), 0o600); err != nil {
		t.Fatal(err)
	}
	css := filepath.Join(s.dir, "custom", "public", "assets", "css")
	if err := os.MkdirAll(css, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"index.css": style, "theme-gitea-auto.css": ""} {
		if err := os.WriteFile(filepath.Join(css, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s.run(t, "migrate")
	s.run(t, "admin", "user", "create", "--admin", "--username", Admin, "--password", password, "--email", "root1@example.com", "--must-change-password=false")
	s.Token = s.token(t, Admin)
	s.serve(t)
	return s
}

// style stands in for Gitea's own front end, which its module has not.
const style = `body { font: 14px/1.5 sans-serif; max-width: 980px; margin: 1em auto; }
.tw-hidden, .raw-content, .hide, .menu, .modal, .issue-content-right, .page-footer { display: none !important; }
.comment { border: 1px solid #d0d7de; border-radius: 6px; margin: 1em 0; padding: 8px; }
.overflow-menu-items { display: flex !important; gap: 1em; }
.avatar { width: 28px; height: 28px; }
.markup table { border-collapse: collapse; }
.markup td, .markup th { border: 1px solid #d0d7de; padding: 4px 10px; }
.markup img { max-width: 100%; }
`

const password = "Passw0rd!x"

// config: work folder, port, address, folder of templates, two secrets.
const config = `RUN_MODE = prod
RUN_USER = root
WORK_PATH = %[1]s
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = %[2]s
ROOT_URL = %[3]s/
STATIC_ROOT_PATH = %[4]s
APP_DATA_PATH = %[1]s/data
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = %[1]s/data/gitea.db
[repository]
ROOT = %[1]s/repos
[repository.signing]
DEFAULT_TRUST_MODEL = committer
[security]
INSTALL_LOCK = true
SECRET_KEY = any-test-string
INTERNAL_TOKEN = %[5]s
PASSWORD_HASH_ALGO = pbkdf2$1000$50
[oauth2]
ENABLED = false
JWT_SECRET = %[6]s
[service]
DISABLE_REGISTRATION = true
[webhook]
ALLOWED_HOST_LIST = loopback
[actions]
ENABLED = true
DEFAULT_ACTIONS_URL = self
[attachment]
ALLOWED_TYPES = .png,.svg,.json,.zip,.txt,.csv
[cron]
ENABLED = false
[queue]
TYPE = channel
[indexer]
ISSUE_INDEXER_TYPE = db
[session]
PROVIDER = memory
[log]
LEVEL = Warn
`

// run runs a command of Gitea and returns what it prints, among which may be
// lines of its log.
func (s *Server) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(s.bin, append([]string{"-c", s.conf}, args...)...)
	cmd.Env = append(os.Environ(), "GITEA_WORK_DIR="+s.dir, "HOME="+s.dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("gitea %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return string(out)
}

// last is the last line of a command's output.
func last(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func (s *Server) token(t *testing.T, user string) string {
	t.Helper()
	out := s.run(t, "admin", "user", "generate-access-token", "--username", user, "--token-name", "test", "--scopes", "all", "--raw")
	token := regexp.MustCompile(`(?m)^[0-9a-f]{40}$`).FindString(out)
	if token == "" {
		t.Fatalf("no token for %s in %q", user, out)
	}
	return token
}

func (s *Server) serve(t *testing.T) {
	t.Helper()
	cmd := exec.Command(s.bin, "-c", s.conf, "web")
	cmd.Env = append(os.Environ(), "GITEA_WORK_DIR="+s.dir, "HOME="+s.dir)
	log, err := os.Create(filepath.Join(s.dir, "gitea.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // how it ends is not what is tested
		log.Close()
		if t.Failed() {
			if b, err := os.ReadFile(log.Name()); err == nil {
				t.Logf("gitea's log:\n%s", b[max(0, len(b)-4000):])
			}
		}
	})
	for range 600 {
		res, err := http.Get(s.URL + "/api/healthz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Gitea did not get ready")
}

// User makes a user and returns a token of theirs with all scopes.
func (s *Server) User(t *testing.T, name string) string {
	t.Helper()
	s.run(t, "admin", "user", "create", "--username", name, "--password", password, "--email", name+"@example.com", "--must-change-password=false")
	return s.token(t, name)
}

// Call calls the API as the owner of a token; anything but success ends the
// test. in and out may be nil.
func (s *Server) Call(t *testing.T, token, method, path string, in, out any) {
	t.Helper()
	status, body := s.Try(t, token, method, path, in)
	if status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, body)
		}
	}
}

// Try calls the API and returns whatever it answers.
func (s *Server) Try(t *testing.T, token, method, path string, in any) (int, []byte) {
	t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, s.URL+"/api/v1"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "token "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
