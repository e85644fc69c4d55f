package track

import (
	"strings"
	"testing"
)

func TestArtifactPath(t *testing.T) {
	for uri, want := range map[string]string{
		"mlflow-artifacts:/0/abc/artifacts":                                 "0/abc/artifacts",
		"mlflow-artifacts:0/abc":                                            "0/abc",
		"mlflow-artifacts://server:5000/0/abc/a b.txt":                      "0/abc/a b.txt",
		"mlflow-artifacts:/":                                                "",
		"http://host:5000/api/2.0/mlflow-artifacts/artifacts/0/abc":         "0/abc",
		"https://host/prefix/api/2.0/mlflow-artifacts/artifacts//0/abc/x.y": "0/abc/x.y",
	} {
		got, ok, err := ArtifactPath(uri)
		if got != want || !ok || err != nil {
			t.Errorf("ArtifactPath(%q) = %q, %v, %v; want %q", uri, got, ok, err, want)
		}
	}
	for _, uri := range []string{"s3://bucket/x", "http://host/x", "s3://api/2.0/mlflow-artifacts/artifacts/x"} {
		if _, ok, err := ArtifactPath(uri); ok || err != nil {
			t.Errorf("another store, %s: %v, %v", uri, ok, err)
		}
	}
	if _, _, err := ArtifactPath("http://host/api/2.0/mlflow-artifacts/artifacts/../x"); err == nil {
		t.Error("an address left the root")
	}
}

func TestCleanPath(t *testing.T) {
	for in, want := range map[string]string{
		"":              "",
		"model/MLmodel": "model/MLmodel",
		"a//b/./c":      "a/b/c",
		"100% sure.txt": "100% sure.txt",
		"a..b/c..":      "a..b/c..",
	} {
		if got, err := CleanPath(in); got != want || err != nil {
			t.Errorf("CleanPath(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"..", "../x", "a/../../x", "/etc/passwd", "..%2fx", "%2e%2e/x", "%252e%252e%252fx", `..\x`, `a\b`, "C:/x", "a\x00b",
		"a#../b", "a?b", strings.Repeat("a", 5000),
	} {
		if got, err := CleanPath(in); err == nil {
			t.Errorf("CleanPath(%q) = %q, want an error", in, got)
		}
	}
}

func FuzzCleanPath(f *testing.F) {
	f.Add("a/b")
	f.Add("%2e%2e/x")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := CleanPath(in)
		if err == nil && (strings.HasPrefix(got, "/") || got == ".." || strings.HasPrefix(got, "../") || strings.Contains(got, "/../")) {
			t.Fatalf("CleanPath(%q) = %q leaves the root", in, got)
		}
	})
}
