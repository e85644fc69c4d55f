package assay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/config"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
	"github.com/assay-ml/assay/track/client"
)

func newModel(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "model",
		Short: "Register, look at, promote and pull models",
		Args:  args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelList(env), newModelShow(env), newModelPromote(env), newModelPull(env), newModelPolicy(env), newModelRegister(env), newModelDeploy(env))
	return cmd
}

type modelOptions struct {
	server string
	json   bool
}

func (o *modelOptions) flags(cmd *cobra.Command) {
	serverFlag(cmd, &o.server)
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
}

// open finds the project and connects to its server.
func (o *modelOptions) open(ctx context.Context, env Env) (*project, *client.Client, error) {
	p, err := findProject(ctx, env, false)
	if err != nil {
		return nil, nil, err
	}
	c, err := connect(ctx, env, p, o.server)
	return p, c, err
}

// ref is what people write for a version: NAME@ALIAS, NAME@v7, NAME.
type ref struct {
	Name, Alias string
	Version     int
}

func parseRef(s string) (ref, error) {
	name, at, found := strings.Cut(s, "@")
	r := ref{Name: name}
	if name == "" || strings.ContainsAny(name, "/:") || found && at == "" {
		return r, fault.New(fault.Usage, "%q does not name a model", s).WithHint("write NAME@ALIAS or NAME@v7")
	}
	if !found {
		return r, nil
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(at, "v")); err == nil && strings.HasPrefix(at, "v") && n > 0 {
		r.Version = n
		return r, nil
	}
	r.Alias = at
	return r, nil
}

// resolve finds the version that a reference names.
func resolve(ctx context.Context, c *client.Client, r ref) (track.ModelVersion, error) {
	if r.Version == 0 {
		m, err := c.Model(ctx, r.Name)
		if err != nil {
			return track.ModelVersion{}, err
		}
		if r.Alias == "" {
			return track.ModelVersion{}, fault.New(fault.Usage, "which version of %s?", r.Name).WithHint("write %s@ALIAS or %s@v7", r.Name, r.Name)
		}
		if r.Alias == "latest" { // no alias may be called so
			r.Version = m.Newest()
		} else if r.Version, err = m.Resolve(r.Alias); err != nil {
			return track.ModelVersion{}, err
		}
	}
	return c.Version(ctx, r.Name, r.Version)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // nobody puts it into a page unread
	return enc.Encode(v)
}

func newModelList(env Env) *cobra.Command {
	var o modelOptions
	cmd := &cobra.Command{
		Use: "list", Short: "List registered models", Example: "  assay model list", Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runModelList(cmd.Context(), env, o) },
	}
	o.flags(cmd)
	return cmd
}

func runModelList(ctx context.Context, env Env, o modelOptions) error {
	_, c, err := o.open(ctx, env)
	if err != nil {
		return err
	}
	models, err := c.Models(ctx)
	if err != nil || o.json {
		if err == nil {
			err = printJSON(env.Stdout, models)
		}
		return err
	}
	if len(models) == 0 {
		fmt.Fprintln(env.Stderr, "no models yet; `assay model register NAME` makes one")
		return nil
	}
	t := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MODEL\tNEWEST\tALIASES\tCHANGED")
	for _, m := range models {
		var aliases []string
		for _, a := range m.Aliases {
			aliases = append(aliases, a.Alias+" → v"+a.Version)
		}
		fmt.Fprintf(t, "%s\tv%d\t%s\t%s\n", m.Name, m.Newest(), strings.Join(aliases, ", "), when(m.Updated))
	}
	return t.Flush()
}

func when(ms int64) string { return time.UnixMilli(ms).Format("2006-01-02 15:04") }

func newModelShow(env Env) *cobra.Command {
	var o modelOptions
	cmd := &cobra.Command{
		Use: "show NAME[@ALIAS|@vN]", Short: "Show where a version came from",
		Example: "  assay model show digits@production", Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error { return runModelShow(cmd.Context(), env, o, a[0]) },
	}
	o.flags(cmd)
	return cmd
}

func runModelShow(ctx context.Context, env Env, o modelOptions, text string) error {
	r, err := parseRef(text)
	if err != nil {
		return err
	}
	_, c, err := o.open(ctx, env)
	if err != nil {
		return err
	}
	if r.Alias == "" && r.Version == 0 {
		m, err := c.Model(ctx, r.Name)
		if err != nil {
			return err
		}
		r.Version = m.Newest()
	}
	v, err := resolve(ctx, c, r)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(env.Stdout, v)
	}
	printVersion(env.Stdout, v)
	events, err := c.Events(ctx, v.Model)
	if err != nil {
		return err
	}
	for _, e := range events {
		if strings.HasPrefix(e.Kind, "alias.") || e.Kind == "policy.set" || e.Kind == "version.deployed" {
			fmt.Fprintf(env.Stdout, "%s  %s  %s  %s\n", when(e.Time), e.Kind, e.Actor.Name, e.Detail)
		}
	}
	return nil
}

