package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/assay-ml/assay/"

// The most that a file and a function may have, in lines. A number is raised
// only in a commit that says why.
const (
	maxFileLines     = 600
	maxFunctionLines = 80
)

// rooms says which rooms a room may import, beside its own sub-rooms' types
// where listed and the ground (fault, digest, term, web), which is everybody's.
// An entry that ends in /... stands for the room and all below it.
var rooms = map[string][]string{
	"":                 {"cli"},
	"cli":              {"..."},
	"cli/assay":        {"..."},
	"cli/cml":          {"..."},
	"cli/forges":       {"..."},
	"demo":             {"..."},
	"demo/digits":      {"demo/digits/..."},
	"review":           {"git", "forge", "params", "config", "track", "track/search", "track/client", "track/api", "registry", "review/..."},
	"review/publish":   {"forge", "blob", "git", "review/report"},
	"review/report":    {"review/compare", "review/plot"},
	"review/compare":   {"params"},
	"review/plot":      {"params"},
	"track":            {"track/search"},
	"track/search":     {},
	"track/tracktest":  {"track", "track/search"},
	"track/mlflow":     {"track", "track/search", "blob"},
	"track/api":        {"track", "track/search", "blob"},
	"track/client":     {"track", "track/search", "track/mlflow", "track/api"},
	"track/capture":    {"track", "git", "params", "forge"},
	"track/spool":      {"track", "track/mlflow", "track/api"},
	"registry":         {"track", "track/search", "registry/lineage", "git"},
	"registry/lineage": {},
	"server":           {"track", "track/...", "registry", "registry/lineage", "review/report", "blob", "web"},
	"server/sqlstore":  {"track", "track/search", "registry", "registry/lineage"},
	"forge":            {},
	"forge/local":      {"forge", "git"},
	"forge/gitea":      {"forge"},
	"forge/github":     {"forge"},
	"forge/gitlab":     {"forge"},
	"forge/transport":  {},
	"forge/forgetest":  {"forge"},

	"forge/forgetest/fakegithub": {"forge", "git"},
	"forge/forgetest/fakegitlab": {"forge", "git"},

	"blob":       {},
	"blob/local": {"blob"},
	"params":     {},
	"git":        {},
	"config":     {"track", "params"},
	"fault":      {},
	"digest":     {},
	"term":       {},
	"web":        {},
}

var ground = []string{"fault", "digest", "term", "web"}

// TestFloors holds every import between our own packages against the rooms.
func TestFloors(t *testing.T) {
	for _, p := range packages(t) {
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, strings.TrimSuffix(module, "/")), "/")
		if strings.HasPrefix(room, "compat") || strings.HasPrefix(room, "tools") || strings.HasPrefix(room, "bench") {
			continue
		}
		allowed, known := roomOf(room)
		if !known {
			t.Errorf("%s is not in the list of rooms: design it, then enter it here and in docs/architecture.md", room)
			continue
		}
		for _, imp := range p.Imports {
			other, ours := strings.CutPrefix(imp, module)
			if !ours || slices.Contains(ground, other) || mayImport(room, other, allowed) {
				continue
			}
			t.Errorf("%s may not import %s", room, other)
		}
	}
}

// roomOf finds the entry of a room; packages named internal belong to the room
// above them.
func roomOf(room string) ([]string, bool) {
	above, _, _ := strings.Cut(room, "/internal/")
	for r := above; ; r = filepath.Dir(r) {
		if allowed, ok := rooms[r]; ok {
			return allowed, r == above || strings.HasPrefix(r, "demo/")
		}
		if !strings.Contains(r, "/") {
			return nil, false
		}
	}
}

func mayImport(room, other string, allowed []string) bool {
	if strings.HasPrefix(other, room+"/internal/") {
		return true
	}
	for _, a := range allowed {
		if a == other || a == "..." {
			return true
		}
		if root, ok := strings.CutSuffix(a, "/..."); ok && (other == root || strings.HasPrefix(other, root+"/")) {
			return true
		}
	}
	return false
}

type listed struct {
	ImportPath, Dir, Doc string
	Imports, GoFiles     []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// TestPackagesSayWhatTheyAreFor demands a package comment.
func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// TestSizes fails on files and functions that have grown past reading.
func TestSizes(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if generated(data) {
				continue
			}
			if n := bytes.Count(data, []byte("\n")); n > maxFileLines {
				t.Errorf("%s has %d lines, at most %d: find the seam", path, n, maxFileLines)
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, data, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; n > maxFunctionLines {
					t.Errorf("%s: %s has %d lines, at most %d", path, f.Name.Name, n, maxFunctionLines)
				}
			}
		}
	}
}

func generated(data []byte) bool {
	s := bufio.NewScanner(bytes.NewReader(data))
	for i := 0; i < 3 && s.Scan(); i++ {
		if strings.HasPrefix(s.Text(), "// Code generated ") && strings.HasSuffix(s.Text(), " DO NOT EDIT.") {
			return true
		}
	}
	return false
}
