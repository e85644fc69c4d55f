// Package report is the document that a reviewer reads: the verdict first, in a
// sentence for people who know no statistics, then the table, why, pictures,
// and everything else folded. It words a compare.Table; it finds nothing, sends
// nothing and judges nothing.
package report

import (
	"time"

	"github.com/assay-ml/assay/review/compare"
)

// Document is one report on one change.
type Document struct {
	Marker   string         `json:"marker"` // finds our own comment again; the experiment's name
	Target   string         `json:"target"` // what the candidate is compared with, as people call it: main
	Head     string         `json:"head"`
	Base     string         `json:"base,omitempty"` // commit of the baseline
	BaseHow  string         `json:"base_how,omitempty"`
	Table    *compare.Table `json:"table,omitempty"`
	Failure  *Failure       `json:"failure,omitempty"` // the training failed: there is no table
	Params   []ParamChange  `json:"params,omitempty"`
	Code     []string       `json:"code,omitempty"` // changed files that are neither params nor data
	Data     []string       `json:"data,omitempty"`
	Pictures []Picture      `json:"pictures,omitempty"`
	Files    []File         `json:"files,omitempty"` // the model's

	FilesDigest string    `json:"files_digest,omitempty"` // of all of them
	RunURL      string    `json:"run_url,omitempty"`
	Page        string    `json:"page,omitempty"` // of the merge request on the server
	Notes       []string  `json:"notes,omitempty"`
	Updated     time.Time `json:"updated"`
}

// Failure is a training that ended badly.
type Failure struct {
	Command  string        `json:"command"`
	ExitCode int           `json:"exit_code"`
	After    time.Duration `json:"after"`
	Tail     string        `json:"tail"` // last lines of its output
}

// ParamChange is a parameter that differs; an empty side was not there.
type ParamChange struct {
	File string `json:"file"`
	Path string `json:"path"`
	Old  string `json:"old"`
	New  string `json:"new"`
	Line int    `json:"line,omitempty"` // of the new value, else of the old; from 1
}

// Picture is an image file beside the report.
type Picture struct {
	Path   string `json:"path"` // as the Markdown names it
	Alt    string `json:"alt"`
	Folded bool   `json:"folded,omitempty"`
}

// File is one file of the model.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Verdict is the word for the whole: better, same, worse, unknown, failed.
func (d *Document) Verdict() string {
	if d.Failure != nil || d.Table == nil {
		return "failed"
	}
	return string(d.Table.Overall.Word)
}

// lead is the metric that the first sentence speaks of: the first that decides.
func (d *Document) lead() (compare.Metric, bool) {
	if d.Table == nil {
		return compare.Metric{}, false
	}
	for _, m := range d.Table.Metrics {
		if m.Decides {
			return m, true
		}
	}
	if len(d.Table.Metrics) > 0 {
		return d.Table.Metrics[0], true
	}
	return compare.Metric{}, false
}

// Passed says whether the check should pass, and in a line why.
func (d *Document) Passed() (ok bool, summary string) {
	return d.Failure == nil && d.Table != nil && d.Table.Decision != compare.Fail, d.Headline()
}
