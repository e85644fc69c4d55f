package assay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/client"
)

type pullOptions struct {
	modelOptions
	out, digest string
}

func newModelPull(env Env) *cobra.Command {
	var o pullOptions
	cmd := &cobra.Command{
		Use: "pull NAME@ALIAS|NAME@vN", Short: "Fetch exactly one version and verify every file",
		Example: "  assay model pull digits@production -o model", Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, a []string) error { return runModelPull(cmd.Context(), env, o, a[0]) },
	}
	o.flags(cmd)
	cmd.Flags().StringVarP(&o.out, "output", "o", "", "`DIR` to put the files in (default: the model's name)")
	cmd.Flags().StringVar(&o.digest, "digest", "", "refuse any other version's files than those with `SHA256` (see `assay model show`)")
	return cmd
}

// pulledFile names the record that pull leaves beside the files.
const pulledFile = "assay-model.json"

func runModelPull(ctx context.Context, env Env, o pullOptions, text string) error {
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
	if len(v.Files) == 0 {
		return fault.New(fault.Unsupported, "%s version %d was not registered with digests, so it cannot be verified", v.Model, v.Version).
			WithHint("register it with `assay model register %s`", v.Model)
	}
	if have := track.FilesDigest(v.Files); o.digest != "" && strings.TrimPrefix(o.digest, "sha256:") != strings.TrimPrefix(have, "sha256:") {
		return fault.New(fault.Failed, "%s version %d has the digest %s, not %s", v.Model, v.Version, have, o.digest).
			WithHint("whoever asked for this version meant other files: do not use these")
	}
	if o.out == "" {
		o.out = v.Model
	}
	if err := pull(ctx, c, v, within(env.Dir, o.out)); err != nil {
		return err
	}
	if o.json {
		return printJSON(env.Stdout, v)
	}
	_, err = fmt.Fprintf(env.Stdout, "%s@v%d: %d file%s in %s, verified\n", v.Model, v.Version, len(v.Files), plural(len(v.Files)), o.out)
	return err
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// pull fetches all files beside dir, verifies them, and puts them in place
// together with the record of where they came from.
func pull(ctx context.Context, c *client.Client, v track.ModelVersion, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fault.New(fault.Unavailable, "making %s: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range v.Files {
		if err := pullFile(ctx, c, v, f, root); err != nil {
			return err
		}
	}
	record, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeNew(root, pulledFile, strings.NewReader(string(record)+"\n"), nil)
}

func pullFile(ctx context.Context, c *client.Client, v track.ModelVersion, f track.File, root *os.Root) error {
	name, err := track.CleanPath(f.Path)
	if err != nil {
		return err
	}
	if have, err := root.Open(name); err == nil {
		h := sha256.New()
		_, err := io.Copy(h, have)
		have.Close()
		if err == nil && hex.EncodeToString(h.Sum(nil)) == f.SHA256 {
			return nil // it is there already
		}
	}
	body, err := c.Download(ctx, v, f.Path)
	if err != nil {
		return err
	}
	defer body.Close()
	return writeNew(root, name, io.LimitReader(body, f.Size+1), &f)
}

// writeNew writes a file beside its place, checks its digest if one is wanted,
// and renames it: a file that does not verify never appears.
func writeNew(root *os.Root, name string, r io.Reader, want *track.File) error {
	if dir := path.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return fault.New(fault.Unavailable, "making %s: %w", dir, err)
		}
	}
	tmp := name + ".assay-new"
	file, err := root.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return fault.New(fault.Unavailable, "writing %s: %w", name, err)
	}
	defer root.Remove(tmp) //nolint:errcheck // gone after the rename
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, h), r)
	if err == nil {
		err = file.Sync()
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fault.New(fault.Unavailable, "writing %s: %w", name, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); want != nil && got != want.SHA256 {
		return fault.New(fault.Failed, "%s does not verify: its digest is sha256:%s, the version says sha256:%s", name, got, want.SHA256).
			WithHint("the server's copy was changed; do not use it")
	}
	return root.Rename(tmp, name)
}

// within resolves a path that a user typed against the working directory.
func within(dir, p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(dir, p)
}
