package api

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

const (
	maxChunk  = 1 << 20 // bytes of a stream a call
	maxCurves = 64      // keys a call
)

func (h *Handler) importRun(w http.ResponseWriter, r *http.Request) error {
	var in ImportRun
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := track.CheckRunID(in.RunID); err != nil {
		return err
	}
	e, err := h.s.Runs.ExperimentByName(r.Context(), in.Experiment)
	if fault.Is(err, fault.NotFound) {
		e, err = h.s.Runs.CreateExperiment(r.Context(), track.Experiment{Name: in.Experiment})
		if fault.Is(err, fault.Exists) { // somebody else was faster
			e, err = h.s.Runs.ExperimentByName(r.Context(), in.Experiment)
		}
	}
	if err != nil {
		return err
	}
	run, err := h.s.Runs.CreateRun(r.Context(), track.NewRun{
		ID: in.RunID, ExperimentID: e.ID, Name: in.Name, User: in.User, Start: in.Start, Tags: in.Tags,
	})
	if err != nil {
		return err
	}
	return writeJSON(w, ImportedRun{RunID: run.ID, ExperimentID: run.ExperimentID, ArtifactURI: run.ArtifactURI})
}

func (h *Handler) importLoggedModel(w http.ResponseWriter, r *http.Request) error {
	var in ImportLoggedModel
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	experiment, err := number(in.ExperimentID, 0)
	if err != nil {
		return err
	}
	if id, ok := strings.CutPrefix(in.ModelID, "m-"); !ok || track.CheckRunID(id) != nil {
		return fault.New(fault.Invalid, "%q is not the id of a logged model", in.ModelID)
	}
	m, err := h.s.Models.CreateLoggedModel(r.Context(), track.LoggedModel{
		ID: in.ModelID, ExperimentID: experiment, Name: in.Name, Type: in.Type, SourceRunID: in.SourceRunID,
		Params: in.Params, Tags: in.Tags,
	})
	if err != nil {
		return err
	}
	return writeJSON(w, struct {
		ID string `json:"model_id"`
	}{m.ID})
}

func (h *Handler) byCommit(w http.ResponseWriter, r *http.Request) error {
	runs, err := h.s.Runs.RunsByCommit(r.Context(), nil, r.URL.Query().Get("commit"))
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(runs))
	for _, run := range runs {
		ids = append(ids, run.ID)
	}
	return writeJSON(w, struct {
		RunIDs []string `json:"run_ids"`
	}{ids})
}

func (h *Handler) curves(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	keys := q["key"]
	if len(keys) == 0 || len(keys) > maxCurves {
		return fault.New(fault.Invalid, "ask for 1 to %d metrics: ?key=NAME&key=NAME", maxCurves)
	}
	points, err := number(q.Get("max"), 1000)
	if err != nil || points < 2 || points > 10000 {
		return fault.New(fault.Invalid, "max must be a number from 2 to 10000")
	}
	after, err := afterSteps(q["after"], len(keys))
	if err != nil {
		return err
	}
	out := Curves{Curves: map[string]Curve{}}
	for i, k := range keys {
		c, err := h.s.Runs.Curve(r.Context(), track.CurveQuery{
			RunID: r.PathValue("run"), Key: k, MaxPoints: int(points), AfterStep: after[i],
		})
		if err != nil {
			return err
		}
		out.Curves[k] = curveOf(c)
	}
	return writeJSON(w, out)
}

// afterSteps reads the steps behind which curves are asked for: one for all, or
// one for each key in the keys' order, because metrics of one run move apart.
func afterSteps(given []string, keys int) ([]int64, error) {
	if len(given) > 1 && len(given) != keys {
		return nil, fault.New(fault.Invalid, "give after once, or once for each key")
	}
	out := make([]int64, keys)
	for i := range out {
		text := ""
		if len(given) > 0 {
			text = given[min(i, len(given)-1)]
		}
		var err error
		if out[i], err = number(text, math.MinInt64); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func curveOf(c track.Curve) Curve {
	out := Curve{Total: c.Total, Points: make([][3]*float64, 0, len(c.Points))}
	for _, p := range c.Points {
		step, at := float64(p.Step), float64(p.Time)
		point := [3]*float64{&step, &at, nil}
		if !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) {
			v := p.Value
			point[2] = &v
		}
		out.Points = append(out.Points, point)
	}
	return out
}

func number(s string, missing int64) (int64, error) {
	if s == "" {
		return missing, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "%q is not a whole number", s)
	}
	return n, nil
}

func (h *Handler) appendStream(w http.ResponseWriter, r *http.Request) error {
	offset, err := number(r.URL.Query().Get("offset"), 0)
	if err != nil || offset < 0 {
		return fault.New(fault.Invalid, "offset must be the position of the first byte")
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxChunk))
	if err != nil {
		return fault.New(fault.TooLarge, "a piece of a stream has at most %d bytes", maxChunk)
	}
	err = h.s.Streams.AppendStream(r.Context(), track.StreamChunk{
		RunID: r.PathValue("run"), Name: r.PathValue("name"), Offset: offset, Data: data,
	})
	if err != nil {
		return err
	}
	return writeJSON(w, struct {
		Next int64 `json:"next"`
	}{offset + int64(len(data))})
}

func (h *Handler) readStream(w http.ResponseWriter, r *http.Request) error {
	from, err := number(r.URL.Query().Get("from"), 0)
	if err != nil {
		return err
	}
	data, next, err := h.s.Streams.Stream(r.Context(), r.PathValue("run"), r.PathValue("name"), from, maxChunk)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Assay-Next", strconv.FormatInt(next, 10))
	_, _ = w.Write(data)
	return nil
}

// live sends news as server-sent events: what changed, not the data, so that a
// page fetches what it shows and a lost line heals by fetching again.
func (h *Handler) live(w http.ResponseWriter, r *http.Request) error {
	flush := http.NewResponseController(w)
	if err := flush.SetWriteDeadline(time.Time{}); err != nil {
		return fault.New(fault.Unsupported, "this connection cannot carry events")
	}
	// Watching begins before the page hears that the line stands: what it reads
	// after that, and the news, leave no gap between them.
	changes := h.s.Watch(r.Context())
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, "retry: 2000\n\n")
	_ = flush.Flush()
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
		case c, ok := <-changes:
			if !ok {
				return nil
			}
			data, _ := json.Marshal(struct {
				Experiment string `json:"experiment"`
				Run        string `json:"run,omitempty"`
				Kind       string `json:"kind"`
			}{strconv.FormatInt(c.ExperimentID, 10), c.RunID, strings.TrimSpace(c.Kind)})
			fmt.Fprintf(w, "data: %s\n\n", data)
		}
		if flush.Flush() != nil {
			return nil
		}
	}
}
