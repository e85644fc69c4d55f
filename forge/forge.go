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
	Fork        string // project of the source branch, when it is another one
	Draft       bool
	Labels      []string
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
	Own              bool   // written by whoever the driver's token belongs to
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

// Approval is a reviewer's word on a change at one head. Words that were taken
// back, or that the forge itself holds for void, are not approvals.
type Approval struct {
	Who  string
	At   int64  // Unix time in milliseconds, 0 where the forge does not say
	Head string // commit that the reviewer saw; "" where the forge does not say
}

// DeploymentState is how far a deployment has come.
type DeploymentState string

// The states of a deployment.
const (
	DeploymentRunning DeploymentState = "running"
	DeploymentSuccess DeploymentState = "success"
	DeploymentFailed  DeploymentState = "failed"
)

// Deployment is the forge's record of what was brought to an environment.
type Deployment struct {
	ID          string // empty: a new one
	Environment string
	Commit      string
	Ref         string // branch or tag of the commit
	State       DeploymentState
	Description string // one line, e.g. digits@v7
	URL         string // where it can be seen running
}

// Trigger asks for a pipeline of another project.
type Trigger struct {
	Project   string
	Ref       string            // branch or tag; empty: the default branch
	Workflow  string            // GitHub, Gitea: the workflow's file, e.g. deploy.yml
	Token     string            // GitLab: the trigger token; empty: the driver's own token
	Variables map[string]string // handed on: model name, version, digest
}

// Pipeline is what a trigger started. What the forge does not say is empty.
type Pipeline struct{ ID, URL string }

// Ability is a thing that a forge may lack.
type Ability string

// The abilities that are not everywhere.
const (
	Uploads     Ability = "uploads"
	Deployments Ability = "deployments"
	Triggers    Ability = "triggers"
	Approvals   Ability = "approvals"
	JobSummary  Ability = "job summary"
)

// Lack is an ability that a forge has not, with the reason, for people.
type Lack struct {
	Ability Ability
	Reason  string
}

// Grant says whether a token has a right.
type Grant string

// The grants that can be told.
const (
	Granted Grant = "yes"
	Refused Grant = "no"
	Unknown Grant = "unknown" // the forge does not tell without doing it
)

// Right is one thing that a token must be allowed, and whether it is.
type Right struct {
	Name  string // in the forge's words, e.g. "pull requests: write"
	For   string // what needs it, e.g. "the comment"
	Grant Grant
	Found string // what was asked and answered, e.g. "the job's token has read"
	Mend  string // what to do when it is refused
	// Optional: only who deploys or starts pipelines with this token needs it.
	Optional bool
}

// Identity is whose token a driver uses and what it may do on a project.
type Identity struct {
	Login  string // empty where the forge does not tell a job's token who it is
	Kind   string // user, bot, job
	Rights []Right
}

// NoChange is the fault of a commit that no merge request knows.
func NoChange(project, commit string) error {
	return fault.New(fault.NotFound, "no merge request of %s contains commit %.8s", project, commit)
}
