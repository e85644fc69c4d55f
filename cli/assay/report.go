package assay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/cli/forges"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/review"
	"github.com/assay-ml/assay/review/publish"
	"github.com/assay-ml/assay/review/report"
	"github.com/assay-ml/assay/track/client"
)

type reportOptions struct {
	server, out                           string
	junit, openMetrics, codeQuality, json string
	preview                               bool
}

func newReport(env Env) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Compare what was trained here with its baseline and write the report",
		Long: "Compare what was trained here with the baseline of the merge base and with the project's history,\n" +
			"and write the report as Markdown. What it shows is recorded on the server, unless --preview is given.",
		Example: "  assay report -o report.md && assay comment report.md && assay check\n  assay report --preview",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runReport(cmd.Context(), env, o) },
	}
	serverFlag(cmd, &o.server)
	cmd.Flags().StringVarP(&o.out, "output", "o", "", "`FILE` to write (default: standard output)")
	cmd.Flags().StringVar(&o.junit, "junit", "", "`FILE` for the gates as test cases (GitLab: artifacts:reports:junit)")
	cmd.Flags().StringVar(&o.openMetrics, "openmetrics", "", "`FILE` for the metrics (GitLab: artifacts:reports:metrics)")
	cmd.Flags().StringVar(&o.codeQuality, "codequality", "", "`FILE` for what failed, on the changed line (GitLab: artifacts:reports:codequality)")
	cmd.Flags().StringVar(&o.json, "json", "", "`FILE` for the document itself")
	cmd.Flags().BoolVar(&o.preview, "preview", false, "only show: record nothing on the server")
	return cmd
}

// shownFile keeps the document for `assay check`, below .assay.
const shownFile = "report.json"

func runReport(ctx context.Context, env Env, o reportOptions) error {
	p, err := findProject(ctx, env, true)
	if err != nil {
		return err
	}
	ro := review.Options{Repo: p.repo, Config: p.config, Job: p.job, Now: time.Now()}
	if !o.preview { // what is only shown here must not wait for a forge
		switch f, err := openForge(ctx, env, p); {
		case err == nil:
			ro.Forge = f
		case !noForge(err):
			return err
		}
		ro.Job = p.job
	}
	var c *client.Client
	if c, err = connect(ctx, env, p, o.server); err == nil {
		ro.Server, ro.Address = c, c.Base()
	}
	last, err := readLastRun(p.dir)
	if err == nil {
		ro.Candidate = &review.Candidate{
			RunID: last.RunID, ExperimentID: last.ExperimentID, Command: last.Command, ExitCode: last.ExitCode, Took: last.Took, Tail: last.Tail,
		}
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	if o.out != "" {
		path := within(env.Dir, o.out)
		ro.Link = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + "_files"
		ro.Pictures = filepath.Join(filepath.Dir(path), ro.Link)
	}
	r, err := review.Make(ctx, ro)
	if err != nil {
		return err
	}
	if c != nil && !o.preview {
		if _, err := c.AddReview(ctx, r.Review); err != nil {
			return fmt.Errorf("recording what is shown: %w", err)
		}
	}
	return writeReport(env, p, o, r.Document)
}

func writeReport(env Env, p *project, o reportOptions, d *report.Document) error {
	if _, err := spoolDir(p.dir, ""); err != nil {
		return err
	}
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.dir, ".assay", shownFile), data, 0o644); err != nil {
		return err
	}
	if err := writeCarriers(env, o, d, data); err != nil {
		return err
	}
	if o.out == "" {
		_, err = io.WriteString(env.Stdout, d.Markdown())
		return err
	}
	if err := os.WriteFile(within(env.Dir, o.out), []byte(d.Markdown()), 0o644); err != nil {
		return fault.New(fault.Unavailable, "writing the report: %w", err)
	}
	_, err = fmt.Fprintln(env.Stdout, d.Headline())
	return err
}

// writeCarriers writes the same verdict in the forms that the forges' own
// widgets read.
func writeCarriers(env Env, o reportOptions, d *report.Document, document []byte) error {
	for _, c := range []struct {
		file string
		make func() ([]byte, error)
	}{
		{o.junit, d.JUnit},
		{o.openMetrics, func() ([]byte, error) { return d.OpenMetrics(), nil }},
		{o.codeQuality, d.CodeQuality},
		{o.json, func() ([]byte, error) { return append(document, '\n'), nil }},
	} {
		if c.file == "" {
			continue
		}
		data, err := c.make()
		if err != nil {
			return err
		}
		if err := os.WriteFile(within(env.Dir, c.file), data, 0o644); err != nil {
			return fault.New(fault.Unavailable, "writing %s: %w", c.file, err)
		}
	}
	return nil
}

// findChange finds the merge request of the job.
func findChange(ctx context.Context, p *project, f forges.Driver) (forge.Change, error) {
	if p.job.Change > 0 {
		return f.Change(ctx, p.job.Project, p.job.Change)
	}
	head := p.job.Commit
	if head == "" {
		var err error
		if head, err = p.repo.Head(ctx); err != nil {
			return forge.Change{}, err
		}
	}
	return f.ChangeOfCommit(ctx, p.job.Project, head)
}

type commentOptions struct {
	change int
	commit string
}

func newComment(env Env) *cobra.Command {
	var o commentOptions
	cmd := &cobra.Command{
		Use:   "comment FILE",
		Short: "Post a report on the merge request, as one comment that later pushes edit",
		Long: "Post a report on the merge request, as one comment that later pushes edit. Pictures that it names by a\n" +
			"relative path are uploaded. A report that cannot be posted is written to the job's output instead; the\n" +
			"job's summary gets it in any case, where the forge has one.",
		Example: "  assay comment report.md\n  assay comment report.md --commit \"$HEAD_SHA\"   # for a fork's job, from one of your own",
		Args:    args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, a []string) error { return runComment(cmd.Context(), env, o, a[0]) },
	}
	cmd.Flags().IntVar(&o.change, "change", 0, "`NUMBER` of the merge request (default: the job's, else found by the commit)")
	cmd.Flags().StringVar(&o.commit, "commit", "", "`SHA` whose merge request is meant")
	return cmd
}

