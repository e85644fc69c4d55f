package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"

	"github.com/assay-ml/assay/config"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/params"
	"github.com/assay-ml/assay/review/compare"
	"github.com/assay-ml/assay/review/report"
	"github.com/assay-ml/assay/track"
)

// Files reads the files that a run logged.
type Files interface {
	OpenArtifact(ctx context.Context, root, name string) (io.ReadCloser, error)
}

// maxFile bounds a metrics, params or predictions file, in bytes.
const maxFile = 64 << 20

// measure compares the two sides and fills in the document.
func (r *maker) measure(ctx context.Context, d *report.Document) error {
	candidate, err := r.side(r.Config, func(name string) ([]byte, error) { return readBelow(r.Repo.Dir, name) })
	if err != nil {
		return err
	}
	if len(candidate.Metrics) == 0 && candidate.Examples == nil {
		return fault.New(fault.NotFound, "nothing was measured: none of %v and %s is there", r.Config.Files.Metrics, r.Config.Examples.File).
			WithHint("train first, or name the files under `files:` and `examples:` in assay.yaml")
	}
	in := compare.Input{Candidate: *candidate, Specs: specs(r.Config), Gates: gates(r.Config)}
	if in.Baseline, err = r.findBaseline(ctx, d); err != nil {
		return err
	}
	in.History = r.history(ctx)
	d.Table = compare.Build(in)
	return r.draw(ctx, d)
}

// side reads one side's files through read.
func (r *maker) side(c *config.File, read func(string) ([]byte, error)) (*compare.Side, error) {
	var s compare.Side
	sets, err := readSets(c.Files.Metrics, read)
	if err != nil {
		return nil, err
	}
	s.Metrics = compare.ValuesOf(sets)
	data, err := read(c.Examples.File)
	if fault.Is(err, fault.NotFound) || c.Examples.File == "" {
		return &s, nil
	}
	if err != nil {
		return nil, err
	}
	table, err := params.Table(c.Examples.File, data)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%w", err)
	}
	s.Examples, err = compare.ReadExamples(table, compare.ExampleColumns{ID: c.Examples.ID, Label: c.Examples.Label, Prediction: c.Examples.Prediction})
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: %w", c.Examples.File, err)
	}
	return &s, nil
}

// findBaseline looks for a measured run of the base commit, then of the same
// tree, then for metrics files that were committed.
func (r *maker) findBaseline(ctx context.Context, d *report.Document) (*compare.Side, error) {
	if r.base == "" {
		return nil, nil
	}
	if r.Server != nil {
		run, how, err := r.baselineRun(ctx)
		if err != nil {
			return nil, err
		}
		if run != nil {
			r.baseline, d.BaseHow = run, how
			side, err := r.side(r.Config, func(name string) ([]byte, error) { return r.artifact(ctx, run.ArtifactURI, name) })
			if err != nil {
				return nil, fmt.Errorf("reading the baseline's files: %w", err)
			}
			return side, nil
		}
	}
	side, err := r.side(r.Config, func(name string) ([]byte, error) { return r.Repo.FileAt(ctx, r.base, name) })
	if err != nil || len(side.Metrics) == 0 && side.Examples == nil {
		r.notes = append(r.notes, fmt.Sprintf("the baseline %.8s was never measured", r.base))
		return nil, nil
	}
	d.BaseHow = "files committed at the merge base"
	return side, nil
}

func (r *maker) baselineRun(ctx context.Context) (*track.Run, string, error) {
	keys := []struct{ value, how string }{{r.base, "the run of the merge base"}}
	if tree, err := r.Repo.Tree(ctx, r.base); err == nil {
		keys = append(keys, struct{ value, how string }{tree, "a run of the same files as the merge base"})
	}
	if inputs := r.Config.Files.Inputs(); inputs != nil {
		if digest, err := r.Repo.InputsDigest(ctx, r.base, inputs); err == nil && digest != "" {
			keys = append(keys, struct{ value, how string }{digest, "a run of the same code, params and data as the merge base"})
		}
	}
	for _, k := range keys {
		ids, err := r.Server.RunsByCommit(ctx, k.value)
		if err != nil {
			return nil, "", err
		}
		for _, id := range ids {
			run, err := r.Server.Run(ctx, id)
			if err != nil {
				return nil, "", err
			}
			if run.Status == track.Finished && run.Lifecycle == track.Active && len(run.Metrics) > 0 &&
				(r.Candidate == nil || run.ID != r.Candidate.RunID) {
				return &run, k.how, nil
			}
		}
	}
	return nil, "", nil
}

func (r *maker) artifact(ctx context.Context, root, name string) ([]byte, error) {
	if name == "" {
		return nil, fault.New(fault.NotFound, "no file")
	}
	body, err := r.Server.OpenArtifact(ctx, root, name)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return readAll(body, name)
}

