package client

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"strconv"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
)

// ImportRun makes a run whose id the caller chose; asking again changes nothing.
func (c *Client) ImportRun(ctx context.Context, in api.ImportRun) (api.ImportedRun, error) {
	var out api.ImportedRun
	err := c.call(ctx, "POST", api.Prefix+"/import/run", nil, in, &out)
	return out, err
}

// RunsByCommit lists the ids of the runs of a commit or tree, newest first.
func (c *Client) RunsByCommit(ctx context.Context, commit string) ([]string, error) {
	var out struct {
		RunIDs []string `json:"run_ids"`
	}
	err := c.call(ctx, "GET", api.Prefix+"/runs/by-commit", url.Values{"commit": {commit}}, nil, &out)
	return out.RunIDs, err
}

// LoggedFiles lists the models that a run logged (MLflow 3) with the digests
// of their files.
func (c *Client) LoggedFiles(ctx context.Context, runID string) ([]track.LoggedFiles, error) {
	var out api.LoggedFiles
	err := c.call(ctx, "GET", api.Prefix+"/runs/"+url.PathEscape(runID)+"/logged-models", nil, nil, &out)
	return out.Models, err
}

// AppendStream adds a piece of a run's output; the same piece again changes
// nothing.
func (c *Client) AppendStream(ctx context.Context, s track.StreamChunk) error {
	res, err := c.send(ctx, "POST", api.Prefix+"/runs/"+url.PathEscape(s.RunID)+"/streams/"+url.PathEscape(s.Name),
		url.Values{"offset": {strconv.FormatInt(s.Offset, 10)}}, bytes.NewReader(s.Data))
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// AddReview records what was shown.
func (c *Client) AddReview(ctx context.Context, r track.Review) (track.Review, error) {
	var out track.Review
	err := c.call(ctx, "POST", api.Prefix+"/reviews", nil, r, &out)
	return out, err
}

// Reviews lists what was shown, newest first.
func (c *Client) Reviews(ctx context.Context, q track.ReviewQuery) ([]track.Review, error) {
	v := url.Values{}
	for k, s := range map[string]string{"project": q.Project, "head": q.Head, "run": q.RunID} {
		if s != "" {
			v.Set(k, s)
		}
	}
	if q.Number > 0 {
		v.Set("number", strconv.Itoa(q.Number))
	}
	var out struct {
		Reviews []track.Review `json:"reviews"`
	}
	err := c.call(ctx, "GET", api.Prefix+"/reviews", v, nil, &out)
	return out.Reviews, err
}

func model(name string) string { return api.Prefix + "/models/" + url.PathEscape(name) }

// Register records a version of exactly the bytes that were reviewed.
func (c *Client) Register(ctx context.Context, g track.Registration) (track.ModelVersion, error) {
	var out track.ModelVersion
	err := c.call(ctx, "POST", model(g.Model)+"/versions", nil, g, &out)
	return out, err
}

// Version returns a version with its files and origin.
func (c *Client) Version(ctx context.Context, name string, version int) (track.ModelVersion, error) {
	var out track.ModelVersion
	err := c.call(ctx, "GET", model(name)+"/versions/"+strconv.Itoa(version), nil, nil, &out)
	return out, err
}

// Deployed records that a version was brought to an environment.
func (c *Client) Deployed(ctx context.Context, name string, version int, d track.Deployment) error {
	return c.call(ctx, "POST", model(name)+"/versions/"+strconv.Itoa(version)+"/deployments", nil, d, nil)
}

// Download reads one file of a version. Who calls checks the digest.
func (c *Client) Download(ctx context.Context, v track.ModelVersion, path string) (io.ReadCloser, error) {
	res, err := c.send(ctx, "GET", model(v.Model)+"/versions/"+strconv.Itoa(v.Version)+"/download",
		url.Values{"path": {path}}, nil)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Promote moves an alias.
func (c *Client) Promote(ctx context.Context, p track.Promotion) error {
	return c.call(ctx, "PUT", model(p.Model)+"/aliases/"+url.PathEscape(p.Alias), nil,
		api.Promote{Version: p.Version, Reason: p.Reason}, nil)
}

// Policy returns what protects a model's aliases.
func (c *Client) Policy(ctx context.Context, name string) (track.Policy, error) {
	var out track.Policy
	err := c.call(ctx, "GET", model(name)+"/policy", nil, nil, &out)
	return out, err
}

// SetPolicy replaces it.
func (c *Client) SetPolicy(ctx context.Context, name string, s api.SetPolicy) (track.Policy, error) {
	var out track.Policy
	err := c.call(ctx, "PUT", model(name)+"/policy", nil, s, &out)
	return out, err
}

// Events returns a model's audit trail, oldest first.
func (c *Client) Events(ctx context.Context, name string) ([]track.Event, error) {
	var out struct {
		Events []track.Event `json:"events"`
	}
	err := c.call(ctx, "GET", model(name)+"/events", nil, nil, &out)
	return out.Events, err
}

// Model is a registered model as MLflow's wire has it.
type Model struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Updated     int64             `json:"last_updated_timestamp"`
	Aliases     []ModelAlias      `json:"aliases"`
	Latest      []ModelVersionRef `json:"latest_versions"`
}

// ModelAlias is an alias on that wire.
type ModelAlias struct {
	Alias   string `json:"alias"`
	Version string `json:"version"`
}

// ModelVersionRef is a version on that wire.
type ModelVersionRef struct {
	Version string `json:"version"`
	RunID   string `json:"run_id"`
}

// Models lists registered models by name.
func (c *Client) Models(ctx context.Context) ([]Model, error) {
	var out struct {
		Models []Model `json:"registered_models"`
	}
	err := c.call(ctx, "GET", mlflowPath+"registered-models/search", url.Values{"max_results": {"1000"}}, nil, &out)
	return out.Models, err
}

// Model returns one registered model.
func (c *Client) Model(ctx context.Context, name string) (Model, error) {
	var out struct {
		Model Model `json:"registered_model"`
	}
	err := c.call(ctx, "GET", mlflowPath+"registered-models/get", url.Values{"name": {name}}, nil, &out)
	return out.Model, err
}

// Newest is the greatest version, 0 if there is none.
func (m Model) Newest() int {
	newest := 0
	for _, v := range m.Latest {
		if n, err := strconv.Atoi(v.Version); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}

// Resolve finds the version that an alias points to.
func (m Model) Resolve(alias string) (int, error) {
	for _, a := range m.Aliases {
		if a.Alias == alias {
			return strconv.Atoi(a.Version)
		}
	}
	return 0, fault.New(fault.NotFound, "model %s has no alias %q", m.Name, alias).
		WithHint("`assay model show %s` lists its versions and aliases", m.Name)
}
