//go:build compat

package pages

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-ml/assay/compat/internal/program"
)

// World is what the specs are told; tests/world.ts has the same shape.
type World struct {
	Bin    string `json:"bin"`    // the program, for specs that stop and start a server
	Server string `json:"server"` // with a thousand runs
	Empty  string `json:"empty"`  // with nothing
	Demo   Demo   `json:"demo"`

	Runs        map[string]string `json:"runs"`        // ids by what they are
	Experiments map[string]string `json:"experiments"` // ids by what they are
	Commit      string            `json:"commit"`      // of the run "candidate" and its review
	Matching    int               `json:"matching"`    // runs of the filter that filter.spec.ts types
	HTMLName    string            `json:"htmlName"`
	LongName    string            `json:"longName"`
}

// Demo is where `assay demo` serves.
type Demo struct {
	Forge   string `json:"forge"`
	Server  string `json:"server"`
	Run     string `json:"run"`     // path of the run that is in production
	Version string `json:"version"` // path of its version
	Drawing string `json:"drawing"`
}

func TestPages(t *testing.T) {
	browser := chromium(t)
	packages(t)
	bin := program.Build(t)
	w := &World{
		Bin: bin, Server: serve(t, bin), Empty: serve(t, bin),
		Runs: map[string]string{}, Experiments: map[string]string{},
	}
	told := start(t, bin, "draw a digit ", "demo", "--dir", t.TempDir())
	seed(t, w)
	w.Demo = demo(t, told())
	known, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	world := filepath.Join(t.TempDir(), "world.json")
	if err := os.WriteFile(world, known, 0o644); err != nil {
		t.Fatal(err)
	}
	out := photographs(t)
	playwright(t, "ASSAY_PAGES_WORLD="+world, "ASSAY_PAGES_OUT="+out, "ASSAY_CHROMIUM="+browser)
}

// photographs is the folder they are written to.
func photographs(t *testing.T) string {
	t.Helper()
	out := os.Getenv("ASSAY_PAGES_OUT")
	var err error
	if out == "" {
		out, err = os.MkdirTemp("", "assay-pages-")
	} else {
		err = os.MkdirAll(out, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err = filepath.Abs(out); err != nil {
		t.Fatal(err)
	}
	t.Logf("photographs: %s", out)
	return out
}

func playwright(t *testing.T, vars ...string) {
	t.Helper()
	for _, args := range [][]string{
		{filepath.Join("node_modules", "typescript", "bin", "tsc"), "--noEmit"},
		append([]string{filepath.Join("node_modules", "@playwright", "test", "cli.js"), "test"}, strings.Fields(os.Getenv("ASSAY_PAGES_ARGS"))...),
	} {
		cmd := exec.CommandContext(t.Context(), "node", args...)
		cmd.Env = append(os.Environ(), vars...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v", strings.Join(args, " "), err)
		}
	}
}

// demo reads where its pages are served.
func demo(t *testing.T, lines []string) Demo {
	t.Helper()
	at := map[string]*url.URL{}
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[len(fields)-1], "http://") {
			continue
		}
		u, err := url.Parse(fields[len(fields)-1])
		if err != nil {
			t.Fatal(err)
		}
		at[strings.Join(fields[:len(fields)-1], " ")] = u
	}
	for _, name := range []string{"merge request", "run", "model", "draw a digit"} {
		if at[name] == nil {
			t.Fatalf("the demo did not say where its %s is: %v", name, at)
		}
	}
	host := func(u *url.URL) string { return u.Scheme + "://" + u.Host }
	return Demo{
		Forge: host(at["merge request"]), Server: host(at["run"]), Run: at["run"].Path, Version: at["model"].Path,
		Drawing: host(at["draw a digit"]),
	}
}
