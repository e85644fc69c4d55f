package registry

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/search"
)

// Register records a version of exactly the bytes that were reviewed. It is
// refused when the files differ from those that the review showed, unless a
// reason is given, which is kept. The same bytes of the same run are
// registered once: asking again returns the version that is there.
func (r *Registry) Register(ctx context.Context, g track.Registration) (track.ModelVersion, error) {
	folder, err := r.locate(ctx, &g)
	if err != nil {
		return track.ModelVersion{}, err
	}
	files, err := r.o.Files.Digests(ctx, g.Root)
	if err != nil {
		return track.ModelVersion{}, err
	}
	if files, err = only(files, g.Paths); err != nil {
		return track.ModelVersion{}, err
	}
	if len(files) == 0 {
		return track.ModelVersion{}, fault.New(fault.NotFound, "there are no files at %s to register", g.Root).
			WithHint("log the model in the run: name it under `files: {model: […]}` in assay.yaml and run under `assay run`")
	}
	if diff := differ(g.Expect, files); diff != "" && len(g.Expect) > 0 {
		return track.ModelVersion{}, fault.New(fault.Failed, "the files here are not those that the run logged: %s", diff)
	}
	if err := r.compareWithReview(ctx, &g, files, folder); err != nil {
		return track.ModelVersion{}, err
	}
	if _, err := r.o.Store.Model(ctx, g.Model); fault.Is(err, fault.NotFound) {
		if _, err := r.CreateModel(ctx, track.Model{Name: g.Model}); err != nil && !fault.Is(err, fault.Exists) {
			return track.ModelVersion{}, err
		}
	} else if err != nil {
		return track.ModelVersion{}, err
	}
	if v, ok, err := r.already(ctx, g, files); ok || err != nil {
		return v, err
	}
	origin := g.Origin
	origin.Actor, origin.Root = r.o.Actor(ctx), g.Root
	v := track.ModelVersion{
		Model: g.Model, Source: g.Root, StorageLocation: g.Root, RunID: g.RunID, Files: files, Origin: &origin,
		User: origin.Actor.Name, Tags: g.Tags,
	}
	switch {
	case g.LoggedModel != "": // as MLflow's client names it
		v.Source, v.LoggedModelID = "models:/"+g.LoggedModel, g.LoggedModel
	case len(g.Paths) == 1: // what an MLflow client downloads: the model, not the whole run
		v.Source = track.JoinURI(g.Root, g.Paths[0])
		v.StorageLocation = v.Source
	}
	return r.create(ctx, v)
}

// locate sets the root of a logged model's files, and returns the folder under
// which a review lists them: the model's name. Of files of the run itself that
// is "".
func (r *Registry) locate(ctx context.Context, g *track.Registration) (string, error) {
	if g.LoggedModel == "" {
		return "", nil
	}
	m, err := r.o.Store.LoggedModel(ctx, g.LoggedModel)
	if err != nil {
		return "", err
	}
	if m.SourceRunID != g.RunID {
		return "", fault.New(fault.Invalid, "the logged model %s was made by run %s, not by run %s", m.ID, m.SourceRunID, g.RunID)
	}
	if m.Status != "LOGGED_MODEL_READY" {
		return "", fault.New(fault.Conflict, "the logged model %s is not complete: %s %s", m.ID, m.Status, m.StatusMessage)
	}
	g.Root, g.Paths = m.ArtifactURI, nil
	return m.Name, nil
}

// LoggedFiles returns the models that a run logged, with their files' digests.
func (r *Registry) LoggedFiles(ctx context.Context, runID string) ([]track.LoggedFiles, error) {
	models, err := r.o.Store.LoggedModelsOf(ctx, runID)
	if err != nil {
		return nil, err
	}
	var out []track.LoggedFiles
	for _, m := range models {
		if m.Status != "LOGGED_MODEL_READY" {
			continue
		}
		files, err := r.o.Files.Digests(ctx, m.ArtifactURI)
		if err != nil {
			return nil, fmt.Errorf("reading the logged model %s: %w", m.ID, err)
		}
		out = append(out, track.LoggedFiles{ID: m.ID, Name: m.Name, Files: files})
	}
	return out, nil
}

