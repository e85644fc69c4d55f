// Package capture finds out what is around a command that `assay run` starts:
// the Git state, what the forge and the CI job say of themselves, the
// interpreter and its packages, the machine and what of it is used. It makes
// readable text of what the command prints. It only looks; who runs the command
// and records what was found is the caller.
package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/git"
	"github.com/assay-ml/assay/track"
)

// Facts is what was found.
type Facts struct {
	Tags        []track.Tag
	Patch       []byte          // uncommitted changes of tracked files; nil: none
	Environment json.RawMessage // interpreter, packages, machine
}

// Around looks around a command. It never fails: what cannot be found out is
// left out.
//
// Inputs are the files and folders, from the top of the tree, that the model
// is made of, if the project says; nil: all of the tree.
func Around(ctx context.Context, dir string, repo *git.Repo, job forge.Job, command, inputs []string) Facts {
	var f Facts
	add := func(key, value string) {
		if value != "" {
			f.Tags = append(f.Tags, track.Tag{Key: key, Value: value[:min(len(value), 5000)]})
		}
	}
	add("assay.command", quote(command))
	add("mlflow.source.name", quote(command))
	add("mlflow.source.type", "PROJECT")
	if repo != nil {
		f.Patch = gitState(ctx, repo, job, inputs, add)
	}
	add("assay.forge", string(job.Kind))
	add("assay.project", job.Project)
	if job.Change > 0 {
		add("assay.change", strconv.Itoa(job.Change))
	}
	add("assay.pipeline", job.Pipeline)
	add("assay.job", job.Name)
	add("assay.job.url", job.URL)
	add("assay.actor", job.Actor)
	f.Environment = environment(ctx, dir, command)
	return f
}

// gitState adds commit, tree and branch, and returns the patch of what was not
// committed.
func gitState(ctx context.Context, repo *git.Repo, job forge.Job, inputs []string, add func(k, v string)) []byte {
	head, err := repo.Head(ctx)
	if err != nil {
		return nil
	}
	add("mlflow.source.git.commit", head)
	add("mlflow.source.git.repoURL", repo.Remote(ctx, "origin"))
	branch := job.Branch
	if branch == "" {
		branch = repo.Branch(ctx)
	}
	add("mlflow.source.git.branch", branch)
	patch, untracked, err := repo.Dirty(ctx)
	if err != nil {
		return nil
	}
	if patch == "" {
		// The tree stands for the commit only where nothing was changed on top.
		if tree, err := repo.Tree(ctx, head); err == nil {
			add("assay.git.tree", tree)
		}
		if len(inputs) > 0 {
			if digest, err := repo.InputsDigest(ctx, head, inputs); err == nil {
				add("assay.inputs", digest)
			}
		}
	} else {
		add("assay.git.dirty", "true")
	}
	if len(untracked) > 0 {
		add("assay.git.untracked", strings.Join(untracked[:min(len(untracked), 20)], "\n"))
	}
	return []byte(patch)
}

// quote writes a command as a shell would read it back.
func quote(command []string) string {
	out := make([]string, len(command))
	for i, a := range command {
		if a != "" && strings.Trim(a, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,@%+") == "" {
			out[i] = a
			continue
		}
		out[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return strings.Join(out, " ")
}

// environment describes interpreter, packages and machine.
func environment(ctx context.Context, dir string, command []string) json.RawMessage {
	host, _ := os.Hostname()
	env := map[string]any{
		"os": runtime.GOOS, "arch": runtime.GOARCH, "cpus": runtime.NumCPU(), "host": host,
		"cpu": firstField("/proc/cpuinfo", "model name"), "memory": firstField("/proc/meminfo", "MemTotal"),
		"kernel": strings.TrimSpace(readSmall("/proc/sys/kernel/osrelease")),
	}
	memory, cpus := limits("/proc", "/sys/fs/cgroup")
	if memory > 0 {
		env["memory_limit"] = strconv.FormatInt(memory>>10, 10) + " kB" // as memory is given
	}
	if cpus > 0 {
		env["cpu_limit"] = cpus
	}
	if gpus := ask(ctx, dir, "nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"); gpus != "" {
		env["gpus"] = strings.Split(gpus, "\n")
	}
	if len(command) > 0 && strings.HasPrefix(filepath.Base(command[0]), "python") {
		if v := ask(ctx, dir, command[0], "--version"); v != "" {
			env["python"] = strings.TrimPrefix(v, "Python ")
		}
		if out := ask(ctx, dir, command[0], "-c", listPackages); out != "" {
			env["packages"] = strings.Split(out, "\n")
		}
	}
	data, err := json.MarshalIndent(env, "", "  ")
	if err != nil {
		return nil
	}
	return data
}

// listPackages prints name==version of what the interpreter would import.
const listPackages = `import importlib.metadata as m
print("\n".join(sorted({f"{d.metadata['Name']}=={d.version}" for d in m.distributions() if d.metadata['Name']})))`

// ask runs a small program and returns what it printed, "" if it cannot.
func ask(ctx context.Context, dir, name string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout = &out
	if cmd.Run() != nil || out.Len() > 1<<20 {
		return ""
	}
	return strings.TrimSpace(out.String())
}

func firstField(file, key string) string {
	for _, line := range strings.Split(readSmall(file), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func readSmall(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, 64<<10)
	n, _ := f.Read(buf)
	return string(buf[:n])
}
