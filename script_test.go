package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/assay-ml/assay/cli"
	"github.com/assay-ml/assay/forge"
	"github.com/assay-ml/assay/forge/local"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"assay": program, "cml": program,
	})
}

func program() { os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr)) }

// TestScripts runs the stories. Beside testscript's own words there are
//
//	server start|stop|kill   a server on $WORK/data; sets ASSAY_SERVER
//	forge project NAME       a project on the small forge in $WORK/forge
//	forge open PROJECT BRANCH AUTHOR TITLE
//	forge approve|merge|squash|rebase PROJECT NUMBER WHO
//	exits CODE CMD…          runs a command and checks its exit code
//
// and, over the doubles of GitHub and GitLab, the words github and gitlab:
// hubWord lists what can follow them. Once a script has one of them, no output
// of `assay`, called through exits or by itself, may hold a token.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for k, v := range map[string]string{
				"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
				"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com", "USER": "ada",
			} {
				e.Setenv(k, v)
			}
			// Its path, for scripts that take the PATH away.
			e.Values[hubKey{}] = map[forge.Kind]*hub{}
			e.Setenv("ASSAY", filepath.Join(filepath.SplitList(e.Getenv("PATH"))[0], "assay"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": serverWord, "forge": forgeWord, "exits": exitsWord,
			"github": hubWord(forge.GitHub), "gitlab": hubWord(forge.GitLab), "within": withinWord,
		},
	})
}

// serverWord starts and stops a server as a process of its own.
func serverWord(ts *testscript.TestScript, _ bool, args []string) {
	pid := at(ts, "server.pid")
	switch args[0] {
	case "start":
		cmd := exec.Command("assay", "server", "--listen", "127.0.0.1:0", "--data", at(ts, "data"))
		exe, err := os.Executable()
		ts.Check(err)
		cmd.Path = filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "assay")
		if _, err := os.Stat(cmd.Path); err != nil {
			cmd.Path = exe
		}
		cmd.Err = nil
		out, err := cmd.StdoutPipe()
		ts.Check(err)
		ts.Check(cmd.Start())
		ts.Check(os.WriteFile(pid, []byte(strconv.Itoa(cmd.Process.Pid)), 0o644))
		line, err := bufio.NewReader(out).ReadString('\n')
		ts.Check(err)
		ts.Setenv("ASSAY_SERVER", strings.TrimSpace(strings.TrimPrefix(line, "listening on ")))
		ts.Defer(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	case "stop", "kill":
		data, err := os.ReadFile(pid)
		ts.Check(err)
		n, err := strconv.Atoi(string(data))
		ts.Check(err)
		p, err := os.FindProcess(n)
		ts.Check(err)
		if args[0] == "kill" {
			ts.Check(p.Kill())
		} else {
			ts.Check(p.Signal(os.Interrupt))
		}
		_, _ = p.Wait()
	default:
		ts.Fatalf("server start|stop|kill")
	}
}

// at is a place in the script's work folder, wherever the script stands.
func at(ts *testscript.TestScript, name string) string { return filepath.Join(ts.Getenv("WORK"), name) }

func forgeWord(ts *testscript.TestScript, neg bool, args []string) {
	ctx := context.Background()
	ts.Setenv("ASSAY_FORGE", at(ts, "forge"))
	f, err := local.Open(at(ts, "forge"))
	ts.Check(err)
	number := func() int { n, err := strconv.Atoi(args[2]); ts.Check(err); return n }
	switch args[0] {
	case "project":
		ts.Setenv("ASSAY_PROJECT", args[1])
		_, err = f.CreateProject(ctx, args[1])
	case "open":
		_, err = f.OpenChange(ctx, args[1], forge.Change{Source: args[2], Author: args[3], Title: args[4]})
	case "approve":
		err = f.Approve(ctx, args[1], number(), args[3])
	case "merge", "squash", "rebase":
		_, err = f.Merge(ctx, args[1], number(), args[3], local.Way(args[0]))
	default:
		ts.Fatalf("unknown word forge %s", args[0])
	}
	if neg != (err != nil) {
		ts.Fatalf("forge %v: %v", args, err)
	}
}

func exitsWord(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		got = -1
		if x, ok := err.(*exec.ExitError); ok {
			got = x.ExitCode()
		}
	}
	for _, h := range hubs(ts) {
		h.tellsNothing(ts, "output", ts.ReadFile("stdout")+ts.ReadFile("stderr"))
	}
	if got != want {
		ts.Fatalf("%v ended with %d, want %d", args[1:], got, want)
	}
}

// withinWord is exits with a length of time before it, far above what the
// command should take: one that waits for ever, or for its default, is found.
func withinWord(ts *testscript.TestScript, neg bool, args []string) {
	most, err := time.ParseDuration(args[0])
	ts.Check(err)
	began := time.Now()
	exitsWord(ts, neg, args[1:])
	if took := time.Since(began); took > most {
		ts.Fatalf("%v took %s, at most %s", args[2:], took, most)
	}
}
