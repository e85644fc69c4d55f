// Package review is the review of one change: it finds the candidate, the
// baseline and the project's history, has them compared and the gates asked,
// builds the document, draws its pictures, and makes the record of what was
// shown. It posts nothing (see review/publish) and decides nothing about
// models.
package review

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"time"

	"github.com/assay-ml/assay/config"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
	"github.com/assay-ml/assay/review/compare"
	"github.com/assay-ml/assay/review/report"
	"github.com/assay-ml/assay/track"
)

// Server is what a review asks a tracking server.
type Server interface {
	Run(ctx context.Context, id string) (track.Run, error)
	RunsByCommit(ctx context.Context, commit string) ([]string, error)
	SearchRuns(ctx context.Context, experimentIDs []int64, filter string, order []string, max int) ([]track.Run, error)
	History(ctx context.Context, runID, key string) ([]track.Metric, error)
	LoggedFiles(ctx context.Context, runID string) ([]track.LoggedFiles, error)
	Files
}

// Forge is what a review asks a forge.
type Forge interface {
	Change(ctx context.Context, project string, number int) (forge.Change, error)
	ChangeOfCommit(ctx context.Context, project, commit string) (forge.Change, error)
}

// Candidate is the run that is looked at.
type Candidate struct {
	RunID        string
	ExperimentID int64
	Command      string
	ExitCode     int
	Took         time.Duration
	Tail         string
}

// Options is what a review is made of. Server and Forge may be nil.
type Options struct {
	Repo      *git.Repo
	Config    *config.File
	Job       forge.Job
	Server    Server
	Forge     Forge
	Candidate *Candidate // nil: the files in the working tree, without a run
	Address   string     // of the server, for links
	Pictures  string     // folder for pictures, "" for none
	Link      string     // how the Markdown names that folder
	Now       time.Time
}

// Result is a review: what to show, and the record of it.
type Result struct {
	Document *report.Document
	Review   track.Review
	Change   *forge.Change
}

// Make makes the review of what is checked out.
func Make(ctx context.Context, o Options) (*Result, error) {
	r := &maker{Options: o}
	if err := r.place(ctx); err != nil {
		return nil, err
	}
	d := &report.Document{
		Marker: o.Config.Experiment, Target: r.target, Head: r.head, Base: r.base, Updated: o.Now, Notes: r.notes,
	}
	r.links(d)
	if err := r.changes(ctx, d); err != nil {
		return nil, err
	}
	files, err := r.modelFiles(ctx)
	if err != nil {
		return nil, err
	}
	d.FilesDigest = track.FilesDigest(files)
	for _, f := range files {
		d.Files = append(d.Files, report.File(f))
	}
	if c := o.Candidate; c != nil && c.ExitCode != 0 {
		d.Failure = &report.Failure{Command: c.Command, ExitCode: c.ExitCode, After: c.Took, Tail: c.Tail}
	} else if err := r.measure(ctx, d); err != nil {
		return nil, err
	}
	d.Notes = r.notes
	return &Result{Document: d, Review: r.record(d, files), Change: r.change}, nil
}

// maker holds what is found on the way.
type maker struct {
	Options
	head, base, target string
	change             *forge.Change
	baseline           *track.Run
	notes              []string
}

// place finds the commit, its merge request and the commit to compare with.
func (r *maker) place(ctx context.Context) error {
	head, err := r.Repo.Head(ctx)
	if err != nil {
		return err
	}
	r.head = head
	if r.Job.Commit != "" {
		r.head = r.Job.Commit
	}
	r.findChange(ctx)
	target, ref, err := r.targetRef(ctx)
	if err != nil {
		r.target = "the baseline"
		r.notes = append(r.notes, err.Error())
		return nil
	}
	r.target = target
	base, err := r.Repo.MergeBase(ctx, r.head, ref)
	if err != nil {
		return err
	}
	if base == r.head { // on the target itself: against the commit before
		if base, err = r.Repo.Resolve(ctx, r.head+"^1"); err != nil {
			return nil // the first commit: nothing to compare with
		}
		r.target = "the commit before"
	}
	r.base = base
	return nil
}

