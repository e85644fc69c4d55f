package spool

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
)

// artifactPath is where MLflow's clients put and get artifacts.
const artifactPath = "/api/2.0/mlflow-artifacts/artifacts/"

// Files opens what a call's body was kept as.
type Files interface {
	Open(ctx context.Context, path string) (io.ReadSeekCloser, error)
}

// Forwarder sends a journal to a server, in order, each call once or again
// until it was acknowledged.
type Forwarder struct {
	Journal *Journal
	Server  string // base address
	Actor   string
	Token   string
	HTTP    *http.Client
	Files   Files

	remote *api.ImportedRun // the run on the server, once it is there
}

// Follow sends what is there and what comes, until ctx ends. Between failures
// it waits, longer each time, half a minute at most.
func (f *Forwarder) Follow(ctx context.Context) {
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		_, _, news := f.Journal.state()
		err := f.Send(ctx)
		pause := time.NewTimer(wait)
		if err == nil {
			wait = 100 * time.Millisecond
			pause.Stop()
			select {
			case <-news:
			case <-ctx.Done():
			}
			continue
		}
		select {
		case <-pause.C:
			wait = min(2*wait, 30*time.Second)
		case <-ctx.Done():
			pause.Stop()
		}
	}
}

// Send sends all that was not acknowledged yet. Calling it again after a
// failure, or after everything was sent, is safe: ids were chosen here, and
// the server knows a repeated call.
func (f *Forwarder) Send(ctx context.Context) error {
	if f.remote == nil {
		var out api.ImportedRun
		if err := f.json(ctx, "POST", api.Prefix+"/import/run", f.Journal.Header.Run, &out); err != nil {
			return err
		}
		f.remote = &out
	}
	count, sent, _ := f.Journal.state()
	if sent >= count {
		return nil
	}
	file, err := os.Open(filepath.Join(f.Journal.dir, entriesFile))
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<16), maxEntry+1)
	for n := 0; n < count && lines.Scan(); n++ {
		if n < sent {
			continue
		}
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fault.New(fault.Invalid, "call %d of %s is damaged: %w", n+1, f.Journal.dir, err)
		}
		if err := f.one(ctx, e); err != nil {
			return err
		}
		if err := f.Journal.mark(n + 1); err != nil {
			return err
		}
	}
	return lines.Err()
}

// one sends one call. What the server refuses for good (a 4xx) would be refused
// again: it is passed over, for the local answer has long been given.
func (f *Forwarder) one(ctx context.Context, e Entry) error {
	path := f.translate(e.Path)
	var body io.Reader
	switch {
	case e.File != "":
		r, err := f.Files.Open(ctx, e.File)
		if fault.Is(err, fault.NotFound) {
			return nil // deleted again by the script
		}
		if err != nil {
			return err
		}
		defer r.Close()
		body = r
	case e.Raw != nil:
		body = bytes.NewReader(e.Raw)
	case e.Body != nil:
		body = bytes.NewReader(f.body(e))
	}
	res, err := f.do(ctx, e.Method, path, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if transient(res.StatusCode) {
		return fault.New(fault.Unavailable, "the server %s answered %s", f.Server, res.Status)
	}
	if res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden {
		// Not the call's fault: with other credentials it will be taken.
		return fault.New(fault.Denied, "the server %s does not let us write: %s", f.Server, res.Status).
			WithHint("set ASSAY_TOKEN and send it again: `assay run push %s`", f.Journal.dir)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return nil
}

func transient(status int) bool { return status >= 500 || status == 429 || status == 408 }

// translate puts an artifact below the run's root on the server; locally the
// experiment may have had another id.
func (f *Forwarder) translate(path string) string {
	rest, ok := strings.CutPrefix(path, artifactPath)
	if !ok {
		return path
	}
	local, _, _ := track.ArtifactPath(f.Journal.Header.Root)
	remote, isOurs, err := track.ArtifactPath(f.remote.ArtifactURI)
	if tail, ok := strings.CutPrefix(rest, local+"/"); ok && isOurs && err == nil {
		return artifactPath + remote + "/" + tail
	}
	first, tail, _ := strings.Cut(rest, "/")
	if first == strconv.FormatInt(f.Journal.Header.Local, 10) {
		return artifactPath + strconv.FormatInt(f.remote.ExperimentID, 10) + "/" + tail
	}
	return path
}

// body puts the server's id of the experiment where the script's call had the
// local one.
func (f *Forwarder) body(e Entry) []byte {
	if f.remote.ExperimentID == f.Journal.Header.Local || !bytes.Contains(e.Body, []byte(`"experiment_id"`)) {
		return e.Body
	}
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(e.Body))
	dec.UseNumber()
	if dec.Decode(&m) != nil {
		return e.Body
	}
	m["experiment_id"] = strconv.FormatInt(f.remote.ExperimentID, 10)
	if out, err := json.Marshal(m); err == nil {
		return out
	}
	return e.Body
}

func (f *Forwarder) do(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(f.Server, "/")+path, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if f.Actor != "" {
		req.Header.Set("X-Assay-Actor", f.Actor)
	}
	if f.Token != "" {
		req.Header.Set("Authorization", "Bearer "+f.Token)
	}
	res, err := f.HTTP.Do(req)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the server at %s cannot be reached: %w", f.Server, err).
			WithHint("send what was kept later: `assay run push %s`", f.Journal.dir)
	}
	return res, nil
}

func (f *Forwarder) json(ctx context.Context, method, path string, in, out any) error {
	data, err := json.Marshal(in)
	if err != nil {
		return err
	}
	res, err := f.do(ctx, method, path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if res.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "the server %s answered %s: %.200s", f.Server, res.Status, said)
	}
	return json.Unmarshal(said, out)
}
