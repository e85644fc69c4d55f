package sqlstore

import (
	"path/filepath"
	"testing"

	"github.com/assay-ml/assay/registry"
	"github.com/assay-ml/assay/track/mlflow"
	"github.com/assay-ml/assay/track/tracktest"
)

// What the store is for.
var _ interface {
	registry.Store
	mlflow.Experiments
	mlflow.Runs
	mlflow.Log
	mlflow.LoggedModels
} = (*Store)(nil)

func openTest(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newTest(t testing.TB) *Store { return openTest(t, filepath.Join(t.TempDir(), "assay.db")) }

func TestConformance(t *testing.T) {
	tracktest.Run(t, func(t *testing.T) tracktest.Store { return newTest(t) })
}