func runComment(ctx context.Context, env Env, o commentOptions, file string) error {
	p, err := findProject(ctx, env, true)
	if err != nil {
		return err
	}
	switch {
	case o.change > 0:
		p.job.Change = o.change
	case o.commit != "":
		p.job.Change, p.job.Commit = 0, o.commit
	}
	path := within(env.Dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		return fault.New(fault.NotFound, "reading the report: %w", err).WithHint("write it first: `assay report -o %s`", file)
	}
	if err := summarize(env, string(text)); err != nil {
		return err
	}
	m, err := post(ctx, env, p, string(text), filepath.Dir(path))
	if err != nil {
		return lost(env, p, string(text), err)
	}
	_, err = fmt.Fprintln(env.Stdout, m.URL)
	return err
}

func post(ctx context.Context, env Env, p *project, text, dir string) (forge.Comment, error) {
	f, err := openForge(ctx, env, p)
	if err != nil {
		return forge.Comment{}, err
	}
	c, err := findChange(ctx, p, f)
	if err != nil {
		return forge.Comment{}, err
	}
	m, err := publish.Comment(ctx, publish.Options{
		Forge: f, Change: c, Dir: dir, Pictures: pictureBranch(f, p),
		Note: func(s string) { fmt.Fprintf(env.Stderr, "assay: %s\n", s) },
	}, text)
	if err == nil && utf8.RuneCountInString(text) > f.MaxComment() {
		fmt.Fprintf(env.Stdout, "%s\n", publish.Text(text)) // the comment is cut: the whole is here
	}
	return m, err
}

// pictureBranch keeps the pictures of a forge that has no place for them on a
// branch of the repository, if the job may push one.
func pictureBranch(f forges.Driver, p *project) publish.Uploader {
	for _, l := range f.Lacks() {
		if l.Ability == forge.Uploads && p.job.Kind == forge.GitHub && p.job.Fork == "" {
			return &publish.Branch{Repo: p.repo, Remote: "origin", Address: publish.GitHubAddress(p.job.Server, p.job.Project)}
		}
	}
	return nil
}

// lost writes a report that could not be posted to the job's output. A fork's
// job, which is given no rights, has done all that it can with that.
func lost(env Env, p *project, text string, err error) error {
	fmt.Fprintf(env.Stdout, "%s\n", publish.Text(text))
	if p.job.Fork == "" || !fault.Is(err, fault.Denied) {
		return err
	}
	fmt.Fprintf(env.Stderr, "assay: not posted: %s\n       The report is above, and in the job's summary where the forge has one. To post it, run\n"+
		"       `assay comment` in a job of %s itself: docs/forks.md shows how.\n", err, p.job.Project)
	return nil
}

// maxSummary bounds a job's summary, in bytes (GitHub: 1 MiB a step).
const maxSummary = 1 << 20

// summarize adds the report to the job's summary, which takes no rights.
func summarize(env Env, text string) error {
	path := env.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fault.New(fault.Unavailable, "writing the job's summary: %w", err)
	}
	shown := publish.Fit(publish.Text(text), maxSummary/4) // characters: of four bytes at most
	if _, err = f.WriteString(shown + "\n"); err == nil {
		err = f.Close()
	}
	if err != nil {
		return fault.New(fault.Unavailable, "writing the job's summary: %w", err)
	}
	return nil
}

func newCheck(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Set the commit's check to what the last report found",
		Long: "Set the commit's check to what the last report found. Exit code 0: the gates passed; 1: one failed\n" +
			"(or the training did).",
		Example: "  assay report -o report.md && assay check",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), env) },
	}
}

func runCheck(ctx context.Context, env Env) error {
	p, err := findProject(ctx, env, true)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(p.dir, ".assay", shownFile))
	if err != nil {
		return fault.New(fault.NotFound, "there is no report to check").WithHint("run `assay report` first")
	}
	var d report.Document
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	ok, summary := d.Passed()
	if err := setCheck(ctx, env, p, &d); err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Failed, "%s", summary)
	}
	_, err = fmt.Fprintln(env.Stdout, summary)
	return err
}

// setCheck sets the commit's check, where there is a forge that lets us. Else
// the exit code, which is the job's own colour, has to do.
func setCheck(ctx context.Context, env Env, p *project, d *report.Document) error {
	ok, summary := d.Passed()
	c := forge.Check{Name: "assay", State: forge.Success, Summary: summary, URL: d.RunURL}
	switch {
	case !ok:
		c.State = forge.Failure
	case d.Verdict() == "unknown":
		c.State = forge.Neutral
	}
	shell := p.job.Kind == forge.None
	f, err := openForge(ctx, env, p)
	if shell && noForge(err) {
		return nil // tried out by hand: the exit code says it
	}
	if err == nil {
		err = f.SetCheck(ctx, p.job.Project, d.Head, c)
	}
	if fault.Is(err, fault.Denied) { // the job's own colour says the same
		if p.job.Fork == "" {
			fmt.Fprintf(env.Stderr, "assay: %s\n       %s\n", err, fault.HintOf(err))
		}
		return nil
	}
	return err
}

// noForge tells that there is no forge, or no token for it, from a forge that
// failed: a report can be made without.
func noForge(err error) bool {
	return fault.Is(err, fault.Unsupported) || fault.Is(err, fault.Denied)
}
