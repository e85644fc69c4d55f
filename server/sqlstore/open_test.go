package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

func TestLocked(t *testing.T) {
	s := newTest(t)
	_, err := Open(t.Context(), Options{Path: s.opt.Path})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), fmt.Sprintf("in use by process %d", os.Getpid())) {
		t.Errorf("second open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, s.opt.Path) // free again
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd name?#%41", "assay.db")
	s := openTest(t, path)
	id := testRun(t, s)
	logAll(t, s, id, []track.Metric{{Key: "m", Context: "test", Step: 1, Value: 2}})
	before, err := s.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err) // the file has the name that was asked for
	}
	after, err := openTest(t, path).Run(t.Context(), id)
	if err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%v: %+v became %+v", err, before, after)
	}
	if err := s.LogBatch(t.Context(), id, track.Batch{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("write after close: %v", err)
	}
}

func TestForeignFiles(t *testing.T) {
	edit := func(q string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	newer := func(t *testing.T, path string) {
		if err := openTest(t, path).Close(); err != nil {
			t.Fatal(err)
		}
		edit("PRAGMA user_version = 999")(t, path)
	}
	garbage := func(t *testing.T, path string) {
		if err := os.WriteFile(path, []byte(strings.Repeat("no database at all ", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		prepare func(*testing.T, string)
		code    fault.Code
		text    string
	}{
		"newer":   {newer, fault.Conflict, "written by a newer version of assay (schema 999"},
		"mlflow":  {edit("CREATE TABLE experiments(x)"), fault.Conflict, "is a database of another program"},
		"garbage": {garbage, fault.Unavailable, "is damaged or no database"},
	} {
		path := filepath.Join(t.TempDir(), "x.db")
		c.prepare(t, path)
		_, err := Open(t.Context(), Options{Path: path})
		if !fault.Is(err, c.code) || !strings.Contains(err.Error(), c.text) || fault.HintOf(err) == "" {
			t.Errorf("%s: %s %v", name, fault.CodeOf(err), err)
		}
		lock, err := lockFile(path + ".lock")
		if err != nil {
			t.Fatalf("%s: the lock is kept: %v", name, err)
		}
		lock.Close()
	}
}

// TestGroup checks that requests of one group do not spoil each other, that a
// panic costs its own request only, and that one whose asker is gone is
// skipped.
func TestGroup(t *testing.T) {
	s := newTest(t)
	id := testRun(t, s)
	block, started := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.write(context.Background(), 1, func(*tx) error { close(started); <-block; return nil })
	})
	<-started
	gone, cancel := context.WithCancel(t.Context())
	errs := make([]error, 4)
	for i, do := range []func() error{
		func() error { return s.LogBatch(t.Context(), id, track.Batch{Metrics: []track.Metric{{Key: "good"}}}) },
		func() error { return s.write(t.Context(), 1, func(*tx) error { panic("oops") }) },
		func() error {
			return s.write(t.Context(), 1, func(t *tx) error {
				_, err := t.exec("UPDATE runs SET name = 'spoilt'")
				return errors.Join(err, errors.New("no"))
			})
		},
		func() error { return s.LogBatch(gone, id, track.Batch{Metrics: []track.Metric{{Key: "gone"}}}) },
	} {
		wg.Go(func() { errs[i] = do() })
	}
	for len(s.w.queue) < 4 {
		time.Sleep(time.Millisecond)
	}
	cancel() // before the writer comes to it
	close(block)
	wg.Wait()
	if errs[0] != nil || !fault.Is(errs[1], fault.Internal) || errs[2] == nil || !errors.Is(errs[3], context.Canceled) {
		t.Errorf("errors %v", errs)
	}
	r, err := s.Run(t.Context(), id)
	if err != nil || len(r.Metrics) != 1 || r.Name == "spoilt" {
		t.Errorf("run %+v %v", r, err)
	}
}

// TestSearchWithoutMemory searches an experiment that is too large to keep.
func TestSearchWithoutMemory(t *testing.T) {
	s := newTest(t)
	for i := range 2*scanPieces + 10 {
		if _, err := s.CreateRun(t.Context(), track.NewRun{Start: int64(i%50 + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	q := track.RunQuery{ExperimentIDs: []int64{0}, Max: 100}
	read := func() (ids []string) {
		q.Token = ""
		for {
			p, err := s.SearchRuns(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Items {
				ids = append(ids, r.ID)
			}
			if q.Token = p.Next; p.Next == "" {
				return ids
			}
		}
	}
	kept := read()
	if s.docs.bytes == 0 {
		t.Error("nothing is kept")
	}
	s.docs.init()
	s.docs.budget = 1000
	if scanned := read(); strings.Join(scanned, " ") != strings.Join(kept, " ") || len(kept) != 2*scanPieces+10 {
		t.Errorf("%d and %d runs", len(kept), len(scanned))
	}
	if s.docs.bytes != 0 {
		t.Errorf("%d bytes are kept", s.docs.bytes)
	}
}

func TestJoinURI(t *testing.T) {
	for _, c := range [][2]string{
		{"mlflow-artifacts:/", "mlflow-artifacts:/a/b"}, {"s3://x/y/", "s3://x/y/a/b"}, {"s3://x?k=v/w", "s3://x/a/b?k=v/w"}, {"", "/a/b"},
	} {
		if got := joinURI(c[0], "a", "b"); got != c[1] {
			t.Errorf("joinURI(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}
