package sqlstore

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Items a page of a change's lists, if the query does not say, and at most.
const (
	changePage    = 100
	maxChangePage = 1000
)

// The index runs_change is on these expressions, of runs that are not deleted.
const (
	ofProject = `r.attrs ->> '$.tags."assay.project"'`
	ofChange  = `r.attrs ->> '$.tags."assay.change"'`
	tagged    = "r.deleted = 0 AND " + ofChange + " IS NOT NULL"
)

// The places of the runs of a change: ?1 project, ?2 its number as a text, ?3
// as a number, and, where a page begins behind a run, ?4 its start, ?5 its id.
// Each part goes by an index, so that other runs cost nothing. %[1]s is the
// condition of a page, %[2]s its bound.
const changeRunsText = `SELECT * FROM (SELECT r.id, r.start_ms, r.uuid, r.status FROM runs r
  WHERE ` + ofProject + ` = ?1 AND ` + ofChange + ` = ?2 AND ` + tagged + `%[1]s ORDER BY r.start_ms DESC, r.uuid%[2]s)
 UNION SELECT r.id, r.start_ms, r.uuid, r.status FROM reviews v CROSS JOIN runs r ON r.uuid = v.run_id
  WHERE v.project = ?1 AND v.number = ?3 AND r.deleted = 0%[1]s
 UNION SELECT r.id, r.start_ms, r.uuid, r.status FROM reviews v CROSS JOIN runs r ON r.uuid = v.baseline_run_id
  WHERE v.project = ?1 AND v.number = ?3 AND r.deleted = 0%[1]s
 UNION SELECT r.id, r.start_ms, r.uuid, r.status FROM reviews v
  CROSS JOIN run_lookup k ON k.value = v.head AND k.key = 'mlflow.source.git.commit' CROSS JOIN runs r ON r.id = k.run_id
  WHERE v.project = ?1 AND v.number = ?3 AND v.head <> '' AND r.deleted = 0%[1]s`

// changeRunsPage is a page of them, of ?6 runs at most.
func changeRunsPage() string {
	const after = " AND r.start_ms <= ?4 AND (r.start_ms < ?4 OR r.uuid > ?5)"
	return "SELECT id, start_ms, uuid FROM (" + fmt.Sprintf(changeRunsText, after, " LIMIT ?6") + ") ORDER BY start_ms DESC, uuid LIMIT ?6"
}

// changeRunsCount counts them.
func changeRunsCount() string {
	return "SELECT count(*), coalesce(sum(status = 'RUNNING'), 0) FROM (" + fmt.Sprintf(changeRunsText, "", "") + ")"
}

// changePlace is a place in a list of runs or changes, which is what a token
// holds: a key, not a count, so that what comes and goes moves nothing.
type changePlace struct {
	At     int64  `json:"t"`
	ID     string `json:"i,omitempty"` // of a run
	Of     string `json:"p,omitempty"` // a change's project
	Number int    `json:"n,omitempty"`
}

func (p changePlace) token() (string, error) {
	b, err := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// placeOf reads a token; none is the place before all.
func placeOf(token string) (changePlace, error) {
	p := changePlace{At: math.MaxInt64}
	if token == "" {
		return p, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil {
		return p, fault.New(fault.Invalid, "the page token is not one that this list gave").WithHint("Begin again without a token.")
	}
	return p, nil
}

func changePageSize(n int) int {
	if n <= 0 {
		return changePage
	}
	return min(n, maxChangePage)
}

// ChangeRuns returns a page of the runs of a merge request, newest first.
func (s *Store) ChangeRuns(ctx context.Context, q track.ChangeRunsQuery) (track.Page[track.ChangeRun], error) {
	var page track.Page[track.ChangeRun]
	after, err := placeOf(q.Token)
	if err != nil {
		return page, err
	}
	tx, err := s.rdb.BeginTx(ctx, nil) // several statements, one snapshot
	if err != nil {
		return page, s.explain(err)
	}
	defer tx.Rollback() // it only read
	page, err = s.changeRuns(snapshot{ctx, tx}, q, after)
	return page, s.explain(err)
}

func (s *Store) changeRuns(rd reads, q track.ChangeRunsQuery, after changePlace) (page track.Page[track.ChangeRun], err error) {
	size := changePageSize(q.Max)
	var ids []int64
	var last changePlace
	err = each(rd, func(scan func(...any) error) error {
		var id int64
		var at changePlace
		if err := scan(&id, &at.At, &at.ID); err != nil {
			return err
		}
		if len(ids) == size { // one more was asked for, to know that there is one
			page.Next, err = last.token()
			return err
		}
		ids, last = append(ids, id), at
		return nil
	}, changeRunsPage(), q.Project, strconv.Itoa(q.Number), q.Number, after.At, after.ID, size+1)
	if err != nil || len(ids) == 0 {
		return page, err
	}
	page.Items, err = s.changeRunDocs(rd, ids)
	return page, err
}

// changeRunDocs reads some runs with the names of their experiments.
func (s *Store) changeRunDocs(rd reads, ids []int64) ([]track.ChangeRun, error) {
	list, err := encode(ids)
	if err != nil {
		return nil, err
	}
	docs, err := s.loadRuns(rd, scope{"l.run_id IN (SELECT value FROM json_each(?))", []any{list}})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(docs, newestFirst)
	names := map[int64]string{}
	err = each(rd, func(scan func(...any) error) error {
		var id int64
		var name string
		err := scan(&id, &name)
		names[id] = name
		return err
	}, "SELECT id, name FROM experiments WHERE id IN (SELECT exp_id FROM runs WHERE id IN (SELECT value FROM json_each(?)))", list)
	out := make([]track.ChangeRun, len(docs))
	for i, d := range docs {
		out[i] = track.ChangeRun{Run: d.run, ExperimentName: names[d.run.ExperimentID]}
	}
	return out, err
}
