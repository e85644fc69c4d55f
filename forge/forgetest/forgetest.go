// Package forgetest is the one suite that every driver of a forge passes, on a
// real forge where one can be run, else on a double that is checked against
// the forge's published description. What a forge lacks, its driver declares;
// the suite skips it with that reason.
package forgetest

import (
	"context"
	"io"
	"testing"

	"github.com/assay-ml/assay/forge"
)

// Forge is what a driver can do. The packages that use a driver declare what
// they need of this.
type Forge interface {
	// Change returns a merge request; NotFound if there is none.
	Change(ctx context.Context, project string, number int) (forge.Change, error)
	// ChangeOfCommit finds the merge request of a commit: of the head of its
	// source, or of what merging it – by merge, squash or rebase – left on the
	// target. forge.NoChange if there is none.
	ChangeOfCommit(ctx context.Context, project, commit string) (forge.Change, error)
	// OpenChange opens a merge request of a pushed branch: Title, Body, Source,
	// Target, Draft, Labels. Exists if there is an open one of that branch.
	OpenChange(ctx context.Context, project string, c forge.Change) (forge.Change, error)
	// Comments lists all comments, oldest first.
	Comments(ctx context.Context, c forge.Change) ([]forge.Comment, error)
	CreateComment(ctx context.Context, c forge.Change, body string) (forge.Comment, error)
	// EditComment replaces the text of a comment; Denied if it is another's.
	EditComment(ctx context.Context, c forge.Change, id, body string) (forge.Comment, error)
	// DeleteComment takes a comment away; Denied if it is another's.
	DeleteComment(ctx context.Context, c forge.Change, id string) error
	// Upload keeps a picture and returns the address by which a comment on c
	// shows it. Unsupported where the forge has no such thing.
	Upload(ctx context.Context, c forge.Change, name string, r io.Reader) (string, error)
	SetCheck(ctx context.Context, project, commit string, check forge.Check) error
	// Checks lists the newest check of each name.
	Checks(ctx context.Context, project, commit string) ([]forge.Check, error)
	// Approvals lists who approves, with the head that each saw.
	Approvals(ctx context.Context, c forge.Change) ([]forge.Approval, error)
	// Deploy makes (no ID) or updates a deployment's record.
	Deploy(ctx context.Context, project string, d forge.Deployment) (forge.Deployment, error)
	// Trigger starts a pipeline.
	Trigger(ctx context.Context, t forge.Trigger) (forge.Pipeline, error)
	// Identity asks, harmlessly, who we are and what we may do.
	Identity(ctx context.Context, project string) (forge.Identity, error)
	// Lacks lists what this forge has not.
	Lacks() []forge.Lack
	// MaxComment is the longest comment, in characters.
	MaxComment() int
}

// Way is a way of merging.
type Way string

// The ways of merging.
const (
	Merge  Way = "merge"
	Squash Way = "squash"
	Rebase Way = "rebase"
)

// Place is a forge with a project on it and people who act as people do, not
// through the driver.
type Place struct {
	Forge   Forge
	Project string // it has a branch main with a commit
	// Push makes a commit on a branch (made from main if it is new) and returns it.
	Push func(t *testing.T, branch, file, text string) string
	// Tip returns the commit of a branch.
	Tip func(t *testing.T, branch string) string
	// Approve says yes to the head as it is now, as a person who is not the
	// driver's, and returns that person's name.
	Approve func(t *testing.T, c forge.Change) string
	// TakeBack takes that person's approval back; nil where the forge cannot.
	TakeBack func(t *testing.T, c forge.Change)
	// Merge merges as a person does.
	Merge func(t *testing.T, c forge.Change, way Way)
	// Other is a driver with another person's token.
	Other Forge
	// Stranger is a driver whose token the forge does not accept; nil where
	// there are no tokens.
	Stranger Forge
	// Fetch reads what an uploaded picture's address shows, as a browser that
	// is logged in would.
	Fetch func(t *testing.T, address string) []byte
	// DownstreamWorkflow is a workflow's file that Trigger may start on main.
	DownstreamWorkflow string
	// Triggered lists the variables of the pipelines that were started.
	Triggered func(t *testing.T) []map[string]string
}

// Run runs the suite; place makes a fresh project each time.
func Run(t *testing.T, place func(t *testing.T) *Place) {
	for name, test := range map[string]func(*testing.T, *Place){
		"Change":          changes,
		"ChangeOfCommit":  changeOfCommit,
		"OpenTwice":       openTwice,
		"Comments":        comments,
		"ManyComments":    manyComments,
		"OthersComment":   othersComment,
		"HostileText":     hostileText,
		"LongComment":     longComment,
		"Uploads":         uploads,
		"Checks":          checks,
		"Approvals":       approvals,
		"PushVoids":       pushVoids,
		"Deployments":     deployments,
		"Trigger":         trigger,
		"Identity":        identity,
		"NoRights":        noRights,
		"NothingToFind":   nothingToFind,
		"MergeCommitWays": mergeWays,
	} {
		t.Run(name, func(t *testing.T) { test(t, place(t)) })
	}
}

// has skips a test of what the forge lacks, with the driver's own reason.
func (p *Place) has(t *testing.T, a forge.Ability) {
	t.Helper()
	for _, l := range p.Forge.Lacks() {
		if l.Ability == a {
			t.Skipf("no %s: %s", a, l.Reason)
		}
	}
}

// open pushes a branch and opens its merge request.
func (p *Place) open(t *testing.T, branch string) forge.Change {
	t.Helper()
	p.Push(t, branch, "params.yaml", "hidden: 64 # "+branch+"\n")
	c, err := p.Forge.OpenChange(t.Context(), p.Project, forge.Change{Title: "Wider net", Body: "more units", Source: branch, Target: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
