package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
)

// AssetsBranch is the orphan branch that keeps pictures where a forge has no
// place for them.
const AssetsBranch = "assay-assets"

// Branch keeps pictures on a branch of the repository itself, which shares no
// history with the others: whoever may read the repository sees them, and
// nobody else does. A picture lies under its digest, so that the same one is
// there once and none is ever another. Upload collects; Flush pushes.
type Branch struct {
	Repo    *git.Repo
	Remote  string                           // e.g. origin
	Address func(branch, path string) string // that shows a file of the branch

	entries []string // of git mktree: what is new
}

// Upload takes a picture and returns the address that shows it once it is
// pushed.
func (b *Branch) Upload(ctx context.Context, _ forge.Change, name string, r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPicture+1))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxPicture {
		return "", fault.New(fault.TooLarge, "the picture %s is larger than %d MB", name, maxPicture>>20)
	}
	sum := sha256.Sum256(data)
	dir, name := hex.EncodeToString(sum[:8]), plainName(name)
	blob, err := b.Repo.RunInput(ctx, strings.NewReader(string(data)), "hash-object", "-w", "--stdin")
	if err != nil {
		return "", fmt.Errorf("keeping %s: %w", name, err)
	}
	tree, err := b.Repo.RunInput(ctx, strings.NewReader("100644 blob "+blob+"\t"+name+"\n"), "mktree")
	if err != nil {
		return "", fmt.Errorf("keeping %s: %w", name, err)
	}
	if entry := "040000 tree " + tree + "\t" + dir; !slices.Contains(b.entries, entry) {
		b.entries = append(b.entries, entry)
	}
	return b.Address(AssetsBranch, path.Join(dir, name)), nil
}

// plainName keeps what needs no escapes in an address or in a tree.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, path.Base("/"+name))
}

// tries is how often a push is made anew that another job's came before.
const tries = 5

// Flush pushes what was collected, in one commit.
func (b *Branch) Flush(ctx context.Context) error {
	if len(b.entries) == 0 {
		return nil
	}
	var err error
	for range tries {
		var done bool
		if done, err = b.push(ctx); done {
			b.entries = nil
			return nil
		}
	}
	return fault.New(fault.Denied, "pushing the pictures to the branch %s: %w", AssetsBranch, err).
		WithHint("the job's token needs to write to the repository: contents: write")
}

// push adds the entries to the branch as it is now.
func (b *Branch) push(ctx context.Context) (bool, error) {
	ref := "refs/heads/" + AssetsBranch
	tip, err := b.Repo.Run(ctx, "ls-remote", b.Remote, ref)
	if err != nil {
		return false, err
	}
	entries, parents := b.entries, []string{}
	if tip != "" {
		if _, err := b.Repo.Run(ctx, "fetch", "-q", "--no-tags", b.Remote, ref); err != nil {
			return false, err
		}
		parent, err := b.Repo.Run(ctx, "rev-parse", "FETCH_HEAD")
		if err != nil {
			return false, err
		}
		there, err := b.Repo.Run(ctx, "ls-tree", "FETCH_HEAD")
		if err != nil {
			return false, err
		}
		all := strings.Split(there, "\n")
		entries, parents = merged(all, entries), []string{"-p", parent}
		if len(entries) == len(all) {
			return true, nil // all of it is there
		}
	}
	tree, err := b.Repo.RunInput(ctx, strings.NewReader(strings.Join(entries, "\n")+"\n"), "mktree")
	if err != nil {
		return false, err
	}
	commit, err := b.Repo.Run(ctx, append([]string{
		"-c", "user.name=assay", "-c", "user.email=assay@localhost", "commit-tree", tree, "-m", "Pictures of reports",
	}, parents...)...)
	if err != nil {
		return false, err
	}
	_, err = b.Repo.Run(ctx, "push", "-q", b.Remote, commit+":"+ref)
	return err == nil, err
}

// merged adds entries to those of a tree, each name once.
func merged(there, add []string) []string {
	out := slices.Clone(there)
	for _, e := range add {
		_, name, _ := strings.Cut(e, "\t")
		if !slices.ContainsFunc(there, func(t string) bool { return strings.HasSuffix(t, "\t"+name) }) {
			out = append(out, e)
		}
	}
	return out
}

// GitHubAddress shows a file of a branch to whoever may read the repository at
// server, private ones included.
func GitHubAddress(server, project string) func(branch, path string) string {
	return func(branch, file string) string {
		return strings.TrimRight(server, "/") + "/" + project + "/blob/" + url.PathEscape(branch) + "/" + file + "?raw=true"
	}
}
