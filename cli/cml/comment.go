package cml

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/review/publish"
)

// commentOptions are those of `cml comment create` and `update`.
type commentOptions struct {
	file       string
	target     string
	pr         bool
	commit     string
	watch      bool
	trigger    string
	publish    bool
	publishURL string
	native     bool
	update     bool
	unmarked   bool
	title      string
}

func newComment(s *session) *cobra.Command {
	return group("comment", "Manage comments",
		commentCommand(s, "create <markdown file>", "Create a comment", "", false),
		commentCommand(s, "update <markdown file>", "Update a comment", "", true))
}

func newSendComment(s *session) *cobra.Command {
	c := commentCommand(s, "send-comment <markdown file>", "", `"cml send-comment" is deprecated, please use "cml comment create"`, false)
	c.Hidden = true
	return c
}

func commentCommand(s *session, use, short, outdated string, update bool) *cobra.Command {
	o := &commentOptions{}
	c := &cobra.Command{
		Use: use, Short: short, Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.fromEnviron(cmd, "COMMENT"); err != nil {
				return err
			}
			if outdated != "" {
				s.outdated(outdated)
			}
			o.file, o.update = args[0], o.update || update
			return s.runComment(cmd.Context(), *o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.target, "target", "", "comment type (pr, pr/42); default is automatic")
	f.BoolVar(&o.pr, "pr", false, "post to the merge request of the commit")
	f.StringVar(&o.commit, "commit-sha", "", "commit linked to this comment")
	f.BoolVar(&o.watch, "watch", false, "watch for changes and automatically update the comment")
	f.StringVar(&o.trigger, "trigger-file", "", "file used to trigger the watcher")
	f.BoolVar(&o.publish, "publish", true, "upload any local files that the report shows or links")
	f.StringVar(&o.publishURL, "publish-url", "", "self-hosted store of files (default: the forge's own)")
	f.BoolVar(&o.native, "native", false, "keep files with the forge even if there is a store")
	f.BoolVar(&o.update, "update", false, "update the last comment (if any) instead of creating a new one")
	f.BoolVar(&o.unmarked, "rm-watermark", false, "leave out the watermark, by which the comment is found again")
	f.StringVar(&o.title, "watermark-title", "", `hidden comment marker for "update"; {workflow} and {run} are replaced`)
	for _, name := range []string{"pr", "commit-sha", "trigger-file", "update", "rm-watermark"} {
		if err := f.MarkHidden(name); err != nil {
			panic("cml: " + err.Error()) // the option is defined above
		}
	}
	return c
}

// check refuses what does not go together.
func (o commentOptions) check() error {
	switch {
	case o.target != "" && o.pr, o.target != "" && o.commit != "", o.pr && o.commit != "":
		return usageError{"Arguments target, pr and commit-sha are mutually exclusive"}
	case o.unmarked && o.title != "":
		return usageError{"Arguments watermark-title and rm-watermark are mutually exclusive"}
	case o.unmarked && o.update:
		return fault.New(fault.Usage, "watermarks are mandatory for updatable comments")
	case o.watch || o.trigger != "":
		return fault.New(fault.Unsupported, "--watch is not offered yet").WithHint("run `cml comment update` after each step")
	}
	return nil
}

func (s *session) runComment(ctx context.Context, o commentOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	switch {
	case o.commit != "":
		s.outdated(`Deprecation warning: use --target="commit/<sha>" instead of --commit-sha=<sha>`)
		o.target = "commit/" + o.commit
	case o.pr:
		s.outdated("Deprecation warning: use --target=pr instead of --pr")
		o.target = "pr"
	case o.target == "":
		o.target = "auto"
	}
	text, err := s.read(o.file)
	if err != nil {
		return err
	}
	p, err := s.open(ctx)
	if err != nil {
		return err
	}
	c, err := p.target(ctx, o.target)
	if err != nil {
		return err
	}
	if o.publish {
		k, err := s.keeper(p, c, storeOptions{url: o.publishURL, native: o.native})
		if err != nil {
			return err
		}
		if text, err = k.files(ctx, text, filepath.Dir(s.path(o.file))); err != nil {
			return err
		}
	}
	m, err := p.post(ctx, c, o, text)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.env.Stdout, m.URL)
	return err
}

// post creates the comment, or updates our last one with the same mark.
func (p *place) post(ctx context.Context, c forge.Change, o commentOptions, text string) (forge.Comment, error) {
	if o.unmarked {
		return p.forge.CreateComment(ctx, c, publish.Fit(text, p.forge.MaxComment()))
	}
	commit, err := p.commit(ctx)
	if err != nil {
		p.s.log.warn("Failed to obtain SHA. Perhaps not in the correct git folder")
	}
	mark := p.watermark(o.title, commit)
	end := "\n\n" + mark.String() + "\n"
	body := publish.Fit(strings.TrimRight(text, "\r\n"), p.forge.MaxComment()-utf8.RuneCountInString(end)) + end
	if !o.update {
		return p.forge.CreateComment(ctx, c, body)
	}
	all, err := p.forge.Comments(ctx, c)
	if err != nil {
		return forge.Comment{}, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if !all[i].Own || !mark.in(all[i].Body) {
			continue
		}
		m, err := p.forge.EditComment(ctx, c, all[i].ID, body)
		if !fault.Is(err, fault.Denied) { // else it was another job's, under the same name
			return m, err
		}
	}
	return p.forge.CreateComment(ctx, c, body)
}
