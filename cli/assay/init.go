package assay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/params"
)

type initOptions struct{ kind string }

func newInit(env Env) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a commented assay.yaml and a CI file",
		Long: "Write a commented assay.yaml, with the metrics, params and model files that are there, and a CI file\n" +
			"for the forge of the remote `origin`. Files that exist are left as they are.",
		Example: "  assay init\n  assay init --forge gitlab",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runInit(cmd.Context(), env, o) },
	}
	cmd.Flags().StringVar(&o.kind, "forge", "", "`KIND`: gitlab, github or gitea (default: from the remote's address)")
	return cmd
}

func runInit(ctx context.Context, env Env, o initOptions) error {
	p, err := findProject(ctx, env, true)
	if err != nil {
		return err
	}
	kind := o.kind
	if kind == "" {
		kind = forgeOf(p.repo.Remote(ctx, "origin"))
	}
	ciPath, ciText := ciFile(kind)
	if ciPath == "" {
		return fault.New(fault.Usage, "%q is not a forge that a CI file can be written for", kind).WithHint("say --forge gitlab, github or gitea")
	}
	for _, f := range []struct{ path, text string }{{"assay.yaml", firstConfig(p.dir, p.config.Experiment)}, {ciPath, ciText}} {
		if err := writeOnce(env, filepath.Join(p.dir, f.path), f.path, f.text); err != nil {
			return err
		}
	}
	fmt.Fprintln(env.Stdout, "next: `assay run -- YOUR COMMAND`, then `assay report --preview`; then commit and push")
	return nil
}

// writeOnce writes a file that is not there.
func writeOnce(env Env, path, name, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, os.ErrExist) {
		_, err = fmt.Fprintf(env.Stdout, "kept     %s (it was there)\n", name)
		return err
	}
	if err != nil {
		return fault.New(fault.Unavailable, "writing %s: %w", name, err)
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	fmt.Fprintf(env.Stdout, "written  %s\n", name)
	return f.Close()
}

// forgeOf reads the forge from the remote's address; GitLab, which most often
// lives under a name of its own, where that does not tell.
func forgeOf(remote string) string {
	if r, ok := forge.ParseRemote(remote); ok && r.Kind != forge.None {
		return string(r.Kind)
	}
	return string(forge.GitLab)
}

// firstConfig writes a configuration of what is there.
func firstConfig(dir, experiment string) string {
	metrics := present(dir, "metrics.json", "metrics.yaml", "eval/metrics.json", "dvclive/metrics.json")
	inputs := present(dir, "params.yaml", "params.json", "params.toml", "config.yaml")
	model := present(dir, "model.onnx", "model.pkl", "model.joblib", "model.pt", "model", "models")
	data := present(dir, "data", "data.csv", "train.csv")
	var b strings.Builder
	fmt.Fprintf(&b, "# What matters in this project. docs/configuration.md explains every key.\nexperiment: %s\nfiles:\n", experiment)
	for _, f := range []struct {
		key, guess, why string
		paths           []string
	}{
		{"metrics", "metrics.json", "what the training measured", metrics},
		{"params", "params.yaml", "what it was given", inputs},
		{"model", "model.onnx", "files or folders that a review shows by digest and that are registered", model},
		{"data", "data", "inputs whose change the report names", data},
		{"code", "train.py", "what else the model depends on: other changes leave what was measured valid", nil},
	} {
		if len(f.paths) == 0 {
			fmt.Fprintf(&b, "  # %s: [%s]   # %s\n", f.key, f.guess, f.why)
			continue
		}
		fmt.Fprintf(&b, "  %s: [%s]   # %s\n", f.key, strings.Join(f.paths, ", "), f.why)
	}
	b.WriteString("# Answers per example make a verdict possible: a CSV with these columns.\n" +
		"examples: {file: predictions.csv, id: id, label: label, prediction: prediction}\n")
	b.WriteString(metricsSection(dir, metrics))
	b.WriteString("gate: {worse: fail, unknown: pass}\n" +
		"# models:\n#   NAME:\n#     aliases:\n#       production: {approvals: 1, same_bytes: true, gates: true, reason: true}\n")
	return b.String()
}

