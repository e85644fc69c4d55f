package mlflow

import (
	"context"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Sources that clients give for prompts, which have no bytes.
var promptSources = [...]string{"prompt-template", "dummy-source"}

// resolveSource checks the source of a new version and fills in where the
// server itself reads its bytes. A source that is not shown to lie in the root
// of the run or logged model that is given with it is kept as text, as MLflow
// before 3.17 keeps it, and StorageLocation stays empty: the server then never
// reads through it, or a version could be made of files that its maker may not
// read. A path of this machine is accepted only inside that root.
func (h *Handler) resolveSource(ctx context.Context, v *track.ModelVersion) error {
	if strings.EqualFold(tagValue(v.Tags, promptTag), "true") {
		if !slices.Contains(promptSources[:], v.Source) {
			return fault.New(fault.Invalid, "Invalid prompt source: '%.500s'. Prompt sources must use an MLflow placeholder.", v.Source)
		}
		v.StorageLocation = v.Source
		return nil
	}
	if localSource(v.Source) {
		return h.checkLocal(ctx, v)
	}
	if err := checkAbsolute(v.Source); err != nil {
		return err
	}
	scheme, rest, _ := strings.Cut(v.Source, ":")
	rest = strings.TrimLeft(rest, "/")
	switch strings.ToLower(scheme) {
	case "models":
		return h.resolveModels(ctx, v, rest)
	case "runs":
		return h.resolveRuns(ctx, v, rest)
	case "mlflow-artifacts":
		return h.resolveProxied(ctx, v)
	case "http", "https":
		if _, ours, err := track.ArtifactPath(v.Source); ours || err != nil {
			return h.resolveProxied(ctx, v)
		}
	}
	v.StorageLocation = v.Source
	return h.checkLoggedModel(ctx, v)
}

// localSource says whether a source is a path of a machine: one without a
// scheme, or with a drive's letter for one, or a file: address.
func localSource(source string) bool {
	scheme, _, ok := strings.Cut(source, ":")
	return !ok || len(scheme) < 2 || strings.ContainsAny(scheme, "/\\. ") || strings.HasPrefix(strings.ToLower(scheme), "file")
}

// checkLocal accepts a path that lies in the folder that the run or the logged
// model keeps its artifacts in. It is text for the clients that see that
// folder too; the server does not read it.
func (h *Handler) checkLocal(ctx context.Context, v *track.ModelVersion) error {
	what, root, err := h.ownRoot(ctx, v)
	if err != nil {
		return err
	}
	source, ok := localPath(v.Source)
	root, rooted := localPath(root)
	if ok && rooted && root != "/" && (source == root || strings.HasPrefix(source, root+"/")) {
		return nil
	}
	return fault.New(fault.Invalid, "Invalid model version source: '%.500s'. To use a local path as a model version source, "+
		"the %s request parameter has to be specified and the local path has to be contained within the artifact directory "+
		"of the run specified by the %s.", v.Source, what, what)
}

// localPath is the absolute path that a file: address or a bare path names.
func localPath(s string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, "file:"); ok {
		if after, hasHost := strings.CutPrefix(rest, "//"); hasHost {
			rest = after
		}
		s = rest
	}
	if !strings.HasPrefix(s, "/") || strings.ContainsAny(s, "\x00\\%") {
		return "", false
	}
	return path.Clean(s), true
}

// ownRoot is where the logged model, or else the run, of a version keeps its
// artifacts, and the name of the parameter that says so; "" if there is none.
func (h *Handler) ownRoot(ctx context.Context, v *track.ModelVersion) (what, root string, err error) {
	if v.LoggedModelID != "" {
		m, err := h.loggedModel(ctx, v.LoggedModelID, false)
		return "model_id", m.ArtifactURI, err
	}
	if v.RunID == "" {
		return "run_id", "", nil
	}
	r, err := h.s.Runs.Run(ctx, v.RunID)
	if fault.Is(err, fault.NotFound) {
		return "run_id", "", nil
	}
	return "run_id", r.ArtifactURI, err
}

