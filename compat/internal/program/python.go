//go:build compat

package program

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Python is the interpreter that ASSAY_COMPAT_PYTHON names (default python3),
// which must have the modules. A suite that is asked for does not skip.
func Python(t *testing.T, modules ...string) string {
	t.Helper()
	python := os.Getenv("ASSAY_COMPAT_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import "+strings.Join(modules, ", ")).CombinedOutput(); err != nil {
		t.Fatalf("%s has not all of %s: ./test installs them, or name another by ASSAY_COMPAT_PYTHON\n%s", python, strings.Join(modules, ", "), out)
	}
	return python
}