func (r *maker) findChange(ctx context.Context) {
	if r.Forge == nil || r.Job.Project == "" {
		return
	}
	var c forge.Change
	var err error
	if r.Job.Change > 0 {
		c, err = r.Forge.Change(ctx, r.Job.Project, r.Job.Change)
	} else {
		c, err = r.Forge.ChangeOfCommit(ctx, r.Job.Project, r.head)
	}
	if err == nil {
		r.change = &c
	} else if !fault.Is(err, fault.NotFound) {
		r.notes = append(r.notes, "the merge request could not be asked for: "+err.Error())
	}
}

// targetRef finds the branch that the change goes to.
func (r *maker) targetRef(ctx context.Context) (name, ref string, err error) {
	var names []string
	if r.change != nil {
		names = append(names, r.change.Target)
	}
	names = append(names, r.Job.Target, r.Job.DefaultBranch, "main", "master")
	for _, n := range names {
		if n == "" {
			continue
		}
		for _, ref := range []string{"refs/remotes/origin/" + n, "refs/heads/" + n} {
			if _, err := r.Repo.Resolve(ctx, ref); err == nil {
				return n, ref, nil
			}
		}
	}
	return "", "", fault.New(fault.NotFound, "no target branch was found to compare with")
}

func (r *maker) links(d *report.Document) {
	if r.Address == "" {
		return
	}
	if r.Candidate != nil {
		d.RunURL = r.Address + "/runs/" + r.Candidate.RunID
	}
	if r.change != nil {
		d.Page = r.Address + "/changes/" + pathEscape(r.change.Project) + "/" + itoa(r.change.Number)
	}
}

// record is what the server keeps of what was shown.
func (r *maker) record(d *report.Document, files []track.File) track.Review {
	rev := track.Review{
		Project: r.Job.Project, Head: r.head, Base: r.base, Branch: r.Job.Branch, ExperimentName: r.Config.Experiment,
		Verdict: d.Verdict(), Headline: d.Headline(), Files: files, Created: r.Now.UnixMilli(),
	}
	if rev.Project == "" {
		rev.Project = r.Config.Experiment
	}
	if r.Candidate != nil {
		rev.RunID = r.Candidate.RunID
	}
	if r.baseline != nil {
		rev.BaselineRunID = r.baseline.ID
	}
	if c := r.change; c != nil {
		rev.Change = &track.ChangeRef{Project: c.Project, Number: c.Number, Title: c.Title, URL: c.URL, Author: c.Author}
		rev.Branch = c.Source
	}
	if d.Failure != nil {
		rev.Gates = append(rev.Gates, track.GateState{Name: "training", State: "fail", Text: d.Headline()})
	}
	shown := *d
	shown.Updated = time.Time{} // the same report again is the same record
	if doc, err := json.Marshal(shown); err == nil {
		rev.Document = doc
	}
	if t := d.Table; t != nil {
		for _, g := range t.Gates {
			state := g.Status
			if state == compare.Fail {
				state = g.Effect // one that only warns holds no promotion either
			}
			rev.Gates = append(rev.Gates, track.GateState{Name: g.Sentence, State: string(state), Text: g.Reason})
		}
		if t.Examples != nil {
			rev.TestSet = t.Examples.CandidateDigest
		}
	}
	return rev
}

// gates turns the configuration into the gates to ask.
func gates(c *config.File) []compare.Gate {
	undecided := compare.Status(c.Gate.Unknown)
	var out []compare.Gate
	if c.Gate.Worse != "pass" {
		out = append(out, compare.Gate{Worse: true, WarnOnly: c.Gate.Worse == "warn", Undecided: undecided})
	}
	for _, m := range c.Metrics {
		if m.Min != nil {
			out = append(out, compare.Gate{Metric: m.Name, Min: m.Min, Undecided: undecided})
		}
		if m.Max != nil {
			out = append(out, compare.Gate{Metric: m.Name, Max: m.Max, Undecided: undecided})
		}
		if m.NotWorseBy != nil {
			out = append(out, compare.Gate{Metric: m.Name, NotWorseBy: m.NotWorseBy, Undecided: undecided})
		}
	}
	return out
}

func specs(c *config.File) []compare.Spec {
	var out []compare.Spec
	for _, m := range c.Metrics {
		out = append(out, compare.Spec{Name: m.Name, Goal: compare.Goal(m.Goal), Tolerance: m.Tolerance, Decides: m.Decides})
	}
	return out
}

// isOneOf reports whether a changed path is one of the named files or below one.
func isOneOf(p string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		n = path.Clean(n)
		return p == n || len(p) > len(n) && p[:len(n)] == n && p[len(n)] == '/'
	})
}
