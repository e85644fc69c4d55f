//go:build compat

// Package durable_test tries the server's promise that nothing acknowledged is
// lost: it is killed under load, its disk is filled, its folder is taken away.
// It needs Linux, and the right to mount a small file system:
//
//	sudo go test -tags compat ./compat/durable/
package durable_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// api calls MLflow's REST API as a client does.
type api struct {
	t   *testing.T
	url string
}

// post calls a route and returns status and body; status 0 is no answer.
func (a api) post(route string, body any) (int, string) {
	a.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.send("POST", "/api/2.0/mlflow/"+route, bytes.NewReader(data))
}

func (a api) send(method, path string, body io.Reader) (int, string) {
	req, err := http.NewRequest(method, a.url+path, body)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error() // cut off in the middle: not acknowledged
	}
	return res.StatusCode, string(text)
}

// must is post that has to succeed; it decodes the answer into out.
func (a api) must(route string, body, out any) {
	a.t.Helper()
	status, text := a.post(route, body)
	if status != 200 {
		a.t.Fatalf("%s: %d %s", route, status, text)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(text), out); err != nil {
			a.t.Fatalf("%s: %v in %s", route, err, text)
		}
	}
}

func (a api) get(path string, out any) {
	a.t.Helper()
	status, text := a.send("GET", path, nil)
	if status != 200 {
		a.t.Fatalf("%s: %d %s", path, status, text)
	}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		a.t.Fatalf("%s: %v in %s", path, err, text)
	}
}

// newRun makes a run of experiment 0 and returns its id, "" without an answer.
func (a api) newRun() string {
	status, text := a.post("runs/create", map[string]any{"experiment_id": "0", "start_time": 1})
	if status != 200 {
		return ""
	}
	var made struct {
		Run struct {
			Info struct {
				RunID string `json:"run_id"`
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		a.t.Error(err)
	}
	return made.Run.Info.RunID
}

// logBatch logs step i of a run: two metrics, a tag, a param of its own.
func (a api) logBatch(run string, i int) (int, string) {
	return a.post("runs/log-batch", map[string]any{
		"run_id": run,
		"metrics": []any{
			map[string]any{"key": "loss", "value": 1 / float64(i+1), "step": i, "timestamp": i},
			map[string]any{"key": "acc", "value": i, "step": i, "timestamp": i},
		},
		"tags":   []any{map[string]any{"key": "last", "value": fmt.Sprint(i)}},
		"params": []any{map[string]any{"key": fmt.Sprint("p", i), "value": strings.Repeat("v", 50)}},
	})
}

// history is what the server has of a metric.
func (a api) history(run, key string) []float64 {
	a.t.Helper()
	var out []float64
	for token := ""; ; {
		var page struct {
			Metrics []struct {
				Value float64
				Step  int
			}
			Next string `json:"next_page_token"`
		}
		a.get("/api/2.0/mlflow/metrics/get-history?run_id="+run+"&metric_key="+key+"&max_results=1000&page_token="+token, &page)
		for _, m := range page.Metrics {
			out = append(out, m.Value)
		}
		if token = page.Next; token == "" {
			return out
		}
	}
}

// parse decodes an answer and returns the number that it holds, 0 if none.
func parse(a api, text string, into any, number func() string) int {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		a.t.Errorf("%v in %s", err, text)
		return 0
	}
	n, err := strconv.Atoi(number())
	if err != nil {
		a.t.Errorf("%v in %s", err, text)
	}
	return n
}