func present(dir string, names ...string) []string {
	var out []string
	for _, n := range names {
		if _, err := os.Stat(filepath.Join(dir, n)); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// metricsSection names the metrics that are found, all commented out but the
// first, which decides.
func metricsSection(dir string, files []string) string {
	var b strings.Builder
	found := 0
	for _, name := range files {
		data, err := readProjectFile(dir, name, 1<<20)
		if err != nil {
			continue
		}
		set, err := params.Parse(name, data)
		if err != nil {
			continue
		}
		for _, v := range set.Values {
			if !v.IsNum || found > 20 || strings.ContainsAny(v.Path, ":#{}[]\"'\n") {
				continue
			}
			if found == 0 {
				fmt.Fprintf(&b, "# The first metric decides. Goals that are not said are guessed from the name.\nmetrics:\n  %s: {goal: max, tolerance: 0.005}   # check the goal\n", v.Path)
			} else {
				fmt.Fprintf(&b, "  # %s: {goal: max}\n", v.Path)
			}
			found++
		}
	}
	if found == 0 {
		return "# metrics:\n#   accuracy: {goal: max, tolerance: 0.005}   # the first one decides\n"
	}
	return b.String()
}

// ciFile is the CI file of a forge. The report job runs also when training
// failed, so that a failure is reported too.
func ciFile(kind string) (path, text string) {
	switch kind {
	case "gitlab":
		return ".gitlab-ci.yml", gitlabCI
	case "github":
		return ".github/workflows/assay.yml", actionsCI
	case "gitea":
		// Gitea sets a check for whoever may write to the code.
		return ".gitea/workflows/assay.yml", strings.Replace(actionsCI, "contents: read", "contents: write", 1)
	}
	return "", ""
}

const gitlabCI = `# Trains and reports on every merge request, registers what was reviewed on the
# default branch. Under Settings → CI/CD → Variables: ASSAY_SERVER (and
# ASSAY_TOKEN), and GITLAB_TOKEN, a project access token with the scope api: the
# job's own token may not write notes. ASSAY_URL and ASSAY_SHA256 put the program
# on the PATH; an image that has it does as well.
variables:
  GIT_DEPTH: 0   # the report needs the merge base

default:
  before_script:
    - command -v assay || { curl -fsSL -o /usr/local/bin/assay "$ASSAY_URL" && echo "$ASSAY_SHA256  /usr/local/bin/assay" | sha256sum -c && chmod +x /usr/local/bin/assay; }

stages: [train, report, register]

train:
  stage: train
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - assay run --once -- python train.py   # --once: not again on main what a merge request measured
  artifacts: {when: always, paths: [.assay/, metrics.json, predictions.csv, model.onnx]}

report:
  stage: report
  rules: [{if: $CI_PIPELINE_SOURCE == "merge_request_event", when: always}]   # a failed training is reported too
  script:
    - assay report -o report.md
    - assay comment report.md
    - assay check

register:
  stage: register
  rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]
  script:
    - assay model register "$CI_PROJECT_NAME" --if-reviewed
`

const actionsCI = `# Trains and reports on every pull request, registers what was reviewed on main.
# Set the variable ASSAY_SERVER (and the secret ASSAY_TOKEN) of the repository.
name: assay
on:
  pull_request:
  push: {branches: [main]}
permissions: {contents: read, pull-requests: write, statuses: write}
env:
  ASSAY_SERVER: ${{ vars.ASSAY_SERVER }}
  ASSAY_TOKEN: ${{ secrets.ASSAY_TOKEN }}
jobs:
  train:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}   # the report needs the merge base
      - uses: assay-ml/assay/setup@v1
      - run: assay run --once -- python train.py   # --once: not again on main what a pull request measured
      - name: report
        if: always() && github.event_name == 'pull_request'   # a failed training is reported too
        env: {GITHUB_TOKEN: "${{ github.token }}"}
        run: |
          assay report -o report.md
          assay comment report.md
          assay check
      - name: register
        if: github.event_name == 'push'
        env: {GITHUB_TOKEN: "${{ github.token }}"}
        run: assay model register "${GITHUB_REPOSITORY#*/}" --if-reviewed
`