func printVersion(w io.Writer, v track.ModelVersion) {
	fmt.Fprintf(w, "%s@v%d", v.Model, v.Version)
	if len(v.Aliases) > 0 {
		fmt.Fprintf(w, "  (%s)", strings.Join(v.Aliases, ", "))
	}
	fmt.Fprintf(w, "\n  run       %s\n", v.RunID)
	if o := v.Origin; o != nil {
		fmt.Fprintf(w, "  commit    %s (trained at %s)\n", o.Commit, o.RunCommit)
		if o.Change != nil {
			fmt.Fprintf(w, "  change    !%d %s, by %s  %s\n", o.Change.Number, o.Change.Title, o.Change.Author, o.Change.URL)
		}
		for _, a := range o.Approvals {
			fmt.Fprintf(w, "  approved  by %s, %s, commit %.8s\n", a.Who, when(a.At), a.Head)
		}
		for _, d := range o.Data {
			fmt.Fprintf(w, "  data      %s  sha256:%s\n", d.Path, d.SHA256)
		}
		same := "the bytes that were reviewed"
		if !o.SameBytes {
			same = "NOT the bytes that were reviewed: " + o.Reason
		}
		fmt.Fprintf(w, "  reviewed  %s\n", same)
	}
	if v.Digest != "" {
		fmt.Fprintf(w, "  digest    %s\n", v.Digest)
	}
	for _, f := range v.Files {
		fmt.Fprintf(w, "  file      %s  %d bytes  sha256:%s\n", f.Path, f.Size, f.SHA256)
	}
}

func newModelPromote(env Env) *cobra.Command {
	var o modelOptions
	var reason string
	cmd := &cobra.Command{
		Use: "promote NAME@vN ALIAS", Short: "Move an alias, such as production, to a version",
		Example: "  assay model promote digits@v7 production --reason 'best so far, approved in !12'",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, a []string) error {
			return runModelPromote(cmd.Context(), env, o, a[0], track.Promotion{Alias: a[1], Reason: reason})
		},
	}
	serverFlag(cmd, &o.server)
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that the audit trail keeps")
	return cmd
}

func runModelPromote(ctx context.Context, env Env, o modelOptions, text string, p track.Promotion) error {
	r, err := parseRef(text)
	if err != nil {
		return err
	}
	_, c, err := o.open(ctx, env)
	if err != nil {
		return err
	}
	v, err := resolve(ctx, c, r)
	if err != nil {
		return err
	}
	p.Model, p.Version = v.Model, v.Version
	if err := c.Promote(ctx, p); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: %s is now v%d\n", p.Model, p.Alias, p.Version)
	return err
}

func newModelPolicy(env Env) *cobra.Command {
	var o modelOptions
	var file string
	cmd := &cobra.Command{
		Use: "policy NAME", Short: "Show, or with --file set, what protects a model's aliases",
		Example: "  assay model policy digits\n  assay model policy digits --file policy.yaml\n\n" +
			"  # policy.yaml\n  aliases:\n    production: {approvals: 1, same_bytes: true, gates: true, reason: true}",
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error { return runModelPolicy(cmd.Context(), env, o, a[0], file) },
	}
	serverFlag(cmd, &o.server)
	cmd.Flags().StringVar(&file, "file", "", "`FILE` with the new policy")
	return cmd
}

func runModelPolicy(ctx context.Context, env Env, o modelOptions, name, file string) error {
	_, c, err := o.open(ctx, env)
	if err != nil {
		return err
	}
	if file == "" {
		p, err := c.Policy(ctx, name)
		if err != nil {
			return err
		}
		return printJSON(env.Stdout, p)
	}
	data, err := os.ReadFile(within(env.Dir, file))
	if err != nil {
		return fault.New(fault.NotFound, "reading the policy: %w", err)
	}
	aliases, err := config.ParsePolicy(file, data)
	if err != nil {
		return err
	}
	p, err := c.SetPolicy(ctx, name, api.SetPolicy{Aliases: aliases, Source: file})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: policy revision %d\n", name, p.Revision)
	return err
}