// below keeps the files that lie below a folder, relative to it.
func below(files []track.File, folder string) []track.File {
	if folder == "" {
		return files
	}
	var out []track.File
	for _, f := range files {
		if rest, ok := strings.CutPrefix(f.Path, folder+"/"); ok {
			f.Path = rest
			out = append(out, f)
		}
	}
	return out
}

// compareWithReview sets SameBytes, or refuses. The review lists the files
// below folder.
func (r *Registry) compareWithReview(ctx context.Context, g *track.Registration, files []track.File, folder string) error {
	o := &g.Origin
	o.SameBytes, o.ReviewID = false, ""
	reviews, err := r.o.Store.Reviews(ctx, track.ReviewQuery{Head: o.RunCommit, RunID: g.RunID})
	if err != nil {
		return err
	}
	var problem string
	switch {
	case len(reviews) == 0:
		problem = fmt.Sprintf("no review of run %s is on record", g.RunID)
	default:
		rev := reviews[0] // the newest is what the reviewer saw last
		o.ReviewID = rev.ID
		shown, err := only(below(rev.Files, folder), names(files))
		if err != nil {
			problem = "the review did not show " + err.Error()
			break
		}
		problem = differ(shown, files)
		o.SameBytes = problem == ""
	}
	if o.SameBytes || strings.TrimSpace(o.Reason) != "" {
		return nil
	}
	return fault.New(fault.Failed, "%s is not registered: %s", g.Model, problem).
		WithHint("report on this run first (`assay report`), or say why not: --unreviewed \"REASON\", which is kept with the version")
}

// already finds the version that registered the same bytes of the same run.
func (r *Registry) already(ctx context.Context, g track.Registration, files []track.File) (track.ModelVersion, bool, error) {
	page, err := r.o.Store.SearchVersions(ctx, track.ModelQuery{Max: 100, Filter: search.And{
		search.Cmp{Field: search.Field{Entity: search.Attribute, Key: "name"}, Op: search.Eq, Str: g.Model},
		search.Cmp{Field: search.Field{Entity: search.Attribute, Key: "run_id"}, Op: search.Eq, Str: g.RunID},
	}})
	if err != nil {
		return track.ModelVersion{}, false, err
	}
	for _, v := range page.Items {
		if differ(v.Files, files) == "" {
			return v, true, nil
		}
	}
	return track.ModelVersion{}, false, nil
}

// only selects files by path; a folder selects what lies below it. A path that
// selects nothing is an error that names it.
func only(files []track.File, paths []string) ([]track.File, error) {
	if len(paths) == 0 {
		return files, nil
	}
	var out []track.File
	for _, p := range paths {
		found := false
		for _, f := range files {
			if f.Path == p || strings.HasPrefix(f.Path, strings.TrimRight(p, "/")+"/") {
				out, found = append(out, f), true
			}
		}
		if !found {
			return nil, fault.New(fault.NotFound, "%s", p)
		}
	}
	return out, nil
}

func names(files []track.File) []string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = f.Path
	}
	return out
}

// differ says in words how two lists of files differ, "" when they do not.
func differ(want, have []track.File) string {
	old := map[string]track.File{}
	for _, f := range want {
		old[f.Path] = f
	}
	for _, f := range have {
		o, ok := old[f.Path]
		if !ok {
			return f.Path + " is not among the files that were shown"
		}
		if o.SHA256 != f.SHA256 {
			return fmt.Sprintf("%s has digest %.12s…, the review showed %.12s…", f.Path, f.SHA256, o.SHA256)
		}
		delete(old, f.Path)
	}
	for p := range old {
		return p + " is missing"
	}
	return ""
}
