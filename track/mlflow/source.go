package mlflow

import (
	"context"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Sources that clients give for prompts, which have no bytes.
var promptSources = [...]string{"prompt-template", "dummy-source"}

// resolveSource checks the source of a new version and fills in where its
// bytes are. A path of this machine is never accepted: whoever reads the
// version's files later would read the server's. Sources in other stores are
// kept as text; the server does not read through them.
func (h *Handler) resolveSource(ctx context.Context, v *track.ModelVersion) error {
	for _, p := range promptSources {
		if v.Source == p {
			v.StorageLocation = p
			return nil
		}
	}
	scheme, rest, ok := strings.Cut(v.Source, ":")
	if !ok || len(scheme) < 2 || strings.ContainsAny(scheme, "/\\. ") || strings.HasPrefix(strings.ToLower(scheme), "file") {
		return refusedSource(v.Source, "a path of a machine is no source that others could read; log the model in a run")
	}
	// The part behind scheme and host must not leave its root in any disguise.
	path := strings.TrimPrefix(strings.TrimLeft(rest, "/"), "/")
	if _, err := track.CleanPath(path); err != nil {
		return refusedSource(v.Source, "")
	}
	switch scheme {
	case "models":
		return h.resolveModels(ctx, v, path)
	case "runs":
		return h.resolveRuns(ctx, v, path)
	case "mlflow-artifacts":
		if err := h.checkOwner(ctx, v); err != nil {
			return err
		}
	}
	v.StorageLocation = v.Source
	return nil
}

// checkOwner holds files that this server keeps against the run or the logged
// model that they are said to come from, as MLflow does since 3.17: else a
// version could be made of files that its maker may not read.
func (h *Handler) checkOwner(ctx context.Context, v *track.ModelVersion) error {
	source, _, err := track.ArtifactPath(v.Source)
	if err != nil {
		return refusedSource(v.Source, "")
	}
	var roots []string
	if v.RunID != "" {
		r, err := h.s.Runs.Run(ctx, v.RunID)
		if err != nil {
			return err
		}
		roots = append(roots, r.ArtifactURI)
	}
	if v.LoggedModelID != "" {
		m, err := h.loggedModel(ctx, v.LoggedModelID, false)
		if err != nil {
			return err
		}
		roots = append(roots, m.ArtifactURI)
	}
	for _, uri := range roots {
		root, ours, err := track.ArtifactPath(uri)
		if err == nil && ours && root != "" && (source == root || strings.HasPrefix(source, root+"/")) {
			return nil
		}
	}
	return refusedSource(v.Source, "it must lie below the artifacts of the run_id or model_id that are given with it")
}

func refusedSource(source, hint string) error {
	f := fault.New(fault.Invalid, "Invalid model version source: '%.500s'.", source)
	if hint == "" {
		return f
	}
	return f.WithHint("%s", hint)
}

// resolveModels reads models:/m-<id> and models:/name/version.
func (h *Handler) resolveModels(ctx context.Context, v *track.ModelVersion, path string) error {
	name, number, hasNumber := strings.Cut(path, "/")
	if !hasNumber && strings.HasPrefix(name, "m-") {
		m, err := h.loggedModel(ctx, name, false)
		if err != nil {
			return err
		}
		if v.LoggedModelID != "" && v.LoggedModelID != m.ID {
			return refusedSource(v.Source, "it is not the model that model_id names")
		}
		if v.RunID == "" {
			v.RunID = m.SourceRunID
		}
		v.LoggedModelID, v.StorageLocation = m.ID, m.ArtifactURI
		return nil
	}
	version, ok := versionOf(number)
	if !ok {
		return refusedSource(v.Source, "models:/ sources are models:/<model id> or models:/<name>/<version>")
	}
	from, err := h.s.Versions.Version(ctx, name, version)
	if err != nil {
		return err
	}
	v.StorageLocation = location(from)
	if v.RunID == "" {
		v.RunID = from.RunID
	}
	if v.LoggedModelID == "" {
		v.LoggedModelID = from.LoggedModelID
	}
	return nil
}

// resolveRuns reads runs:/<run>/path.
func (h *Handler) resolveRuns(ctx context.Context, v *track.ModelVersion, path string) error {
	id, rest, _ := strings.Cut(path, "/")
	if v.RunID != "" && v.RunID != id {
		return refusedSource(v.Source, "it is not of the run that run_id names")
	}
	r, err := h.s.Runs.Run(ctx, id)
	if err != nil {
		return err
	}
	v.RunID, v.StorageLocation = id, track.JoinURI(r.ArtifactURI, rest)
	return nil
}
