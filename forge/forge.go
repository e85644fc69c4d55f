// Package forge speaks of what a forge has – changes (merge or pull requests),
// comments, checks, uploads, approvals – as plain types, and finds out from the
// environment on which forge and for which change a CI job runs. Drivers live
// in its sub-folders; who calls one declares the interface it needs. It sends
// nothing itself.
package forge

import "github.com/assay-ml/assay/fault"

// State is the state of a change.
type State string

// The states of a change.
const (
	Open   State = "open"
	Merged State = "merged"
	Closed State = "closed"
)

// Change is a merge or pull request.
type Change struct {
	Project     string // the forge's name of the repository, e.g. team/digits-trainer
	Number      int
	Title, Body string
	Author      string
	Source      string // branch that it brings
	Target      string // branch that it goes to
	Head        string // commit at the tip of the source
	MergeCommit string // on the target, once merged (of a squash or rebase: the last one)
	State       State
	URL         string
}

// Comment is a note on a change.
type Comment struct {
	ID               string
	Author           string
	Body             string // Markdown
	Created, Updated int64  // Unix time in milliseconds
	URL              string
}

// CheckState is the colour of a check.
type CheckState string

// The states of a check.
const (
	Pending CheckState = "pending"
	Success CheckState = "success"
	Failure CheckState = "failure"
	Neutral CheckState = "neutral" // neither: could not tell, nothing to do
)

// Check is the status of a commit.
type Check struct {
	Name    string // a new one of the same name on the same commit replaces the old
	State   CheckState
	Summary string // one line
	URL     string
}

// Approval is a reviewer's word on a change at one head.
type Approval struct {
	Who  string
	At   int64 // Unix time in milliseconds
	Head string
}

// NoChange is the fault of a commit that no merge request knows.
func NoChange(project, commit string) error {
	return fault.New(fault.NotFound, "no merge request of %s contains commit %.8s", project, commit)
}
