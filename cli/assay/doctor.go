package assay

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/cli/forges"
	"github.com/assay-ml/assay/config"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

type doctorOptions struct {
	server string
	json   bool
}

func newDoctor(env Env) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what Assay sees here, which right or setting is missing, and how to mend it",
		Long: "Say what Assay sees here: repository and history, forge, merge request, token and its rights (each asked\n" +
			"by a call that changes nothing), server, configuration; what is missing, and how to mend it.\n" +
			"Exit code 1: something is missing.",
		Example: "  assay doctor\n  assay doctor --json",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), env, o) },
	}
	serverFlag(cmd, &o.server)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// finding is one thing that was looked at.
type finding struct {
	About string `json:"about"` // repository, history, forge, …
	State string `json:"state"` // ok, missing, unknown
	Text  string `json:"text"`
	Mend  string `json:"mend,omitempty"`
}

const (
	fine    = "ok"
	missing = "missing"
	unclear = "unknown"
)

// examination collects findings.
type examination struct {
	env      Env
	project  *project
	findings []finding
}

func (x *examination) say(about, state, mend, format string, args ...any) {
	x.findings = append(x.findings, finding{About: about, State: state, Text: fmt.Sprintf(format, args...), Mend: mend})
}

// fail says what an error says.
func (x *examination) fail(about string, err error) {
	x.say(about, missing, fault.HintOf(err), "%s", err)
}

func runDoctor(ctx context.Context, env Env, o doctorOptions) error {
	x := &examination{env: env}
	p, err := findProject(ctx, env, false)
	if err != nil {
		x.fail("configuration", err)
		p = &project{dir: env.Dir, config: config.Default(), job: forge.Detect(env.Getenv)}
	} else {
		x.configuration(p)
	}
	x.project = p
	x.repository(ctx)
	x.forge(ctx)
	x.server(ctx, o)
	if o.json {
		err = printJSON(env.Stdout, x.findings)
	} else {
		err = x.print(env.Stdout)
	}
	if err != nil {
		return err
	}
	if n := x.count(missing); n > 0 {
		return fault.New(fault.Failed, "%d thing%s missing", n, pluralIs(n))
	}
	return nil
}

func pluralIs(n int) string {
	if n == 1 {
		return " is"
	}
	return "s are"
}

func (x *examination) count(state string) int {
	n := 0
	for _, f := range x.findings {
		if f.State == state {
			n++
		}
	}
	return n
}

func (x *examination) print(w io.Writer) error {
	mark := map[string]string{fine: "✓", missing: "✖", unclear: "?"}
	for _, f := range x.findings {
		if _, err := fmt.Fprintf(w, "%s %-13s %s\n", mark[f.State], f.About, f.Text); err != nil {
			return err
		}
		if f.Mend != "" && f.State != fine {
			if _, err := fmt.Fprintf(w, "  %-13s → %s\n", "", f.Mend); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *examination) configuration(p *project) {
	if p.config.Path == "" {
		x.say("configuration", unclear, "`assay init` writes one from what is here", "there is no assay.yaml: defaults, experiment %s", p.config.Experiment)
		return
	}
	x.say("configuration", fine, "", "%s, experiment %s", config.FileName, p.config.Experiment)
}

// repository looks at the commit and whether the history reaches the target.
func (x *examination) repository(ctx context.Context) {
	p := x.project
	if p.repo == nil {
		x.say("repository", missing, "change into a Git repository, or `git init`", "%s is not in a Git repository", p.dir)
		return
	}
	head, err := p.repo.Head(ctx)
	if err != nil {
		x.fail("repository", err)
		return
	}
	if p.job.Commit != "" {
		head = p.job.Commit
	}
	x.say("repository", fine, "", "%s at commit %.8s, branch %s", p.dir, head, orDash(p.job.Branch, p.repo.Branch(ctx)))
	target := orDash(p.job.Target, p.job.DefaultBranch, "main")
	for _, ref := range []string{"refs/remotes/origin/" + target, "refs/heads/" + target} {
		if _, err := p.repo.Resolve(ctx, ref); err != nil {
			continue
		}
		base, err := p.repo.MergeBase(ctx, head, ref)
		if err != nil {
			x.fail("history", err)
			return
		}
		x.say("history", fine, "", "reaches the merge base with %s, %.8s", target, base)
		return
	}
	x.say("history", missing, "fetch it: `git fetch origin "+target+"`, or a checkout of full depth (GIT_DEPTH: 0, fetch-depth: 0)",
		"the branch %s, with which to compare, is not here", target)
}

func orDash(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return "–"
}

// forge looks at the forge, the merge request, the token and its rights.
func (x *examination) forge(ctx context.Context) {
	p := x.project
	inJob := p.job.Kind != forge.None
	f, err := openForge(ctx, x.env, p)
	if p.job.Kind == forge.None && fault.Is(err, fault.Denied) {
		x.fail("forge", err)
		return
	}
	if p.job.Kind == forge.None {
		x.say("forge", unclear, fault.HintOf(err), "%s", err)
		return
	}
	where := "seen from the job's environment"
	if !inJob {
		where = "seen from the remote and the settings"
	}
	x.say("forge", fine, "", "%s at %s, project %s (%s)", p.job.Kind, p.job.Server, p.job.Project, where)
	if _, name := forge.Token(x.env.Getenv, p.job.Kind); name != "" {
		x.say("token", fine, "", "from %s", name)
	}
	if err != nil {
		x.fail("token", err)
		return
	}
	x.identity(ctx, f)
	c, err := findChange(ctx, p, f)
	switch {
	case err == nil:
		x.say("merge request", fine, "", "%d, %s → %s: %s", c.Number, c.Source, c.Target, c.Title)
	case fault.Is(err, fault.NotFound):
		x.say("merge request", unclear, "on a branch: open one; on main: that is right", "%s", err)
	default:
		x.fail("merge request", err)
	}
	for _, l := range f.Lacks() {
		x.say("forge", unclear, "", "no %s: %s", l.Ability, l.Reason)
	}
}

func (x *examination) identity(ctx context.Context, f forges.Driver) {
	id, err := f.Identity(ctx, x.project.job.Project)
	if err != nil {
		x.fail("token", err)
		return
	}
	who := id.Login
	if who == "" {
		who = "not told"
	}
	x.say("token", fine, "", "its owner: %s (%s)", who, id.Kind)
	for _, r := range id.Rights {
		state := map[forge.Grant]string{forge.Granted: fine, forge.Refused: missing, forge.Unknown: unclear}[r.Grant]
		if r.Optional && state == missing {
			state = unclear
		}
		text := r.Name + ", for " + r.For
		if r.Found != "" {
			text += ": " + r.Found
		}
		x.say("right", state, r.Mend, "%s", text)
	}
}

// server asks the tracking server whether it is there.
func (x *examination) server(ctx context.Context, o doctorOptions) {
	s, err := x.project.config.ServerAddress(o.server, x.env.Getenv)
	if err != nil {
		x.fail("server", err)
		return
	}
	if s.Value == "" {
		x.say("server", unclear, "start one with `assay server`, and set ASSAY_SERVER", "none is named: runs are kept here alone, and there is no baseline but committed files")
		return
	}
	c, err := connect(ctx, x.env, x.project, o.server)
	if err != nil {
		x.fail("server", err)
		return
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := c.Models(ctx); err != nil {
		x.say("server", missing, fault.HintOf(err), "%s (from %s)", strings.TrimSpace(err.Error()), s.Source)
		return
	}
	x.say("server", fine, "", "%s answers in %d ms (from %s)", s.Value, time.Since(began).Milliseconds(), s.Source)
}
