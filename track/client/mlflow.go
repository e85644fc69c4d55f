package client

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// number reads a metric's value: a number, or NaN and the infinities as text.
type number float64

func (n *number) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	*n = number(v)
	return err
}

type wireMetric struct {
	Key       string `json:"key"`
	Value     number `json:"value"`
	Step      int64  `json:"step"`
	Timestamp int64  `json:"timestamp"`
}

type wireTag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type wireRun struct {
	Info struct {
		RunID        string `json:"run_id"`
		RunName      string `json:"run_name"`
		ExperimentID string `json:"experiment_id"`
		UserID       string `json:"user_id"`
		Status       string `json:"status"`
		Start        int64  `json:"start_time"`
		End          int64  `json:"end_time"`
		ArtifactURI  string `json:"artifact_uri"`
		Lifecycle    string `json:"lifecycle_stage"`
	} `json:"info"`
	Data struct {
		Metrics []wireMetric `json:"metrics"`
		Params  []wireTag    `json:"params"`
		Tags    []wireTag    `json:"tags"`
	} `json:"data"`
}

func (w wireRun) run() track.Run {
	i := w.Info
	id, _ := strconv.ParseInt(i.ExperimentID, 10, 64)
	r := track.Run{RunInfo: track.RunInfo{
		ID: i.RunID, ExperimentID: id, Name: i.RunName, User: i.UserID, Status: track.RunStatus(i.Status),
		Start: i.Start, End: i.End, ArtifactURI: i.ArtifactURI, Lifecycle: track.Lifecycle(i.Lifecycle),
	}}
	for _, m := range w.Data.Metrics {
		r.Metrics = append(r.Metrics, m.metric())
	}
	for _, p := range w.Data.Params {
		r.Params = append(r.Params, track.Param(p))
	}
	for _, t := range w.Data.Tags {
		r.Tags = append(r.Tags, track.Tag(t))
	}
	return r
}

func (m wireMetric) metric() track.Metric {
	return track.Metric{Key: m.Key, Value: float64(m.Value), Step: m.Step, Time: m.Timestamp}
}

// Run returns a run.
func (c *Client) Run(ctx context.Context, id string) (track.Run, error) {
	var out struct {
		Run wireRun `json:"run"`
	}
	err := c.call(ctx, "GET", mlflowPath+"runs/get", url.Values{"run_id": {id}}, nil, &out)
	return out.Run.run(), err
}

// SearchRuns returns at most max runs of the experiments that a filter in
// MLflow's grammar selects.
func (c *Client) SearchRuns(ctx context.Context, experimentIDs []int64, filter string, order []string, max int) ([]track.Run, error) {
	ids := make([]string, len(experimentIDs))
	for i, id := range experimentIDs {
		ids[i] = strconv.FormatInt(id, 10)
	}
	var out struct {
		Runs []wireRun `json:"runs"`
	}
	err := c.call(ctx, "POST", mlflowPath+"runs/search", nil, map[string]any{
		"experiment_ids": ids, "filter": filter, "order_by": order, "max_results": max,
	}, &out)
	var runs []track.Run
	for _, w := range out.Runs {
		runs = append(runs, w.run())
	}
	return runs, err
}

// ExperimentID finds an experiment by its name.
func (c *Client) ExperimentID(ctx context.Context, name string) (int64, error) {
	var out struct {
		Experiment struct {
			ID string `json:"experiment_id"`
		} `json:"experiment"`
	}
	err := c.call(ctx, "GET", mlflowPath+"experiments/get-by-name", url.Values{"experiment_name": {name}}, nil, &out)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(out.Experiment.ID, 10, 64)
}

// History returns all points of one metric of a run, oldest first.
func (c *Client) History(ctx context.Context, runID, key string) ([]track.Metric, error) {
	var all []track.Metric
	for token := ""; ; {
		var out struct {
			Metrics []wireMetric `json:"metrics"`
			Next    string       `json:"next_page_token"`
		}
		q := url.Values{"run_id": {runID}, "metric_key": {key}, "max_results": {"25000"}}
		if token != "" {
			q.Set("page_token", token)
		}
		if err := c.call(ctx, "GET", mlflowPath+"metrics/get-history", q, nil, &out); err != nil {
			return nil, err
		}
		for _, m := range out.Metrics {
			all = append(all, m.metric())
		}
		if token = out.Next; token == "" {
			return all, nil
		}
	}
}

// LogBatch writes metrics, params and tags to a run.
func (c *Client) LogBatch(ctx context.Context, runID string, b track.Batch) error {
	metrics := make([]map[string]any, 0, len(b.Metrics))
	for _, m := range b.Metrics {
		metrics = append(metrics, map[string]any{
			"key": m.Key, "value": json.RawMessage(track.NumberJSON(m.Value)), "step": m.Step, "timestamp": m.Time,
		})
	}
	return c.call(ctx, "POST", mlflowPath+"runs/log-batch", nil, map[string]any{
		"run_id": runID, "metrics": metrics, "params": pairs(b.Params), "tags": pairs(b.Tags),
	}, nil)
}

func pairs[T track.Param | track.Tag](list []T) []wireTag {
	out := make([]wireTag, len(list))
	for i, p := range list {
		out[i] = wireTag(p)
	}
	return out
}

// EndRun sets the final status of a run and when it ended (Unix time in ms).
func (c *Client) EndRun(ctx context.Context, runID string, status track.RunStatus, end int64) error {
	return c.call(ctx, "POST", mlflowPath+"runs/update", nil, map[string]any{
		"run_id": runID, "status": status, "end_time": end,
	}, nil)
}

// PutArtifact stores a file below an artifact address that the server keeps.
func (c *Client) PutArtifact(ctx context.Context, root, name string, r io.Reader) error {
	p, err := c.artifact(root, name)
	if err != nil {
		return err
	}
	res, err := c.send(ctx, "PUT", p, nil, r)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// OpenArtifact reads a file below an artifact address that the server keeps.
func (c *Client) OpenArtifact(ctx context.Context, root, name string) (io.ReadCloser, error) {
	p, err := c.artifact(root, name)
	if err != nil {
		return nil, err
	}
	res, err := c.send(ctx, "GET", p, nil, nil)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (c *Client) artifact(root, name string) (string, error) {
	base, ok, err := track.ArtifactPath(root)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", fault.New(fault.Unsupported, "the artifacts at %s are not kept by the server %s", root, c.base)
	}
	rel, err := track.CleanPath(name)
	if err != nil {
		return "", err
	}
	var escaped []string
	for _, part := range strings.Split(strings.Trim(base+"/"+rel, "/"), "/") {
		escaped = append(escaped, url.PathEscape(part))
	}
	return artifactsPath + strings.Join(escaped, "/"), nil
}
