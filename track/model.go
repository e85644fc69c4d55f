package track

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// LoggedModel is a model that a run made (MLflow 3), before any registration.
type LoggedModel struct {
	ID               string // m- and 32 hexadecimal digits
	ExperimentID     int64
	Name, Type       string
	SourceRunID      string
	Status           string // LOGGED_MODEL_PENDING, LOGGED_MODEL_READY, LOGGED_MODEL_UPLOAD_FAILED
	StatusMessage    string
	ArtifactURI      string
	Lifecycle        Lifecycle
	Created, Updated int64
	Params           []Param
	Tags             []Tag
	Metrics          []Metric // with the run they were logged in; see MetricRuns
	MetricRuns       []string // run id of each of Metrics
}

// LoggedFiles are the files of a logged model with their digests.
type LoggedFiles struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Files []File `json:"files"` // paths relative to the model
}

// LoggedModelChange is what may be changed of a logged model.
type LoggedModelChange struct {
	Status     *string
	Lifecycle  *Lifecycle
	AddParams  []Param
	SetTags    []Tag
	DeleteTags []string
}

// Model is a registered model.
type Model struct {
	Name, Description string
	Created, Updated  int64
	Tags              []Tag
	Aliases           []Alias
	Latest            []ModelVersion // newest of each stage
}

// Alias is a movable name of a version, such as production.
type Alias struct {
	Name    string
	Version int
}

// ModelChange is what may be changed of a registered model.
type ModelChange struct {
	Name        *string
	Description *string
	SetTags     []Tag
	DeleteTags  []string // a tag that is not there is ignored, as MLflow does
}

// ModelVersion is one registered version; versions count from 1.
type ModelVersion struct {
	Model           string   `json:"model"`
	Version         int      `json:"version"`
	Source          string   `json:"source"`                     // where the bytes are, as the client gave it
	StorageLocation string   `json:"storage_location,omitempty"` // resolved: where the server itself reads them
	RunID           string   `json:"run_id,omitempty"`
	RunLink         string   `json:"run_link,omitempty"`
	LoggedModelID   string   `json:"logged_model_id,omitempty"`
	Status          string   `json:"status"` // READY
	StatusMessage   string   `json:"status_message,omitempty"`
	Stage           string   `json:"stage"` // None, Staging, Production, Archived
	Description     string   `json:"description,omitempty"`
	User            string   `json:"user,omitempty"`
	Created         int64    `json:"created"`
	Updated         int64    `json:"updated"`
	Tags            []Tag    `json:"tags,omitempty"`
	Aliases         []string `json:"aliases,omitempty"`
	Files           []File   `json:"files,omitempty"`  // with digests, when registered through Assay's own command
	Origin          *Origin  `json:"origin,omitempty"` // where it came from, when known
	// Digest names all files at once (see FilesDigest); set where a version is
	// shown, from Files.
	Digest string `json:"digest,omitempty"`
}

// VersionChange is what may be changed of a version.
type VersionChange struct {
	Description *string
	Stage       *string
	// ArchiveExisting moves the other versions of the same stage to Archived.
	ArchiveExisting bool
	SetTags         []Tag
	DeleteTags      []string
}

// File is one file of a model with its digest.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // 64 hexadecimal digits
}