// checkAbsolute refuses addresses that would leave their root in any disguise,
// by the rules and in the words of MLflow.
func checkAbsolute(source string) error {
	refused := fault.New(fault.Invalid, "Invalid model version source: '%.500s'. If supplying a source as an http, https, "+
		"local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path "+
		"references present. Please provide an absolute path.", source)
	plain := source
	for range 8 {
		next, err := url.QueryUnescape(plain)
		if err != nil || next == plain {
			break
		}
		plain = next
	}
	if strings.Contains(plain, "\x00") || slices.Contains(strings.Split(plain, "/"), "..") || slices.Contains(strings.Split(plain, `\`), "..") {
		return refused
	}
	p := addressPath(plain)
	if !strings.HasPrefix(p, "/") || path.Clean(p) != p {
		return refused
	}
	return nil
}

// addressPath is the path of an address, without slashes that are doubled or
// stand at its end.
func addressPath(address string) string {
	_, p, _ := strings.Cut(address, ":")
	p, _, _ = strings.Cut(p, "#")
	p, _, _ = strings.Cut(p, "?")
	if after, ok := strings.CutPrefix(p, "//"); ok {
		_, p, _ = strings.Cut(after, "/")
		p = "/" + p
	}
	p = strings.TrimRight(p, "/")
	for strings.Contains(p, "//") {
		p = strings.ReplaceAll(p, "//", "/")
	}
	return p
}

// resolveProxied takes files that this server keeps as the version's own if
// they lie in the root of its run or logged model.
func (h *Handler) resolveProxied(ctx context.Context, v *track.ModelVersion) error {
	source, ours, err := track.ArtifactPath(v.Source)
	if err != nil || !ours {
		return refusedSource(v.Source, "")
	}
	var roots []string
	if v.RunID != "" {
		r, err := h.s.Runs.Run(ctx, v.RunID)
		if err != nil && !fault.Is(err, fault.NotFound) {
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
			v.StorageLocation = v.Source
		}
	}
	return nil
}

// checkLoggedModel refuses a model_id that there is not.
func (h *Handler) checkLoggedModel(ctx context.Context, v *track.ModelVersion) error {
	if v.LoggedModelID == "" {
		return nil
	}
	_, err := h.loggedModel(ctx, v.LoggedModelID, false)
	return err
}

func refusedSource(source, hint string) error {
	f := fault.New(fault.Invalid, "Invalid model version source: '%.500s'.", source)
	if hint == "" {
		return f
	}
	return f.WithHint("%s", hint)
}

// resolveModels reads models:/m-<id>, and models:/name with /version, /stage,
// /latest or @alias.
func (h *Handler) resolveModels(ctx context.Context, v *track.ModelVersion, rest string) error {
	if !strings.ContainsAny(rest, "/@") && strings.HasPrefix(rest, "m-") {
		m, err := h.loggedModel(ctx, rest, false)
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
	from, err := h.named(ctx, v.Source, rest)
	if err != nil {
		return err
	}
	if v.RunID != "" && v.RunID != from.RunID || v.LoggedModelID != "" && v.LoggedModelID != from.LoggedModelID {
		return fault.New(fault.Invalid, "Invalid model version source: '%.500s'. The run_id and model_id request parameters "+
			"must match the referenced model version.", v.Source)
	}
	v.Source = "models:/" + from.Model + "/" + decimal(from.Version)
	v.RunID, v.LoggedModelID, v.StorageLocation = from.RunID, from.LoggedModelID, from.StorageLocation
	if text := downloadFrom(from); v.StorageLocation == "" && !keptHere(text) {
		v.StorageLocation = text // clients know what to do with it; the server reads only its own store's
	}
	return nil
}

// keptHere says whether an address is one that the server would read.
func keptHere(uri string) bool {
	_, ours, err := track.ArtifactPath(uri)
	return ours || err != nil
}

// named finds the version that name/version, name/stage, name/latest or
// name@alias stands for.
func (h *Handler) named(ctx context.Context, source, rest string) (track.ModelVersion, error) {
	refused := refusedSource(source, "models:/ sources are models:/<model id>, models:/<name>/<version> or models:/<name>@<alias>")
	if name, alias, ok := strings.Cut(rest, "@"); ok && !strings.Contains(rest, "/") {
		return h.aliased(ctx, name, alias)
	}
	name, which, ok := strings.Cut(rest, "/")
	if !ok || which == "" {
		return track.ModelVersion{}, refused
	}
	if n, ok := versionOf(which); ok {
		return h.s.Versions.Version(ctx, name, n)
	}
	if strings.EqualFold(which, "latest") {
		return h.newest(ctx, name)
	}
	stage, err := track.CanonicalStage(which)
	if err != nil {
		return track.ModelVersion{}, refused
	}
	m, err := h.s.Models.Model(ctx, name)
	if err != nil {
		return track.ModelVersion{}, err
	}
	for _, v := range m.Latest {
		if v.Stage == stage {
			return v, nil
		}
	}
	return track.ModelVersion{}, refused
}

// resolveRuns reads runs:/<run>/path. Of a run that is not the one that run_id
// names, or that there is not, it is text alone.
func (h *Handler) resolveRuns(ctx context.Context, v *track.ModelVersion, rest string) error {
	id, below, _ := strings.Cut(rest, "/")
	if v.RunID == "" {
		v.RunID = id
	}
	if v.RunID != id {
		return h.checkLoggedModel(ctx, v)
	}
	r, err := h.s.Runs.Run(ctx, id)
	switch {
	case fault.Is(err, fault.NotFound):
	case err != nil:
		return err
	default:
		v.StorageLocation = track.JoinURI(r.ArtifactURI, below)
	}
	return h.checkLoggedModel(ctx, v)
}
