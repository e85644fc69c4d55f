package cml

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
)

// assetOptions are those of `cml asset publish`.
type assetOptions struct {
	asset    string
	url      string
	md       bool
	title    string
	native   bool
	uploads  bool
	mime     string
	file     string
	unmarked bool
}

func newAsset(s *session) *cobra.Command {
	c := group("asset", "Manage assets", assetCommand(s, "publish <asset>", "Publish an asset", ""))
	c.Hidden = true
	return c
}

func newPublish(s *session) *cobra.Command {
	c := assetCommand(s, "publish <asset>", "", `"cml publish" is deprecated since "cml comment" now supports "![inline](./asset.png)"`)
	c.Hidden = true
	return c
}

func assetCommand(s *session, use, short, outdated string) *cobra.Command {
	o := &assetOptions{}
	c := &cobra.Command{
		Use: use, Short: short, Args: one,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.fromEnviron(cmd, "ASSET"); err != nil {
				return err
			}
			if outdated != "" {
				s.outdated(outdated)
			}
			if o.uploads {
				s.log.warn("--gitlab-uploads will be deprecated soon, use --native instead")
				o.native = true
			}
			o.asset = args[0]
			return s.runAsset(cmd.Context(), *o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.url, "url", "", "self-hosted store of files (default: the forge's own)")
	f.BoolVar(&o.md, "md", false, "output in Markdown: ![](url \"title\") or [title](url)")
	f.StringVarP(&o.title, "title", "t", "", "Markdown title")
	f.BoolVar(&o.native, "native", false, "keep the file with the forge even if there is a store")
	f.BoolVar(&o.uploads, "gitlab-uploads", false, "the same")
	f.BoolVar(&o.unmarked, "rm-watermark", false, "leave out the mark in a store's address")
	f.StringVar(&o.mime, "mime-type", "", "MIME type (default: infer from the file contents)")
	f.StringVarP(&o.file, "file", "f", "", "append the output to a file instead of printing it")
	for _, name := range []string{"gitlab-uploads", "file", "rm-watermark"} {
		if err := f.MarkHidden(name); err != nil {
			panic("cml: " + err.Error()) // the option is defined above
		}
	}
	return c
}

func (s *session) runAsset(ctx context.Context, o assetOptions) error {
	data, err := s.read(o.asset)
	if err != nil {
		return err
	}
	k, err := s.assetKeeper(ctx, o)
	if err != nil {
		return err
	}
	name := filepath.Base(o.asset)
	kind := o.mime
	if kind == "" {
		kind = sniff(name, data)
	}
	address, err := k.keep(ctx, name, kind, data)
	if fault.Is(err, fault.Unsupported) {
		return noStore(err)
	}
	if err != nil {
		return err
	}
	out := address
	if o.md {
		out = markdown(address, o.title, name, kind)
	}
	if o.file == "" {
		_, err = fmt.Fprintln(s.env.Stdout, out)
		return err
	}
	f, err := os.OpenFile(s.path(o.file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("appending to %s: %w", o.file, err)
	}
	_, err = fmt.Fprintln(f, out)
	return errors.Join(err, f.Close())
}

// assetKeeper opens the forge only if the file goes there, and looks for a
// merge request only where files belong to one.
func (s *session) assetKeeper(ctx context.Context, o assetOptions) (*keeper, error) {
	so := storeOptions{url: o.url, native: o.native, unmarked: o.unmarked}
	if s.storeOf(so) != "" {
		return s.keeper(nil, forge.Change{}, so)
	}
	p, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	c := forge.Change{Project: p.job.Project}
	if p.job.Kind == forge.Gitea {
		if c, err = p.target(ctx, "pr"); err != nil {
			return nil, err
		}
	}
	return s.keeper(p, c, so)
}

// noStore says what to do on a forge that keeps no files.
func noStore(err error) error {
	return fault.New(fault.Unsupported, "%s, and no store is named: %w", err, err).
		WithHint("name one that speaks CML's protocol: --url, --publish-url or CML_ASSET_URL")
}

// maxFile bounds what is read into memory.
const maxFile = 256 << 20

func (s *session) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.env.Dir, name)
}

// read reads a file that the user named.
func (s *session) read(name string) (string, error) {
	f, err := os.Open(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.New(fault.NotFound, "ENOENT: no such file or directory, open '%s'", name)
	}
	if err != nil {
		return "", fault.New(fault.Invalid, "reading %s: %w", name, err)
	}
	defer f.Close()
	return readAll(f, name)
}

func readAll(f *os.File, name string) (string, error) {
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return "", fault.New(fault.Invalid, "reading %s: %w", name, err)
	case len(data) > maxFile:
		return "", fault.New(fault.TooLarge, "%s is larger than %d MB", name, maxFile>>20)
	}
	return string(data), nil
}
