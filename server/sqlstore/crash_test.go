package sqlstore

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

const writerEnv = "SQLSTORE_TEST_WRITER"

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		if err := writeForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForever writes with four clients and prints what was acknowledged.
func writeForever(path string) error {
	ctx := context.Background()
	s, err := Open(ctx, Options{Path: path})
	if err != nil {
		return err
	}
	errs := make(chan error)
	for range 4 {
		go func() {
			for {
				r, err := s.CreateRun(ctx, track.NewRun{})
				for i := 0; i < 40 && err == nil; i++ {
					err = s.LogBatch(ctx, r.ID, track.Batch{
						Metrics: []track.Metric{{Key: "m", Step: int64(i), Value: float64(i)}, {Key: "n", Step: int64(i)}},
						Tags:    []track.Tag{{Key: "t", Value: fmt.Sprint(i)}},
					})
					if err == nil {
						fmt.Println(r.ID, i) // one write call a line: never torn
					}
				}
				if err == nil { // sealing, too, may be cut short
					done := track.Finished
					_, err = s.ChangeRun(ctx, r.ID, track.RunChange{Status: &done})
				}
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

// TestKill kills a writing process again and again: nothing acknowledged is
// lost and nothing is damaged.
func TestKill(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "assay.db")
	acked := map[string]int{}
	for round := range 4 {
		killAfter(t, exec.Command(exe), path, 200+300*round, acked)
		s, err := Open(t.Context(), Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		verify(t, s, acked)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acked) < 20 {
		t.Errorf("only %d runs were written", len(acked))
	}
}

func killAfter(t *testing.T, cmd *exec.Cmd, path string, lines int, acked map[string]int) {
	t.Helper()
	cmd.Env = append(os.Environ(), writerEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(out)
	for n := 0; sc.Scan(); n++ {
		var id string
		var step int
		if _, err := fmt.Sscan(sc.Text(), &id, &step); err != nil {
			t.Fatal(err)
		}
		acked[id] = max(acked[id], step)
		if n == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
}

func verify(t *testing.T, s *Store, acked map[string]int) {
	t.Helper()
	var text string
	if err := one(s.read(t.Context()), []any{&text}, "PRAGMA integrity_check"); err != nil || text != "ok" {
		t.Fatalf("integrity: %s %v", text, err)
	}
	for id, last := range acked {
		h, err := s.History(t.Context(), track.HistoryQuery{RunID: id, Key: "m"})
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Items) <= last {
			t.Errorf("run %s: step %d was acknowledged, %d are there", id, last, len(h.Items))
		}
		r, err := s.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		// A batch is all or nothing.
		if want := fmt.Sprint(len(h.Items) - 1); r.Tags[1].Value != want || r.Metrics[0].Step != int64(len(h.Items)-1) {
			t.Errorf("run %s: tag %s, latest %d, history of %d", id, r.Tags[1].Value, r.Metrics[0].Step, len(h.Items))
		}
	}
}

// TestDiskFull lets the file grow no further for a while.
func TestDiskFull(t *testing.T) {
	s := newTest(t)
	id := testRun(t, s)
	limit := func(pages int) {
		t.Helper()
		err := s.write(t.Context(), 1, func(t *tx) error {
			_, err := t.exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(count(t, s, "PRAGMA page_count") + 20)
	step, acked := int64(0), 0
	next := func() error {
		var ms []track.Metric
		for range 200 {
			step++
			ms = append(ms, track.Metric{Key: "m", Step: step, Value: float64(step)})
		}
		return s.LogBatch(t.Context(), id, track.Batch{Metrics: ms})
	}
	var err error
	for ; err == nil; acked++ {
		if acked > 10_000 {
			t.Fatal("the disk never got full")
		}
		err = next()
	}
	acked--
	if !fault.Is(err, fault.Unavailable) || fault.HintOf(err) == "" {
		t.Errorf("full disk: %v", err)
	}
	if want := "the disk that holds " + filepath.Dir(s.opt.Path) + " is full"; len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("message %q", err)
	}
	h, err := s.History(t.Context(), track.HistoryQuery{RunID: id, Key: "m"})
	if err != nil || len(h.Items) != acked*200 {
		t.Errorf("while it is full: %d points of %d, %v", len(h.Items), acked*200, err)
	}
	limit(1 << 30)
	if err := next(); err != nil {
		t.Errorf("after space was made: %v", err)
	}
}
