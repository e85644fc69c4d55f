package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/demo/digits"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/local"
	"github.com/assay-ml/assay/git"
	"github.com/assay-ml/assay/track"
)

// configText is the trainer's assay.yaml.
const configText = `# What matters in this project; every key is explained in docs/configuration.md.
experiment: digits
files:
  metrics: [metrics.json]
  params: [params.yaml]
  model: [model.onnx]
  data: [data/digits.csv]
examples: {file: predictions.csv}
metrics:
  accuracy: {goal: max, tolerance: 0.005, not_worse_by: 0.003}
  loss: {goal: min}
curves: [val_accuracy]
gate: {worse: fail, unknown: pass}
models:
  digits:
    aliases:
      production: {approvals: 1, same_bytes: true, gates: true, reason: true}
`

// Tell tells the story from the first commit to production.
func (d *Demo) Tell(ctx context.Context) error {
	for _, step := range []func(context.Context) error{d.setUp, d.baseline, d.better, d.production, d.worse, d.cannotTell} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// setUp makes the two repositories and puts this program on the jobs' PATH.
func (d *Demo) setUp(ctx context.Context) error {
	d.say("Two repositories on a small forge, and a server: %s", d.o.Dir)
	bin := filepath.Join(d.o.Dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	link := filepath.Join(bin, "assay")
	if _, err := os.Lstat(link); err != nil {
		if err := os.Symlink(d.o.Binary, link); err != nil {
			return fmt.Errorf("putting assay on the path: %w", err)
		}
	}
	var err error
	if d.trainer, err = d.clone(ctx, projectName); err != nil {
		return err
	}
	d.appRepo, err = d.clone(ctx, "digits-app")
	return err
}

func (d *Demo) clone(ctx context.Context, name string) (*git.Repo, error) {
	bare, err := d.forge.CreateProject(ctx, name)
	if err != nil {
		return nil, err
	}
	at := &git.Repo{Dir: d.o.Dir}
	if err := quietGit(ctx, at, "clone", "-q", bare, name); err != nil {
		return nil, err
	}
	repo := &git.Repo{Dir: filepath.Join(d.o.Dir, name)}
	return repo, quietGit(ctx, repo, "symbolic-ref", "HEAD", "refs/heads/main")
}

func (d *Demo) baseline(ctx context.Context) error {
	d.chapter(1, "Baseline: a digit classifier on main")
	data, err := digits.CSV()
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		paramsFile: digits.Baseline().Params.YAML(), "assay.yaml": configText, dataFile: string(data),
		"data/LICENSE.md": digits.License(),
		".gitignore":      "metrics.json\npredictions.csv\nmodel.onnx\nreport.md\nreport_files/\n",
	} {
		path := filepath.Join(d.trainer.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := quietGit(ctx, d.trainer, "add", "-A"); err != nil {
		return err
	}
	if err := d.git(ctx, d.trainer, "commit", "-q", "-m", "A classifier with eight hidden units"); err != nil {
		return err
	}
	if err := d.git(ctx, d.trainer, "push", "-q", "origin", "HEAD:main"); err != nil {
		return err
	}
	return d.assay(ctx, d.trainer.Dir, "ada", 0, true, "run", "--", "assay", "demo", "train")
}

// proposal opens a merge request that changes one parameter, and runs its pipeline.
func (d *Demo) proposal(ctx context.Context, branch, title string, p digits.Params, wantCheck int) (forge.Change, error) {
	var none forge.Change
	for _, args := range [][]string{{"fetch", "-q", "origin"}, {"checkout", "-q", "-B", branch, "origin/main"}} {
		if err := quietGit(ctx, d.trainer, args...); err != nil {
			return none, err
		}
	}
	if err := os.WriteFile(filepath.Join(d.trainer.Dir, paramsFile), []byte(p.YAML()), 0o644); err != nil {
		return none, err
	}
	if err := d.git(ctx, d.trainer, "commit", "-q", "-a", "-m", title); err != nil {
		return none, err
	}
	if err := d.git(ctx, d.trainer, "push", "-q", "origin", branch); err != nil {
		return none, err
	}
	c, err := d.forge.OpenChange(ctx, projectName, forge.Change{Title: title, Author: "ada", Source: branch})
	if err != nil {
		return none, err
	}
	d.say("   merge request !%d opened by ada; its pipeline:", c.Number)
	if err := d.assay(ctx, d.trainer.Dir, "ada", 0, false, "run", "--", "assay", "demo", "train"); err != nil {
		return c, err
	}
	if err := d.assay(ctx, d.trainer.Dir, "ada", 0, false, "report", "-o", "report.md"); err != nil {
		return c, err
	}
	if err := d.assay(ctx, d.trainer.Dir, "ada", 0, false, "comment", "report.md"); err != nil {
		return c, err
	}
	if err := d.assay(ctx, d.trainer.Dir, "ada", wantCheck, false, "check"); err != nil {
		return c, err
	}
	return c, d.showComment()
}

// showComment prints the first lines of the comment: the product's face.
func (d *Demo) showComment() error {
	text, err := os.ReadFile(filepath.Join(d.trainer.Dir, "report.md"))
	if err != nil {
		return err
	}
	lines := strings.Split(string(text), "\n")
	n := 0
	for _, l := range lines {
		if l == "" || strings.HasPrefix(l, "<!--") {
			continue
		}
		if n == 2 {
			break
		}
		for _, w := range wrap(strings.TrimPrefix(l, "### "), 100) {
			d.say("   │ %s", w)
		}
		n++
	}
	return nil
}

func wrap(s string, width int) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && len([]rune(line))+1+len([]rune(w)) > width {
			out, line = append(out, line), ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	return append(out, line)
}

func (d *Demo) better(ctx context.Context) error {
	d.chapter(2, "Candidate: a merge request that is better")
	c, err := d.proposal(ctx, "wider", "More hidden units: 8 → 64", digits.Better().Params, 0)
	if err != nil {
		return err
	}
	d.say("   grace reads the comment, approves and merges")
	if err := d.forge.Approve(ctx, projectName, c.Number, "grace"); err != nil {
		return err
	}
	if _, err := d.forge.Merge(ctx, projectName, c.Number, "grace", local.MergeCommit); err != nil {
		return err
	}
	d.pages.Forge = c.URL
	return nil
}

func (d *Demo) production(ctx context.Context) error {
	d.chapter(3, "Registering and promoting: exactly the bytes that were reviewed")
	for _, args := range [][]string{{"checkout", "-q", "-B", "main", "origin/main"}, {"pull", "-q", "--ff-only", "origin", "main"}} {
		if err := quietGit(ctx, d.trainer, args...); err != nil {
			return err
		}
	}
	if err := d.assay(ctx, d.trainer.Dir, "ci", 0, true, "model", "register", "digits"); err != nil {
		return err
	}
	if err := d.assay(ctx, d.trainer.Dir, "grace", 0, true, "model", "promote", "digits@v1", "production", "--reason", "better by far, approved in !1"); err != nil {
		return err
	}
	d.chapter(4, "Pulling: the application's repository gets exactly that version")
	if err := d.assay(ctx, d.appRepo.Dir, "app", 0, true, "model", "pull", "digits@production", "-o", "model"); err != nil {
		return err
	}
	dir := filepath.Join(d.appRepo.Dir, "model")
	data, err := os.ReadFile(filepath.Join(dir, "assay-model.json"))
	if err != nil {
		return err
	}
	var v track.ModelVersion
	if err := json.Unmarshal(data, &v); err != nil || v.Origin == nil || len(v.Files) == 0 {
		return fault.New(fault.Internal, "the pulled version says nothing of where it came from")
	}
	d.pages.Run = d.server + "/runs/" + v.RunID
	d.pages.Model = d.server + "/models/" + v.Model + "/versions/" + strconv.Itoa(v.Version)
	return d.serveModel(dir, digits.ModelInfo{
		Name: v.Model, Version: strconv.Itoa(v.Version), Digest: v.Files[0].SHA256, Commit: v.Origin.RunCommit,
		RunName: v.RunID[:min(len(v.RunID), 8)], RunURL: d.pages.Run,
	})
}

func (d *Demo) worse(ctx context.Context) error {
	d.chapter(5, "A merge request that is worse is held by its gate")
	c, err := d.proposal(ctx, "hasty", "Learn faster: learning rate 0.02 → 0.3", digits.Worse().Params, 1)
	if err != nil {
		return err
	}
	if _, err := d.forge.Merge(ctx, projectName, c.Number, "ada", local.MergeCommit); !fault.Is(err, fault.Denied) {
		return fault.New(fault.Internal, "the forge merged what its check had failed: %v", err)
	}
	d.say("   the forge refuses to merge it")
	return nil
}

func (d *Demo) cannotTell(ctx context.Context) error {
	d.chapter(6, "A merge request that is too close to tell")
	_, err := d.proposal(ctx, "wider-still", "Even more hidden units: 64 → 80", digits.Close().Params, 0)
	return err
}
