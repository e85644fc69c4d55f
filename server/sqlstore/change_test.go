package sqlstore

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// changeStore helps to fill a store with runs and reviews of merge requests.
type changeStore struct {
	*testing.T
	s     *Store
	names map[string]string // of run ids
}

func newChangeStore(t *testing.T) changeStore { return changeStore{t, newTest(t), map[string]string{}} }

// run makes a run; tags are KEY=VALUE.
func (c changeStore) run(name string, exp, start int64, tags ...string) string {
	c.Helper()
	r := track.NewRun{Name: name, ExperimentID: exp, Start: start}
	for _, t := range tags {
		k, v, _ := strings.Cut(t, "=")
		r.Tags = append(r.Tags, track.Tag{Key: k, Value: v})
	}
	made, err := c.s.CreateRun(c.Context(), r)
	if err != nil {
		c.Fatal(err)
	}
	c.names[made.ID] = name
	return made.ID
}

func (c changeStore) review(r track.Review, number int) track.Review {
	c.Helper()
	if number > 0 {
		r.Change = &track.ChangeRef{Project: r.Project, Number: number}
	}
	r.Verdict, r.Document = "better", json.RawMessage(`{"large":[1,2,3]}`)
	out, err := c.s.AddReview(c.Context(), r, track.Event{Kind: "review.shown"})
	if err != nil {
		c.Fatal(err)
	}
	return out
}

func (c changeStore) change(id string, change track.RunChange) {
	c.Helper()
	if _, err := c.s.ChangeRun(c.Context(), id, change); err != nil {
		c.Fatal(err)
	}
}

// want checks the runs of change 7 of team/digits, read in pages of any size.
func (c changeStore) want(names ...string) {
	c.Helper()
	for _, size := range []int{0, 1, 2, 3} {
		var got []string
		token := ""
		for {
			page, err := c.s.ChangeRuns(c.Context(), track.ChangeRunsQuery{Project: "team/digits", Number: 7, Max: size, Token: token})
			if err != nil {
				c.Fatal(err)
			}
			for _, r := range page.Items {
				got = append(got, r.Name)
			}
			if token = page.Next; token == "" {
				break
			}
			if len(page.Items) != size {
				c.Fatalf("a page of %d, not the last, has %d runs", size, len(page.Items))
			}
		}
		if diff := cmp.Diff(names, got); diff != "" {
			c.Errorf("pages of %d: %s", size, diff)
		}
	}
}

func TestChangeRuns(t *testing.T) {
	c := newChangeStore(t)
	c.want()
	exp, err := c.s.CreateExperiment(t.Context(), track.Experiment{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	const project, change, commit = "assay.project=team/digits", "assay.change=7", "mlflow.source.git.commit="
	c.run("tagged", 0, 30, project, change)
	c.run("same time", exp.ID, 30, project, change)
	c.run("another change", 0, 31, project, "assay.change=8")
	c.run("another project", 0, 32, "assay.project=team/other", change)
	c.run("no project", 0, 33, change)
	c.run("of the head", exp.ID, 40, commit+"h1")
	c.run("of another head", 0, 41, commit+"h9")
	c.run("named after the head", 0, 42, "note=h1", "assay.git.tree=h1")
	reviewed := c.run("reviewed", 0, 20)
	base := c.run("baseline", 0, 10)
	gone := c.run("deleted", 0, 50, project, change, commit+"h1")
	c.change(gone, track.RunChange{Lifecycle: ptrTo(track.Deleted)})
	c.review(track.Review{Project: "team/digits", Head: "h1", RunID: reviewed, BaselineRunID: base}, 7)
	c.review(track.Review{Project: "team/digits", Head: "h9"}, 8)
	c.review(track.Review{Project: "team/other", Head: "h9"}, 7)

	first, second := "tagged", "same time"
	if c.idOf(second) < c.idOf(first) {
		first, second = second, first
	}
	c.want("of the head", first, second, "reviewed", "baseline")
	page, err := c.s.ChangeRuns(t.Context(), track.ChangeRunsQuery{Project: "team/digits", Number: 7, Max: 1})
	if err != nil || page.Items[0].ExperimentName != "other" {
		t.Errorf("%+v, %v: want the experiment's name", page, err)
	}

	// Tags that come and go later count, and a run that comes back.
	c.change(gone, track.RunChange{Lifecycle: ptrTo(track.Active)})
	c.want("deleted", "of the head", first, second, "reviewed", "baseline")
	late := c.run("late", 0, 60)
	if err := c.s.LogBatch(t.Context(), late, track.Batch{Tags: []track.Tag{{Key: "assay.project", Value: "team/digits"}, {Key: "assay.change", Value: "7"}}}); err != nil {
		t.Fatal(err)
	}
	c.want("late", "deleted", "of the head", first, second, "reviewed", "baseline")
	c.change(late, track.RunChange{DeleteTags: []string{"assay.change"}})
	if err := c.s.ChangeExperiment(t.Context(), exp.ID, track.ExperimentChange{Lifecycle: ptrTo(track.Deleted)}); err != nil {
		t.Fatal(err)
	}
	c.want("deleted", "tagged", "reviewed", "baseline")

	_, err = c.s.ChangeRuns(t.Context(), track.ChangeRunsQuery{Project: "team/digits", Number: 7, Token: "?"})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a token of nobody: %v", err)
	}
}

func (c changeStore) idOf(name string) string {
	for id, n := range c.names {
		if n == name {
			return id
		}
	}
	return ""
}

func ptrTo[T any](v T) *T { return &v }

func TestChanges(t *testing.T) {
	c := newChangeStore(t)
	tag := func(project string, number any) []string {
		return []string{"assay.project=" + project, fmt.Sprint("assay.change=", number)}
	}
	c.run("a", 0, 100, tag("p", 1)...)
	c.run("b", 0, 500, tag("p", 1)...)
	done := c.run("c", 0, 300, tag("p", 2)...)
	c.change(done, track.RunChange{Status: ptrTo(track.Finished)})
	c.run("d", 0, 300, tag("o", 2)...)
	c.run("odd", 0, 900, tag("p", "x")...)
	c.run("odder", 0, 900, tag("p", "07")...)
	gone := c.run("gone", 0, 900, tag("q", 4)...)
	c.change(gone, track.RunChange{Lifecycle: ptrTo(track.Deleted)})
	c.review(track.Review{Project: "p", Head: "h1", RunID: done, Created: 200}, 2)
	newest := c.review(track.Review{Project: "p", Head: "h2", Created: 400, Headline: "newest"}, 2)
	c.review(track.Review{Project: "p", Head: "h2", Created: 50}, 3)
	c.review(track.Review{Project: "p", Head: "h3", Created: 700}, 0) // of a branch, not of a change

	newest.Document = nil
	want := []track.ChangeSummary{
		{Project: "p", Number: 1, At: 500, Runs: 2, Running: 2},
		{Project: "p", Number: 2, At: 400, Newest: &newest, Reviews: 2, Runs: 1},
		{Project: "o", Number: 2, At: 300, Runs: 1, Running: 1},
		{Project: "p", Number: 3, At: 50, Reviews: 1},
	}
	for _, size := range []int{0, 1, 3} {
		var got []track.ChangeSummary
		for token := ""; ; {
			page, err := c.s.Changes(t.Context(), track.ChangesQuery{Max: size, Token: token})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.Items...)
			if token = page.Next; token == "" {
				break
			}
		}
		if len(got) == len(want) && got[3].Newest != nil {
			got[3].Newest = nil // another test looks at a newest review
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: %s", size, diff)
		}
	}
}