// FilesDigest is one digest for a set of files: the SHA-256 of the lines that
// `sha256sum` prints for them, sorted by path; "" for none.
func FilesDigest(files []File) string {
	if len(files) == 0 {
		return ""
	}
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	h := sha256.New()
	for _, f := range sorted {
		fmt.Fprintf(h, "%s  %s\n", f.SHA256, f.Path)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Deployment is word of a version that was brought, or sent on its way, to an
// environment.
type Deployment struct {
	Environment string `json:"environment"`
	Project     string `json:"project,omitempty"`  // of the application
	Pipeline    string `json:"pipeline,omitempty"` // address of what brings it
	URL         string `json:"url,omitempty"`      // where it runs
	State       string `json:"state"`              // started, running, failed
}

// Origin is what a version remembers of where it came from.
type Origin struct {
	Repo      string     `json:"repo,omitempty"`   // the remote's address, without credentials
	Root      string     `json:"root,omitempty"`   // artifact address that the files' paths are relative to
	Commit    string     `json:"commit,omitempty"` // registered at this commit
	RunCommit string     `json:"run_commit,omitempty"`
	Branch    string     `json:"branch,omitempty"`
	Change    *ChangeRef `json:"change,omitempty"`
	ReviewID  string     `json:"review,omitempty"`
	Data      []File     `json:"data,omitempty"` // inputs with digests
	Approvals []Approval `json:"approvals,omitempty"`
	SameBytes bool       `json:"same_bytes"`       // the files are those that the review showed
	Reason    string     `json:"reason,omitempty"` // why it was registered although they are not
	Actor     Actor      `json:"actor"`
}

// ChangeRef names a merge or pull request.
type ChangeRef struct {
	Project string `json:"project"` // the forge's name of the repository, e.g. team/digits-trainer
	Number  int    `json:"number"`
	Title   string `json:"title,omitempty"`
	URL     string `json:"url,omitempty"`
	Author  string `json:"author,omitempty"`
}

// Approval is one reviewer's word on one commit.
type Approval struct {
	Who  string `json:"who"`
	At   int64  `json:"at"` // Unix time in milliseconds
	Head string `json:"head"`
}

// Review is what a report showed of one change at one commit. It is written
// once; a new push makes a new review.
type Review struct {
	ID             string          `json:"id"` // SHA-256 of its content, so that a replay is the same review
	Change         *ChangeRef      `json:"change,omitempty"`
	Project        string          `json:"project"`
	Head           string          `json:"head"`
	Base           string          `json:"base,omitempty"` // merge base
	Branch         string          `json:"branch,omitempty"`
	RunID          string          `json:"run_id,omitempty"`
	BaselineRunID  string          `json:"baseline_run_id,omitempty"`
	ExperimentName string          `json:"experiment,omitempty"`
	Verdict        string          `json:"verdict"` // better, same, worse, unknown, failed
	Headline       string          `json:"headline"`
	Gates          []GateState     `json:"gates,omitempty"`
	Files          []File          `json:"files,omitempty"` // of the candidate, as shown
	TestSet        string          `json:"test_set,omitempty"`
	Document       json.RawMessage `json:"document,omitempty"`
	Created        int64           `json:"created"`
	Actor          Actor           `json:"actor"`
}

// GateState is a gate's answer as shown.
type GateState struct {
	Name  string `json:"name"`
	State string `json:"state"` // pass, warn, fail, undecided, skip
	Text  string `json:"text,omitempty"`
}

// ReviewQuery selects reviews; empty fields select all. Newest first.
type ReviewQuery struct {
	Project string
	Number  int
	Head    string
	RunID   string
	Max     int
}

// Event is one entry of the audit trail. Entries are chained: Hash covers the
// entry and the hash before it.
type Event struct {
	Seq    int64           `json:"seq"`
	Time   int64           `json:"time"`
	Actor  Actor           `json:"actor"`
	Kind   string          `json:"kind"` // version.registered, alias.moved, alias.removed, policy.set, …
	Model  string          `json:"model,omitempty"`
	Detail json.RawMessage `json:"detail,omitempty"`
	Prev   string          `json:"prev"`
	Hash   string          `json:"hash"`
}

// Policy is what the server asks before an alias of a model moves.
type Policy struct {
	Model    string                 `json:"model"`
	Aliases  map[string]AliasPolicy `json:"aliases"`
	By       Actor                  `json:"by"`
	At       int64                  `json:"at"`
	Source   string                 `json:"source,omitempty"` // file or commit it came from
	Revision int                    `json:"revision"`
}

// AliasPolicy is the policy of one protected alias.
type AliasPolicy struct {
	Approvals int  `json:"approvals" yaml:"approvals"`   // of the merge request that produced the version
	SameBytes bool `json:"same_bytes" yaml:"same_bytes"` // the files must be those reviewed
	Gates     bool `json:"gates" yaml:"gates"`           // the review's gates must have passed
	Reason    bool `json:"reason" yaml:"reason"`         // a reason must be given
}

// Registration is what `assay model register` asks for.
type Registration struct {
	Model string `json:"model"`
	RunID string `json:"run_id"`
	Root  string `json:"root"` // artifact address of the run
	// LoggedModel is the id of a model that the run logged (MLflow 3): its
	// files, which lie beside the run's, are then what is registered.
	LoggedModel string   `json:"logged_model,omitempty"`
	Paths       []string `json:"paths"`  // the model's files and folders, relative to the root; empty: all
	Origin      Origin   `json:"origin"` // SameBytes is not believed but found out
	// Expect are digests that the caller holds in its hands (empty: none): the
	// server's bytes must be these.
	Expect []File `json:"expect,omitempty"`
	// Tags are added to the version.
	Tags []Tag `json:"tags,omitempty"`
}

// Promotion asks for an alias to be moved.
type Promotion struct {
	Model   string `json:"model"`
	Alias   string `json:"alias"`
	Version int    `json:"version"`
	Reason  string `json:"reason,omitempty"`
}
