package mlflow

import (
	"context"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// shelf is a registry of one model, digits, with its versions in order.
type shelf []track.ModelVersion

func (s shelf) Version(_ context.Context, model string, n int) (track.ModelVersion, error) {
	if model != "digits" || n < 1 || n > len(s) {
		return track.ModelVersion{}, fault.New(fault.NotFound, "Model Version (name=%s, version=%d) not found", model, n)
	}
	return s[n-1], nil
}

func (s shelf) SearchVersions(context.Context, track.ModelQuery) (track.Page[track.ModelVersion], error) {
	return track.Page[track.ModelVersion]{Items: s[len(s)-1:]}, nil
}

func (s shelf) Model(_ context.Context, name string) (track.Model, error) {
	if name != "digits" {
		return track.Model{}, fault.New(fault.NotFound, "Registered Model with name=%s not found", name)
	}
	return track.Model{Name: name, Aliases: []track.Alias{{Name: "prod", Version: 1}}, Latest: s[1:2]}, nil
}

type shelfModels struct {
	Models
	shelf
}

func (m shelfModels) Model(ctx context.Context, name string) (track.Model, error) {
	return m.shelf.Model(ctx, name)
}

type shelfVersions struct {
	Versions
	shelf
}

func (v shelfVersions) Version(ctx context.Context, model string, n int) (track.ModelVersion, error) {
	return v.shelf.Version(ctx, model, n)
}

func (v shelfVersions) SearchVersions(ctx context.Context, q track.ModelQuery) (track.Page[track.ModelVersion], error) {
	return v.shelf.SearchVersions(ctx, q)
}

// TestCopies: a version made of another one takes over run and files, and
// what the server may read through.
func TestCopies(t *testing.T) {
	s := shelf{
		{Model: "digits", Version: 1, Source: "runs:/r/m", StorageLocation: "mlflow-artifacts:/0/r/artifacts/m", RunID: "r", Stage: "None"},
		{Model: "digits", Version: 2, Source: "runs:/nobody/m", Stage: "Production"},
		{Model: "digits", Version: 3, Source: "mlflow-artifacts:/secret", Stage: "None"},
	}
	h := New(Services{Models: shelfModels{shelf: s}, Versions: shelfVersions{shelf: s}})
	for _, c := range []struct{ source, run, wantSource, wantLocation string }{
		{"models:/digits/1", "", "models:/digits/1", "mlflow-artifacts:/0/r/artifacts/m"},
		{"models:/digits/1", "r", "models:/digits/1", "mlflow-artifacts:/0/r/artifacts/m"},
		{"models:/digits@prod", "", "models:/digits/1", "mlflow-artifacts:/0/r/artifacts/m"},
		{"models:/digits/production", "", "models:/digits/2", "runs:/nobody/m"},
		{"models:/digits/latest", "", "models:/digits/3", ""}, // text stays text
		{"models:/digits/1", "other", "", ""},
		{"models:/digits/staging", "", "", ""},
		{"models:/digits@none", "", "", ""},
		{"models:/digits", "", "", ""},
		{"models:/digits/9", "", "", ""},
		{"models:/none/1", "", "", ""},
	} {
		v := track.ModelVersion{Model: "copy", Source: c.source, RunID: c.run}
		err := h.resolveSource(context.Background(), &v)
		if (err != nil) != (c.wantSource == "") || err == nil && (v.Source != c.wantSource || v.StorageLocation != c.wantLocation) {
			t.Errorf("%s of run %q: %q at %q, %v", c.source, c.run, v.Source, v.StorageLocation, err)
		}
	}
}

func TestSpacedJSON(t *testing.T) {
	const want = `[{"name": "a,b:\"c\"", "version": 1}, {}]`
	if got := spacedJSON([]byte(`[{"name":"a,b:\"c\"","version":1},{}]`)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
