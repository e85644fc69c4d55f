package assay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/params"
	"github.com/assay-ml/assay/track"
)

// metricsFile is what is known of a metrics file that is followed: what of it
// was logged, so that no point is logged twice, whether the file grows, is
// rewritten whole or begins anew.
type metricsFile struct {
	name   string
	before fileState         // as it lay there when the run began: another run's
	prefix [32]byte          // digest of what it held then
	seen   fileState         // as of the look before
	done   fileState         // as of the last look at which all was logged
	points map[[16]byte]bool // name, step and value of what was logged
	values []track.Metric    // of a values file without a step, as logged last
	step   int64             // of its next values
	now    func() time.Time
}

// fileState tells cheaply that a file was not touched.
type fileState struct {
	size int64
	time time.Time
}

// followFiles logs metrics files while they change. A file that is half
// written is read again later.
func (r *recorder) followFiles(ctx context.Context) {
	tick := time.NewTicker(filesEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = r.logMetricsFiles(ctx, false)
		case <-ctx.Done():
			return
		}
	}
}

// logMetricsFiles logs what is new in the metrics files; final: nobody writes
// to them any more.
func (r *recorder) logMetricsFiles(ctx context.Context, final bool) error {
	var problems []error
	for _, name := range r.project.config.Files.Metrics {
		f := r.metrics[name]
		fresh, err := f.read(r.project.dir, final)
		if err != nil {
			problems = append(problems, err)
		}
		for batch := range slices.Chunk(fresh, track.MaxMetricsPerBatch) {
			if err := r.local.LogBatch(ctx, r.run.RunID, track.Batch{Metrics: batch}); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return errors.Join(problems...)
}

// newMetricsFile begins to follow a file, of which what lies there now is
// another run's.
func newMetricsFile(top, name string) *metricsFile {
	f := &metricsFile{name: name, points: map[[16]byte]bool{}, now: time.Now}
	st, err := os.Stat(filepath.Join(top, name))
	if err != nil || !st.Mode().IsRegular() {
		return f
	}
	if data, err := readProjectFile(top, name, params.MaxFile); err == nil && len(data) > 0 {
		f.before, f.prefix = fileState{int64(len(data)), st.ModTime()}, sha256.Sum256(data)
	}
	return f
}

// skip marks the points that the file held before the run as logged, if the
// run did not write it anew but went on at its end.
func (f *metricsFile) skip(data []byte) {
	n := f.before.size
	f.before = fileState{}
	if n == 0 || int64(len(data)) <= n || sha256.Sum256(data[:n]) != f.prefix {
		return
	}
	if _, _, err := f.parse(data[:n], true); err != nil {
		return // then it is read as a whole
	}
}

// read returns the points that were not returned before.
func (f *metricsFile) read(top string, final bool) ([]track.Metric, error) {
	st, err := os.Stat(filepath.Join(top, f.name))
	if err != nil || !st.Mode().IsRegular() {
		return nil, nil // not written yet
	}
	state := fileState{st.Size(), st.ModTime()}
	if state == f.before && state.size > 0 {
		return nil, nil // not written by this run
	}
	quiet := state == f.seen
	f.seen = state
	if state == f.done && !final {
		return nil, nil
	}
	data, err := readProjectFile(top, f.name, params.MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f.skip(data)
	points, whole, err := f.parse(data, final || quiet)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%w", err)
	}
	if whole {
		f.done = state
	}
	return points, nil
}

// parse returns the new points of the file's text. settled: it is not being
// written just now. whole: nothing of it was left for later.
func (f *metricsFile) parse(data []byte, settled bool) (points []track.Metric, whole bool, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	ended := len(data) == 0 || data[len(data)-1] == '\n'
	switch strings.ToLower(path.Ext(f.name)) {
	case ".csv", ".tsv", ".tab":
		if !ended && !settled { // leave the line that is being written
			data = data[:bytes.LastIndexByte(data, '\n')+1]
		}
		if len(bytes.TrimSpace(data)) == 0 && !settled {
			return nil, false, nil
		}
		table, err := params.Table(f.name, data)
		if err != nil {
			return nil, false, err
		}
		return f.rows(table), ended || settled, nil
	case ".json":
		ended = true // half of it cannot be read
	}
	if !settled && (!ended || len(bytes.TrimSpace(data)) == 0) {
		return nil, false, nil
	}
	set, err := params.Parse(f.name, data)
	if err != nil {
		return nil, false, err
	}
	return f.set(set), true, nil
}

// stepNames are what a step is called in metrics files, most telling first.
var stepNames = [...]string{"step", "global_step", "epoch", "iteration", "iter"}

// set returns the values of a file that holds one set of them. Without a step
// of their own they are a new point each time one of them changed.
func (f *metricsFile) set(set *params.Set) []track.Metric {
	step, named := int64(0), false
	for _, name := range stepNames {
		if v, ok := set.Get(name); ok && v.IsNum && !named {
			step, named = wholeNumber(v.Num)
		}
	}
	if !named {
		step = f.step
	}
	var all []track.Metric
	for _, v := range set.Values {
		if v.IsNum && track.CheckKey("metric", v.Path) == nil {
			all = append(all, track.Metric{Key: v.Path, Value: v.Num, Step: step, Time: f.now().UnixMilli()})
		}
	}
	if named {
		return f.fresh(all)
	}
	if slices.EqualFunc(all, f.values, func(a, b track.Metric) bool {
		return a.Key == b.Key && math.Float64bits(a.Value) == math.Float64bits(b.Value)
	}) {
		return nil
	}
	f.values = all
	f.step++
	return all
}

// rows returns the new points of a table: each row is a step, each column a
// metric. Empty cells and texts are no points.
func (f *metricsFile) rows(t *params.Columns) []track.Metric {
	at := -1
	for _, name := range stepNames {
		if i := t.Index(name); i >= 0 && at < 0 {
			at = i
		}
	}
	clock := t.Index("timestamp")
	var all []track.Metric
	for n, row := range t.Rows {
		step := int64(n)
		if at >= 0 {
			v, err := strconv.ParseFloat(strings.TrimSpace(row[at]), 64)
			own, ok := wholeNumber(v)
			if err != nil || !ok {
				continue
			}
			step = own
		}
		when := f.now().UnixMilli()
		if clock >= 0 {
			when = timestamp(row[clock], when)
		}
		for i, cell := range row {
			v, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
			if i == at || i == clock || err != nil || t.Names[i] == "" || track.CheckKey("metric", t.Names[i]) != nil {
				continue
			}
			all = append(all, track.Metric{Key: t.Names[i], Value: v, Step: step, Time: when})
		}
	}
	return f.fresh(all)
}

// fresh keeps the points that were not logged: another step, or another value.
func (f *metricsFile) fresh(all []track.Metric) []track.Metric {
	out := all[:0]
	for _, m := range all {
		h := fnv.New128a()
		var b [16]byte
		binary.LittleEndian.PutUint64(b[:], uint64(m.Step))
		binary.LittleEndian.PutUint64(b[8:], math.Float64bits(m.Value))
		_, _ = h.Write(b[:])
		_, _ = h.Write([]byte(m.Key))
		var key [16]byte
		h.Sum(key[:0])
		if !f.points[key] {
			f.points[key] = true
			out = append(out, m)
		}
	}
	return out
}

// wholeNumber reports whether a number can be a step.
func wholeNumber(v float64) (int64, bool) {
	if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return 0, false
	}
	return int64(v), true
}

// timestamp reads seconds or milliseconds since 1970; other texts mean now.
func timestamp(cell string, now int64) int64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	switch {
	case err == nil && v > 1e8 && v < 1e11:
		return int64(v * 1000)
	case err == nil && v >= 1e11 && v < 1e14:
		return int64(v)
	}
	return now
}
