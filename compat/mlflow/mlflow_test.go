//go:build compat

// Package mlflow_test runs the real MLflow client against our server. It needs
// a Python with mlflow, scikit-learn, pandas and matplotlib, named by
// ASSAY_COMPAT_PYTHON (default python3):
//
//	go test -tags compat ./compat/mlflow
package mlflow_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/assay-ml/assay/compat/internal/program"
)

func TestClient(t *testing.T) {
	python := program.Python(t, "mlflow", "sklearn", "matplotlib")
	uri := program.Serve(t, program.Build(t), "--data", t.TempDir()).URL
	cmd := exec.CommandContext(t.Context(), python, "client.py")
	cmd.Env = append(os.Environ(), "MLFLOW_TRACKING_URI="+uri)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("client.py: %v", err)
	}
	if !strings.Contains(string(out), "checks passed") {
		t.Fatal("client.py did not reach its end")
	}
}
