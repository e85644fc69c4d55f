package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Sizes of stream pieces, in bytes: small ones that follow each other become
// one row up to streamJoin; one row holds at most streamRow; one call at most
// streamCall.
const (
	streamJoin = 16 << 10
	streamRow  = 64 << 10
	streamCall = 16 << 20
	streamRead = 1 << 20
)

// AppendStream writes a piece of a run's stream. Bytes that are there already
// stay as they are, so a replay changes nothing and an overlap is trimmed; a
// gap stays a gap until somebody fills it. Output may come after the end of a
// run, but not to a deleted one.
func (s *Store) AppendStream(ctx context.Context, c track.StreamChunk) error {
	switch {
	case c.Name == "" || len(c.Name) > track.MaxKey:
		return fault.New(fault.Invalid, "Invalid stream name: %.100q", c.Name)
	case c.Offset < 0 || c.Offset > math.MaxInt64-streamCall:
		return fault.New(fault.Invalid, "Invalid stream offset: %d", c.Offset)
	case len(c.Data) > streamCall:
		return fault.New(fault.TooLarge, "one piece of a stream may not be larger than %d MB", streamCall>>20)
	}
	return s.write(ctx, 1+len(c.Data)>>10, func(t *tx) error {
		r, err := t.activeRun(c.RunID)
		if err != nil || len(c.Data) == 0 {
			return err
		}
		holes, err := streamHoles(t, r.id, c)
		if err != nil {
			return err
		}
		for _, h := range holes {
			if err := t.putStream(r.id, c.Name, h); err != nil {
				return fmt.Errorf("keeping a stream: %w", err)
			}
		}
		if len(holes) > 0 {
			t.changed(track.Change{ExperimentID: r.exp, RunID: r.uuid, Kind: "stream"})
		}
		return nil
	})
}

// span is bytes at an offset.
type span struct {
	at   int64
	data []byte
}

func (p span) end() int64 { return p.at + int64(len(p.data)) }

// streamHoles returns the parts of a piece that are not there yet. Rows never
// overlap, so at most one begins before the piece and reaches into it.
func streamHoles(q reads, run int64, c track.StreamChunk) ([]span, error) {
	rest := span{c.Offset, c.Data}
	var holes []span
	err := each(q, func(scan func(...any) error) error {
		var at, size int64
		if err := scan(&at, &size); err != nil {
			return err
		}
		if at > rest.at {
			holes = append(holes, span{rest.at, rest.data[:at-rest.at]})
		}
		if skip := at + size - rest.at; skip > 0 {
			skip = min(skip, int64(len(rest.data)))
			rest = span{rest.at + skip, rest.data[skip:]}
		}
		return nil
	}, `SELECT offset, size FROM streams WHERE run_id=?1 AND name=?2 AND context='' AND step=0 AND offset < ?4
 AND offset >= coalesce((SELECT max(offset) FROM streams WHERE run_id=?1 AND name=?2 AND context='' AND step=0 AND offset <= ?3), 0)
 ORDER BY offset`, run, c.Name, c.Offset, c.Offset+int64(len(c.Data)))
	if len(rest.data) > 0 {
		holes = append(holes, rest)
	}
	return holes, err
}

func (t *tx) putStream(run int64, name string, h span) error {
	if len(h.data) < streamJoin {
		n, err := t.exec(`UPDATE streams SET data = CAST(data || ?1 AS BLOB), size = size + ?2 WHERE run_id=?3 AND name=?4 AND context='' AND step=0
 AND offset = (SELECT max(offset) FROM streams WHERE run_id=?3 AND name=?4 AND context='' AND step=0 AND offset < ?5)
 AND offset + size = ?5 AND size + ?2 <= ?6`, h.data, len(h.data), run, name, h.at, streamJoin)
		if err != nil || n > 0 {
			return err
		}
	}
	for len(h.data) > 0 {
		part := h.data[:min(len(h.data), streamRow)]
		_, err := t.exec("INSERT INTO streams(run_id, name, context, step, offset, size, data) VALUES (?,?,'',0,?,?,?)",
			run, name, h.at, len(part), part)
		if err != nil {
			return err
		}
		h = span{h.at + int64(len(part)), h.data[len(part):]}
	}
	return nil
}

// Stream reads at most max bytes of a stream from an offset on (max 0: 1 MB),
// and the offset behind them. Where the offset lies in a gap, reading begins
// behind the gap, and it ends before the next one: data begins at
// next-len(data). At the end data is empty and next is from.
func (s *Store) Stream(ctx context.Context, runID, name string, from int64, max int) (data []byte, next int64, err error) {
	if max <= 0 || max > streamCall {
		max = streamRead
	}
	from = clampOffset(from)
	q := s.read(ctx)
	r, err := findRun(q, runID)
	if err != nil {
		return nil, from, s.explain(err)
	}
	next = from
	err = each(q, func(scan func(...any) error) error {
		row := span{}
		if err := scan(&row.at, &row.data); err != nil {
			return err
		}
		if row.end() <= from {
			return nil
		}
		if skip := from - row.at; skip > 0 {
			row = span{from, row.data[skip:]}
		}
		if len(data) > 0 && row.at != next || len(data) == max {
			return errEnough
		}
		row.data = row.data[:min(len(row.data), max-len(data))]
		data, next = append(data, row.data...), row.end()
		return nil
	}, `SELECT offset, data FROM streams WHERE run_id=?1 AND name=?2 AND context='' AND step=0
 AND offset >= coalesce((SELECT max(offset) FROM streams WHERE run_id=?1 AND name=?2 AND context='' AND step=0 AND offset <= ?3), 0)
 ORDER BY offset`, r.id, name, from)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return data, next, s.explain(err)
}

func clampOffset(n int64) int64 { return min(max(n, 0), math.MaxInt64-streamCall) }
