//go:build compat

package pages

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

const (
	mlflow = "/api/2.0/mlflow/"
	ours   = "/api/assay/v1/"
	files  = "/api/2.0/mlflow-artifacts/artifacts/"
)

// door is the way into a server that clients use.
type door struct {
	t          *testing.T
	base, user string
}

type object = map[string]any

// post sends JSON and reads JSON into answer, which may be nil.
func (d door) post(path string, body, answer any) { d.t.Helper(); d.json("POST", path, body, answer) }

func (d door) json(method, path string, body, answer any) {
	d.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	got := d.send(method, path, "application/json", data)
	if answer == nil {
		return
	}
	if err := json.Unmarshal(got, answer); err != nil {
		d.t.Fatalf("%s %s answered %s: %v", method, path, got, err)
	}
}

func (d door) send(method, path, kind string, body []byte) []byte {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.base+path, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Assay-Actor", d.user)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		d.t.Fatalf("%s %s: %s: %s", method, path, res.Status, got)
	}
	return got
}

// experiment makes one and returns its id.
func (d door) experiment(name string) string {
	d.t.Helper()
	var made struct {
		ID string `json:"experiment_id"`
	}
	d.post(mlflow+"experiments/create", object{"name": name}, &made)
	return made.ID
}

// run is one that is to be made.
type run struct {
	experiment, name, user, status string
	start, end                     int64 // ms
	params, tags                   map[string]string
	metrics                        []point
}

// point is one of a history; the value may be "NaN".
type point struct {
	Key       string `json:"key"`
	Value     any    `json:"value"`
	Timestamp int64  `json:"timestamp"`
	Step      int    `json:"step"`
}

type pair struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func pairs(m map[string]string) []pair {
	out := []pair{}
	for k, v := range m {
		out = append(out, pair{k, v})
	}
	return out
}

// run makes a run and returns its id and the artifact root below the proxy.
func (d door) run(r run) (id, root string) {
	d.t.Helper()
	var made struct {
		Run struct {
			Info struct {
				ID  string `json:"run_id"`
				URI string `json:"artifact_uri"`
			} `json:"info"`
		} `json:"run"`
	}
	d.post(mlflow+"runs/create", object{
		"experiment_id": r.experiment, "run_name": r.name, "start_time": r.start, "user_id": r.user, "tags": pairs(r.tags),
	}, &made)
	id = made.Run.Info.ID
	d.log(id, r.metrics, pairs(r.params))
	if r.status != "RUNNING" {
		d.post(mlflow+"runs/update", object{"run_id": id, "status": r.status, "end_time": r.end}, nil)
	}
	return id, strings.TrimPrefix(made.Run.Info.URI, "mlflow-artifacts:/")
}

// batch is how many points go into one call: MLflow takes 1,000 things.
const batch = 900

func (d door) log(id string, metrics []point, params []pair) {
	d.t.Helper()
	for first := true; first || len(metrics) > 0; first = false {
		n := min(batch, len(metrics))
		body := object{"run_id": id, "metrics": metrics[:n]}
		if first {
			body["params"] = params
		}
		d.post(mlflow+"runs/log-batch", body, nil)
		metrics = metrics[n:]
	}
}

// file uploads an artifact.
func (d door) file(root, path string, data []byte) {
	d.t.Helper()
	d.send("PUT", files+root+"/"+path, "application/octet-stream", data)
}

// output sends what a command printed.
func (d door) output(id, text string) {
	d.t.Helper()
	d.send("POST", ours+"runs/"+id+"/streams/output?offset=0", "text/plain", []byte(text))
}
