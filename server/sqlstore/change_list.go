package sqlstore

import (
	"context"
	"strconv"

	"github.com/assay-ml/assay/track"
)

// changesText lists merge requests by their newest run or review. Of runs only
// the first of each project, of each change and of each change's times is
// looked at, each found by the index runs_change: it costs what the number of
// changes costs, not the number of runs. ?1 to ?3: the place behind which the
// page begins (time, project, number); ?4 its bound.
const changesText = `WITH RECURSIVE
 projects(p) AS (SELECT (SELECT ` + ofProject + ` FROM runs r WHERE ` + ofProject + ` > '' AND ` + tagged + ` ORDER BY 1 LIMIT 1)
  UNION ALL SELECT (SELECT ` + ofProject + ` FROM runs r WHERE ` + ofProject + ` > projects.p AND ` + tagged + ` ORDER BY 1 LIMIT 1)
  FROM projects WHERE projects.p IS NOT NULL),
 found(p, c) AS (SELECT p, (SELECT ` + ofChange + ` FROM runs r WHERE ` + ofProject + ` = projects.p AND ` + ofChange + ` > '' AND ` + tagged + ` ORDER BY 1 LIMIT 1)
  FROM projects WHERE p IS NOT NULL
  UNION ALL SELECT p, (SELECT ` + ofChange + ` FROM runs r WHERE ` + ofProject + ` = found.p AND ` + ofChange + ` > found.c AND ` + tagged + ` ORDER BY 1 LIMIT 1)
  FROM found WHERE c IS NOT NULL),
 changes(project, number, at) AS (
  SELECT p, CAST(c AS INTEGER), (SELECT r.start_ms FROM runs r WHERE ` + ofProject + ` = p AND ` + ofChange + ` = c AND ` + tagged + `
   ORDER BY r.start_ms DESC LIMIT 1) FROM found WHERE c = CAST(CAST(c AS INTEGER) AS TEXT)
  UNION ALL SELECT project, number, max(created) FROM reviews GROUP BY project, number)
 SELECT project, number, max(at) AS newest FROM changes WHERE number > 0 GROUP BY project, number
 HAVING newest < ?1 OR newest = ?1 AND (project, number) > (?2, ?3)
 ORDER BY newest DESC, project, number LIMIT ?4`

// Changes returns a page of the merge requests that have runs or reviews, those
// with the newest of them first.
func (s *Store) Changes(ctx context.Context, q track.ChangesQuery) (track.Page[track.ChangeSummary], error) {
	var page track.Page[track.ChangeSummary]
	after, err := placeOf(q.Token)
	if err != nil {
		return page, err
	}
	tx, err := s.rdb.BeginTx(ctx, nil)
	if err != nil {
		return page, s.explain(err)
	}
	defer tx.Rollback() // it only read
	page, err = changeList(snapshot{ctx, tx}, changePageSize(q.Max), after)
	return page, s.explain(err)
}

func changeList(rd reads, size int, after changePlace) (page track.Page[track.ChangeSummary], err error) {
	err = each(rd, func(scan func(...any) error) error {
		var c track.ChangeSummary
		if err := scan(&c.Project, &c.Number, &c.At); err != nil {
			return err
		}
		if n := len(page.Items); n == size {
			last := page.Items[n-1]
			page.Next, err = changePlace{At: last.At, Of: last.Project, Number: last.Number}.token()
			return err
		}
		page.Items = append(page.Items, c)
		return nil
	}, changesText, after.At, after.Of, after.Number, size+1)
	for i := range page.Items {
		if err == nil {
			err = summarize(rd, &page.Items[i])
		}
	}
	return page, err
}

// summarize fills in the newest review and the counts.
func summarize(rd reads, c *track.ChangeSummary) error {
	err := one(rd, []any{&c.Runs, &c.Running}, changeRunsCount(), c.Project, strconv.Itoa(c.Number), c.Number)
	if err != nil {
		return err
	}
	if err := one(rd, []any{&c.Reviews}, "SELECT count(*) FROM reviews WHERE project=? AND number=?", c.Project, c.Number); err != nil || c.Reviews == 0 {
		return err
	}
	// The document may be large, and a list has no use for it.
	var doc string
	err = one(rd, []any{&doc}, `SELECT json_remove(doc, '$.document') FROM reviews WHERE project=? AND number=?
 ORDER BY created DESC, seq DESC LIMIT 1`, c.Project, c.Number)
	if err == nil {
		c.Newest = &track.Review{}
		err = decode(doc, c.Newest)
	}
	return err
}
