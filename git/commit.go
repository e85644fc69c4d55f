package git

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
)

// Head returns the commit that is checked out. A repository without commits
// is a NotFound fault.
func (r *Repo) Head(ctx context.Context) (string, error) {
	sha, err := r.Run(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if err != nil {
		if fault.Is(err, fault.Interrupted) {
			return "", err
		}
		return "", fault.New(fault.NotFound, "the repository %s has no commits yet", r.Dir).
			WithHint("commit something first: `git add -A && git commit -m 'first'`")
	}
	return sha, nil
}

// Resolve returns the commit that rev names, or a NotFound fault.
func (r *Repo) Resolve(ctx context.Context, rev string) (string, error) {
	if rev == "" || strings.HasPrefix(rev, "-") {
		return "", fault.New(fault.Invalid, "%q is not a revision", rev)
	}
	sha, err := r.Run(ctx, "rev-parse", "--verify", "--quiet", rev+"^{commit}")
	if err != nil {
		return "", fault.New(fault.NotFound, "revision %s was not found in %s", rev, r.Dir)
	}
	return sha, nil
}

// Tree returns the id of a commit's tree: commits with the same files share it.
func (r *Repo) Tree(ctx context.Context, commit string) (string, error) {
	return r.Run(ctx, "rev-parse", "--verify", "--quiet", commit+"^{tree}")
}

// Branch returns the short name of the branch that is checked out, empty when
// the head is detached, as in most CI jobs.
func (r *Repo) Branch(ctx context.Context) string {
	b, err := r.Run(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if err != nil {
		return ""
	}
	return b
}

// Commit is what a commit says of itself.
type Commit struct {
	SHA, Author, Email, Subject string
	At                          time.Time // committed
	Parents                     []string
}

// Show reads a commit.
func (r *Repo) Show(ctx context.Context, commit string) (Commit, error) {
	out, err := r.Run(ctx, "show", "-s", "--format=%H%x00%an%x00%ae%x00%s%x00%ct%x00%P", commit)
	if err != nil {
		return Commit{}, err
	}
	f := strings.Split(out, "\x00")
	if len(f) != 6 {
		return Commit{}, fault.New(fault.Internal, "git show printed %d fields for %s", len(f), commit)
	}
	sec, _ := strconv.ParseInt(f[4], 10, 64)
	return Commit{
		SHA: f[0], Author: f[1], Email: f[2], Subject: f[3],
		At: time.Unix(sec, 0), Parents: strings.Fields(f[5]),
	}, nil
}

// Shallow reports whether history was cut, as `git clone --depth` does.
func (r *Repo) Shallow(ctx context.Context) bool {
	s, err := r.Run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && s == "true"
}

// MergeBase returns the best common ancestor of two commits. In a shallow
// clone, where it may be cut off, the fault says how to fetch it.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (string, error) {
	sha, err := r.Run(ctx, "merge-base", a, b)
	if err == nil {
		return sha, nil
	}
	if r.Shallow(ctx) {
		return "", fault.New(fault.NotFound, "the common ancestor of %s and %s is not in this shallow clone", short(a), short(b)).
			WithHint("fetch the history: `git fetch --unshallow`, or set GIT_DEPTH: 0 (GitLab), fetch-depth: 0 (GitHub, Gitea)")
	}
	return "", fault.New(fault.NotFound, "%s and %s have no common ancestor", short(a), short(b))
}

func short(s string) string {
	if len(s) > 8 {
		return s[:8]
	}
	return s
}

// InputsDigest names the contents of some files and folders at a revision, so
// that two revisions in which they are equal have the same name; "" if none of
// them is there.
func (r *Repo) InputsDigest(ctx context.Context, rev string, paths []string) (string, error) {
	out, err := r.Run(ctx, append([]string{"ls-tree", "-r", "-z", "--full-tree", rev, "--"}, paths...)...)
	if err != nil || out == "" {
		return "", err
	}
	sum := sha256.Sum256([]byte(out))
	return "inputs:" + hex.EncodeToString(sum[:]), nil
}

// FileAt returns a file of a revision, or a NotFound fault.
func (r *Repo) FileAt(ctx context.Context, rev, path string) ([]byte, error) {
	b, err := output(ctx, r.Dir, nil, "cat-file", "blob", rev+":"+path)
	if err != nil {
		if fault.Is(err, fault.Unavailable) {
			return nil, fault.New(fault.NotFound, "%s is not in %s", path, short(rev))
		}
		return nil, err
	}
	return b, nil
}

// Changed lists the paths that differ between two commits.
func (r *Repo) Changed(ctx context.Context, a, b string) ([]string, error) {
	out, err := r.Run(ctx, "diff", "--name-only", "-z", "--no-renames", a, b)
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(strings.TrimRight(out, "\x00"), "\x00"), nil
}

// Dirty returns the patch of the tracked files that differ from HEAD, empty
// when none does, and the untracked paths that git does not ignore.
func (r *Repo) Dirty(ctx context.Context) (patch string, untracked []string, err error) {
	raw, err := output(ctx, r.Dir, nil, "diff", "HEAD", "--binary", "--no-ext-diff", "--no-textconv")
	if err != nil {
		return "", nil, err
	}
	patch = string(raw) // with its last line end, or `git apply` refuses it
	out, err := r.Run(ctx, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil || out == "" {
		return patch, nil, err
	}
	return patch, strings.Split(strings.TrimRight(out, "\x00"), "\x00"), nil
}

// Remote returns the address of a remote without credentials, empty when there
// is none by that name.
func (r *Repo) Remote(ctx context.Context, name string) string {
	out, err := r.Run(ctx, "remote", "get-url", name)
	if err != nil {
		return ""
	}
	return Redact(out)
}

// Redact cuts user and password out of an address.
func Redact(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User == nil {
		return address
	}
	u.User = nil
	return u.String()
}
