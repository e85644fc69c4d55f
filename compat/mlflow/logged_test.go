//go:build compat

package mlflow_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-ml/assay/compat/internal/program"
)

// TestLoggedModel goes from a model that MLflow 3 logged under `assay run` to
// its registration as the bytes that were reviewed, to its promotion, and to
// MLflow's client loading it and `assay model pull` verifying it.
func TestLoggedModel(t *testing.T) {
	python := program.Python(t, "mlflow", "sklearn")
	script, err := filepath.Abs("logged.py")
	if err != nil {
		t.Fatal(err)
	}
	bin := program.Build(t)
	s := program.Serve(t, bin, "--data", t.TempDir())
	dir := t.TempDir()
	do := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "ASSAY_SERVER="+s.URL, "MLFLOW_DISABLE_TELEMETRY=true", "GIT_CONFIG_GLOBAL=/dev/null",
			"GIT_AUTHOR_NAME=ada", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=ada", "GIT_COMMITTER_EMAIL=a@b")
		out, err := cmd.CombinedOutput()
		t.Logf("%s %s\n%s", filepath.Base(name), strings.Join(args, " "), out)
		if err != nil {
			t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
		}
		return string(out)
	}
	train := func(steps string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "params.yaml"), []byte("steps: "+steps+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		do("git", "add", "params.yaml")
		do("git", "commit", "-q", "-m", "steps "+steps)
		do(bin, "run", "--", python, script, "train")
	}
	do("git", "init", "-q", "-b", "main", ".")
	train("5")
	do("git", "checkout", "-q", "-b", "longer")
	train("50")
	report := do(bin, "report")
	if !strings.Contains(report, "files of the model `sha256:") || !strings.Contains(report, "- file classifier/MLmodel `sha256:") {
		t.Error("the report does not show the model's bytes")
	}
	if out := do(bin, "model", "register", "digits"); !strings.Contains(out, "the bytes that were reviewed") || !strings.Contains(out, "file      MLmodel") {
		t.Error("registered other bytes")
	}
	do(bin, "model", "promote", "digits@v1", "production", "--reason", "better")
	if out := do(python, script, "load"); !strings.Contains(out, "steps 50") {
		t.Error("MLflow's client loaded another model")
	}
	if out := do(bin, "model", "pull", "digits@production", "-o", "pulled"); !strings.Contains(out, "verified") {
		t.Error("not verified")
	}
	if _, err := os.Stat(filepath.Join(dir, "pulled", "MLmodel")); err != nil {
		t.Error(err)
	}
}
