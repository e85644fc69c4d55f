// Package config reads assay.yaml, the one file in which a project says what
// matters: which files hold metrics, params, predictions and the model, which
// way a metric is better, what the gates are, and what protects the aliases of
// its models. Unknown keys and impossible values are errors with their line.
// It does not read DVC's configuration (not yet) and holds no secrets.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// FileName is where a project's configuration lies, at the top of its tree.
const FileName = "assay.yaml"

// maxFile bounds the file, in bytes.
const maxFile = 1 << 20

// File is a project's configuration.
type File struct {
	Path       string // where it was read from; empty: there was none, all is default
	Experiment string // name of the experiment on the server
	Server     string // address of the server, when the project fixes it
	Forge      Forge
	Files      Files
	Examples   Examples
	Metrics    []Metric // in the order written: the first is the first to decide
	Curves     []string // metrics whose curves the report draws
	Gate       Gate
	Models     map[string]Model
}

// Forge says on which forge the project lives, where its remote's address and
// the CI job do not give that away.
type Forge struct {
	Kind string // github, gitlab, gitea
	URL  string // base address; below a sub-path, with it
}

// Files names the files that a training writes and reads, relative to the top.
type Files struct {
	Metrics, Params, Model, Data []string
	// Code is what the model is made by, if the project says so: then a change
	// of anything else – a README – leaves what was measured valid.
	Code []string
}

// Inputs is all that a model depends on; nil if the project does not say.
func (f Files) Inputs() []string {
	if len(f.Code) == 0 {
		return nil
	}
	return slices.Concat(f.Code, f.Params, f.Data, []string{FileName})
}

// Examples says where the answers per example are.
type Examples struct {
	File, ID, Label, Prediction, Score string
}

// Metric is what the project says of one metric.
type Metric struct {
	Name       string
	Goal       string  // "max", "min", "" to guess
	Tolerance  float64 // differences within it are "same"
	Min, Max   *float64
	NotWorseBy *float64
	Decides    bool
	Line       int
}

// Gate says what verdicts do to the check.
type Gate struct {
	Worse   string // fail, warn, pass
	Unknown string // pass, warn, fail
}

// Model is what protects a registered model.
type Model struct {
	Aliases map[string]track.AliasPolicy
}

// Default is the configuration of a project that wrote none.
func Default() *File {
	return &File{
		Files:    Files{Metrics: []string{"metrics.json"}, Params: []string{"params.yaml"}},
		Examples: Examples{File: "predictions.csv", ID: "id", Label: "label", Prediction: "prediction", Score: "score"},
		Gate:     Gate{Worse: "fail", Unknown: "pass"},
	}
}

// Load reads dir/assay.yaml. A file that is not there is the default, with the
// folder's name as experiment.
func Load(dir string) (*File, error) {
	path := filepath.Join(dir, FileName)
	st, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		c := Default()
		c.Experiment = folderName(dir)
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", FileName, err)
	}
	if st.Size() > maxFile {
		return nil, fault.New(fault.TooLarge, "%s is larger than %d KB", path, maxFile>>10)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", FileName, err)
	}
	c, err := Parse(FileName, data)
	if err != nil {
		return nil, err
	}
	c.Path = path
	if c.Experiment == "" {
		c.Experiment = folderName(dir)
	}
	return c, nil
}

func folderName(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil || filepath.Dir(abs) == abs {
		return "Default"
	}
	return filepath.Base(abs)
}

// Metric returns what the project says of a metric.
func (f *File) Metric(name string) (Metric, bool) {
	for _, m := range f.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}
