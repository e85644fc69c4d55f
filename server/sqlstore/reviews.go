package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// AddReview keeps a review and adds e to the trail. A review without an ID
// gets that of its content; one whose ID is there already is returned as it
// was kept, without a new entry.
func (s *Store) AddReview(ctx context.Context, r track.Review, e track.Event) (track.Review, error) {
	if r.ID == "" {
		id, err := track.ReviewID(r)
		if err != nil {
			return track.Review{}, err
		}
		r.ID = id
	}
	var out track.Review
	err := s.write(ctx, 1, func(t *tx) error {
		var err error
		if out, err = review(t, r.ID); err == nil || !fault.Is(err, fault.NotFound) {
			return err
		}
		r.Created = orNow(r.Created, s.now())
		doc, err := encode(r)
		if err != nil {
			return err
		}
		number := 0
		if r.Change != nil {
			number = r.Change.Number
		}
		_, err = t.exec("INSERT INTO reviews(id, project, number, head, run_id, baseline_run_id, created, doc) VALUES (?,?,?,?,?,?,?,?)",
			r.ID, r.Project, number, r.Head, r.RunID, r.BaselineRunID, r.Created, doc)
		if err != nil {
			return fmt.Errorf("keeping a review: %w", err)
		}
		if _, err := t.addEvent(e); err != nil {
			return err
		}
		t.changed(track.Change{RunID: r.RunID, Kind: "review"})
		out, err = review(t, r.ID)
		return err
	})
	return out, err
}

// Review returns a review by its ID.
func (s *Store) Review(ctx context.Context, id string) (track.Review, error) {
	r, err := review(s.read(ctx), id)
	return r, s.explain(err)
}

func review(q reads, id string) (track.Review, error) {
	var r track.Review
	var doc string
	err := one(q, []any{&doc}, "SELECT doc FROM reviews WHERE id=?", id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "no review with id %s", id)
	}
	if err == nil {
		err = decode(doc, &r)
	}
	return r, err
}

// Reviews returns reviews, newest first. Max 0: 1,000.
func (s *Store) Reviews(ctx context.Context, q track.ReviewQuery) ([]track.Review, error) {
	var out []track.Review
	where, args := reviewWhere(q)
	err := each(s.read(ctx), func(scan func(...any) error) error {
		var doc string
		if err := scan(&doc); err != nil {
			return err
		}
		out = append(out, track.Review{})
		return decode(doc, &out[len(out)-1])
	}, "SELECT doc FROM reviews"+where+" ORDER BY created DESC, seq DESC LIMIT ?", append(args, pageSize(q.Max))...)
	return out, s.explain(err)
}

// reviewWhere names only what the query does, so that an index serves it.
func reviewWhere(q track.ReviewQuery) (where string, args []any) {
	for _, c := range []struct {
		text  string
		value any
		given bool
	}{
		{"project = ?", q.Project, q.Project != ""},
		{"number = ?", q.Number, q.Number != 0},
		{"head = ?", q.Head, q.Head != ""},
		{"run_id = ?", q.RunID, q.RunID != ""},
	} {
		if !c.given {
			continue
		}
		if where == "" {
			where = " WHERE " + c.text
		} else {
			where += " AND " + c.text
		}
		args = append(args, c.value)
	}
	return where, args
}
