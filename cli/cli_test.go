package cli

import (
	"strings"
	"testing"
)

func TestFace(t *testing.T) {
	for line, want := range map[string]string{
		"assay":                             "assay:",
		"/usr/bin/assay run -- x":           "assay:run -- x",
		"assay cml comment create r.md":     "cml:comment create r.md",
		"/opt/bin/cml comment create r.md":  "cml:comment create r.md",
		"cml-send-comment r.md":             "cml-send-comment:r.md",
		"cml.exe --version":                 "cml:--version",
		"cml cml":                           "cml:cml",
		"renamed-assay cml asset publish x": "cml:asset publish x",
	} {
		name, rest := face(strings.Fields(line))
		if got := name + ":" + strings.Join(rest, " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}