func readAll(f io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxFile {
		return nil, fault.New(fault.TooLarge, "%s is larger than %d MB", name, maxFile>>20)
	}
	return data, nil
}

func readBelow(top, name string) ([]byte, error) {
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) || name == "" {
		return nil, fault.New(fault.NotFound, "%s is not there", name)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "reading %s: %w", name, err)
	}
	defer f.Close()
	return readAll(f, name)
}

// history collects the metrics of the project's finished runs, oldest first.
func (r *maker) history(ctx context.Context) map[string][]float64 {
	if r.Server == nil || r.Candidate == nil {
		return nil
	}
	runs, err := r.Server.SearchRuns(ctx, []int64{r.Candidate.ExperimentID}, "attributes.status = 'FINISHED'",
		[]string{"attributes.start_time DESC"}, 500)
	if err != nil {
		r.notes = append(r.notes, "the history could not be read: "+err.Error())
		return nil
	}
	out := map[string][]float64{}
	for _, run := range slices.Backward(runs) {
		if run.ID == r.Candidate.RunID {
			continue
		}
		for _, m := range run.Metrics {
			if !math.IsNaN(m.Value) {
				out[m.Key] = append(out[m.Key], m.Value)
			}
		}
	}
	return out
}

// changes fills in what the change did to params, code and data.
func (r *maker) changes(ctx context.Context, d *report.Document) error {
	after, err := readSets(r.Config.Files.Params, func(name string) ([]byte, error) { return readBelow(r.Repo.Dir, name) })
	if err != nil || r.base == "" {
		return err
	}
	changed, err := r.Repo.Changed(ctx, r.base, r.head)
	if err != nil {
		return err
	}
	c := r.Config
	for _, p := range changed {
		switch {
		case isOneOf(p, c.Files.Data):
			d.Data = append(d.Data, p)
		case !isOneOf(p, c.Files.Params) && !isOneOf(p, c.Files.Metrics) && !isOneOf(p, c.Files.Model):
			d.Code = append(d.Code, p)
		}
	}
	before, err := readSets(r.Config.Files.Params, func(name string) ([]byte, error) { return r.Repo.FileAt(ctx, r.base, name) })
	if err != nil {
		r.notes = append(r.notes, "the baseline's parameters could not be read: "+err.Error())
		return nil
	}
	for _, p := range params.Diff(before, after) {
		change := report.ParamChange{File: p.File, Path: p.Path}
		if p.Old != nil {
			change.Old, change.Line = p.Old.Text, p.Old.Line
		}
		if p.New != nil {
			change.New, change.Line = p.New.Text, p.New.Line
		}
		d.Params = append(d.Params, change)
	}
	return nil
}

// readSets reads files of values through read; those that are not there are
// left out.
func readSets(names []string, read func(string) ([]byte, error)) ([]*params.Set, error) {
	var out []*params.Set
	for _, name := range names {
		data, err := read(name)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		set, err := params.Parse(name, data)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%w", err)
		}
		out = append(out, set)
	}
	return out, nil
}

// modelFiles lists the candidate's model with digests: the files in the working
// tree that the configuration names, and what the run logged as a model of
// MLflow 3, below its name, if the configuration names that or names nothing.
func (r *maker) modelFiles(ctx context.Context) ([]track.File, error) {
	names := r.Config.Files.Model
	files, err := Digests(r.Repo.Dir, names)
	if err != nil || r.Server == nil || r.Candidate == nil {
		return files, err
	}
	logged, err := r.Server.LoggedFiles(ctx, r.Candidate.RunID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unsupported) {
		return files, nil // a server of another kind, or artifacts that it does not keep
	}
	if err != nil {
		return nil, fmt.Errorf("reading the models that the run logged: %w", err)
	}
	for _, m := range logged {
		named := slices.Contains(names, m.Name) && !slices.ContainsFunc(files, func(f track.File) bool { return isOneOf(f.Path, []string{m.Name}) })
		if !named && len(names) > 0 {
			continue
		}
		for _, f := range m.Files {
			f.Path = path.Join(m.Name, f.Path)
			files = append(files, f)
		}
	}
	return files, nil
}

// Digests lists the named files, and all files below the named folders, with
// their SHA-256. What is not there is left out.
func Digests(top string, names []string) ([]track.File, error) {
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var out []track.File
	for _, name := range names {
		err := fs.WalkDir(root.FS(), path.Clean(name), func(p string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || e.IsDir() {
				return err
			}
			f, err := digest(root, p)
			if err == nil {
				out = append(out, f)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return out, nil
}

func digest(root *os.Root, p string) (track.File, error) {
	f, err := root.Open(p)
	if err != nil {
		return track.File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return track.File{Path: p, Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

func pathEscape(s string) string { return url.PathEscape(s) }
func itoa(n int) string          { return strconv.Itoa(n) }