// TestChangePlans holds the way in which what belongs to a change is found: by
// indices, so that it costs the same whatever else there is.
func TestChangePlans(t *testing.T) {
	s := newTest(t)
	where, args := reviewWhere(track.ReviewQuery{Project: "p", Number: 7})
	for name, q := range map[string]struct {
		text string
		args []any
		want []string // in the plan
	}{
		"page":  {changeRunsPage(), []any{"p", "7", 7, 0, "", 3}, []string{"USING INDEX runs_change", "USING COVERING INDEX reviews_change", "SEARCH k USING PRIMARY KEY"}},
		"count": {changeRunsCount(), []any{"p", "7", 7}, []string{"USING INDEX runs_change", "USING COVERING INDEX reviews_change"}},
		"list":  {changesText, []any{0, "", 0, 3}, []string{"USING INDEX runs_change", "SCAN reviews USING COVERING INDEX reviews_change"}},
		"reviews": {
			"SELECT doc FROM reviews" + where + " ORDER BY created DESC, seq DESC LIMIT 9", args,
			[]string{"SEARCH reviews USING INDEX reviews_change (project=? AND number=?)"},
		},
		"all reviews": {"SELECT doc FROM reviews ORDER BY created DESC, seq DESC LIMIT 9", nil, []string{"SCAN reviews USING INDEX reviews_created"}},
	} {
		plan := ""
		err := each(s.read(t.Context()), func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan += detail + "\n"
			return err
		}, "EXPLAIN QUERY PLAN "+q.text, q.args...)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range q.want {
			if !strings.Contains(plan, w) {
				t.Errorf("%s: the plan lacks %q:\n%s", name, w, plan)
			}
		}
		for line := range strings.Lines(plan) {
			for _, table := range []string{"SCAN r\n", "SCAN r ", "SCAN runs", "SCAN k", "SCAN v"} {
				if strings.HasPrefix(line, table) {
					t.Errorf("%s reads a whole table: %s", name, line)
				}
			}
		}
	}
}

// TestChangesMigrate opens a database from before there were changes' indices.
func TestChangesMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	first, err := migrations.ReadFile("migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		string(first),
		fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 1", appID),
		`INSERT INTO experiments(id, name, artifact_location, created, updated) VALUES (1, 'e', 'x', 0, 0)`,
		`INSERT INTO runs(id, uuid, exp_id, status, start_ms, name, user_id, artifact_uri, attrs) VALUES
 (1, 'r1', 1, 'FINISHED', 1, 'base', '', '', '{"params":{},"tags":{}}'), (2, 'r2', 1, 'FINISHED', 2, 'tagged', '', '', '{"params":{},"tags":{"assay.project":"team/digits","assay.change":"7"}}')`,
		`INSERT INTO run_latest(run_id, exp_id, ver, data) VALUES (1, 1, 1, x''), (2, 1, 2, x'')`,
		`INSERT INTO reviews(id, project, number, head, run_id, created, doc) VALUES ('v', 'team/digits', 7, 'h', '', 0, '{"baseline_run_id":"r1"}'), ('w', 'team/digits', 7, 'h', '', 0, '{}')`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	changeStore{t, openTest(t, path), nil}.want("tagged", "base")
}
