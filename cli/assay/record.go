package assay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	bloblocal "github.com/assay-ml/assay/blob/local"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/params"
	"github.com/assay-ml/assay/registry"
	"github.com/assay-ml/assay/server"
	"github.com/assay-ml/assay/server/sqlstore"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
	"github.com/assay-ml/assay/track/client"
	"github.com/assay-ml/assay/track/mlflow"
	"github.com/assay-ml/assay/track/spool"
)

// lastRunFile is where `assay run` leaves what `assay report` needs, below the
// project's .assay folder.
const lastRunFile = "last-run.json"

// lastRun is what is known of the run that was recorded last.
type lastRun struct {
	RunID        string        `json:"run_id"`
	Experiment   string        `json:"experiment"`
	ExperimentID int64         `json:"experiment_id"`
	Server       string        `json:"server,omitempty"`
	Dir          string        `json:"dir"`
	Command      string        `json:"command"`
	ExitCode     int           `json:"exit_code"`
	Took         time.Duration `json:"took"`
	Tail         string        `json:"tail,omitempty"`
	Root         string        `json:"root"` // artifact root on the server
	Unsent       int           `json:"unsent,omitempty"`
}

// recorder is everything that stands around a command that runs.
type recorder struct {
	project *project
	run     api.ImportRun
	remote  *api.ImportedRun // nil: the server was not there when it began
	server  string
	journal *spool.Journal
	forward *spool.Forwarder
	store   *sqlstore.Store
	local   *client.Client // of the relay
	address string
	root    string
	close   []func()

	mu     sync.Mutex
	offset int64
	tail   []byte
	logged map[string]string // digest of each metrics file as logged last
	step   int64
}

// blobFiles lets the forwarder read what the local store keeps.
type blobFiles struct{ bucket *bloblocal.Bucket }

func (b blobFiles) Open(ctx context.Context, path string) (io.ReadSeekCloser, error) {
	r, _, err := b.bucket.Open(ctx, path)
	return r, err
}

// spoolDir makes the folder of a run below .assay, which ignores itself in Git.
func spoolDir(top, runID string) (string, error) {
	base := filepath.Join(top, ".assay")
	dir := filepath.Join(base, "runs", runID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fault.New(fault.Unavailable, "making the folder %s: %w", dir, err)
	}
	ignore := filepath.Join(base, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// newRecorder makes the run here, and on the server if that answers at once.
func newRecorder(ctx context.Context, env Env, p *project, serverAddress string, tags []track.Tag) (*recorder, error) {
	user := p.actor(ctx, env)
	r := &recorder{
		project: p, server: serverAddress, logged: map[string]string{},
		run: api.ImportRun{
			RunID: track.NewRunID(), Experiment: p.config.Experiment, Name: track.NewName(), User: user,
			Start: time.Now().UnixMilli(), Tags: append(tags, track.Tag{Key: "mlflow.user", Value: user}),
		},
	}
	if serverAddress != "" {
		quick, cancel := context.WithTimeout(ctx, 2*time.Second)
		c := client.New(serverAddress, client.Options{Actor: headerSafe(user), Token: env.Getenv("ASSAY_TOKEN")})
		out, err := c.ImportRun(quick, r.run)
		cancel()
		if err == nil {
			r.remote = &out
		}
	}
	if err := r.openLocal(ctx); err != nil {
		r.Close()
		return nil, err
	}
	return r, r.listen(env, user)
}

// openLocal opens the run's own small store, which answers the script.
func (r *recorder) openLocal(ctx context.Context) error {
	dir, err := spoolDir(r.project.dir, r.run.RunID)
	if err != nil {
		return err
	}
	store, bucket, err := openStore(ctx, dir)
	if err != nil {
		return err
	}
	r.store = store
	r.close = append(r.close, func() { _ = store.Close() })
	e, err := store.ExperimentByName(ctx, r.run.Experiment)
	if fault.Is(err, fault.NotFound) {
		e = track.Experiment{Name: r.run.Experiment}
		if r.remote != nil {
			e.ID = r.remote.ExperimentID // so that a script that asks the server sees the same id
		}
		e, err = store.CreateExperiment(ctx, e)
	}
	if err != nil {
		return err
	}
	run, err := store.CreateRun(ctx, track.NewRun{
		ID: r.run.RunID, ExperimentID: e.ID, Name: r.run.Name, User: r.run.User, Start: r.run.Start, Tags: r.run.Tags,
	})
	if err != nil {
		return err
	}
	r.root = run.ArtifactURI
	r.journal, err = spool.Create(dir, spool.Header{Run: r.run, Server: r.server, Root: run.ArtifactURI, Local: e.ID})
	if err != nil {
		return err
	}
	r.close = append(r.close, func() { _ = r.journal.Close() })
	r.forward = &spool.Forwarder{Journal: r.journal, Server: r.server, HTTP: http.DefaultClient, Files: blobFiles{bucket}}
	return nil
}

// openStore opens the small store in a spool folder.
func openStore(ctx context.Context, dir string) (*sqlstore.Store, *bloblocal.Bucket, error) {
	bucket, err := bloblocal.Open(filepath.Join(dir, "artifacts"))
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlstore.Open(ctx, sqlstore.Options{
		Path: filepath.Join(dir, "run.db"), ArtifactRoot: "mlflow-artifacts:/", Now: time.Now,
	})
	return store, bucket, err
}

// listen starts the relay on loopback.
func (r *recorder) listen(env Env, user string) error {
	r.forward.Actor, r.forward.Token = headerSafe(user), env.Getenv("ASSAY_TOKEN")
	bucket := r.forward.Files.(blobFiles).bucket
	rules := registry.New(registry.Options{Store: r.store, Files: server.Digester{Bucket: bucket}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fault.New(fault.Unavailable, "listening on loopback: %w", err)
	}
	relay := &spool.Relay{
		Journal: r.journal, Server: r.server, DrainWait: 10 * time.Second,
		Local: server.New(server.Options{
			API: http.NotFoundHandler(),
			MLflow: mlflow.New(mlflow.Services{
				Experiments: r.store, Runs: r.store, Log: r.store, LoggedModels: r.store,
				Models: rules, Versions: rules, Aliases: rules, Artifacts: bucket, Version: server.MLflowVersion,
			}),
		}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	go func() { _ = server.Serve(ctx, l, relay); done <- struct{}{} }()
	go func() {
		if r.server != "" {
			r.forward.Follow(ctx)
		}
		done <- struct{}{}
	}()
	r.close = append(r.close, func() { cancel(); <-done; <-done })
	r.address = "http://" + l.Addr().String()
	r.local = client.New(r.address, client.Options{})
	return nil
}

// Close ends the relay and closes the store, in reverse order.
func (r *recorder) Close() {
	for i := len(r.close) - 1; i >= 0; i-- {
		r.close[i]()
	}
	r.close = nil
}

// tailBytes is how much of the output's end a report may show.
const tailBytes = 8 << 10

// Write records a piece of the command's output; it never fails the command.
func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for rest := p; len(rest) > 0; {
		piece := rest[:min(len(rest), 256<<10)]
		rest = rest[len(piece):]
		_ = r.journal.Add(spool.Entry{
			Method: "POST", Raw: bytes.Clone(piece),
			Path: api.Prefix + "/runs/" + url.PathEscape(r.run.RunID) + "/streams/output?offset=" + strconv.FormatInt(r.offset, 10),
		})
		r.offset += int64(len(piece))
	}
	r.tail = append(r.tail, p...)
	if len(r.tail) > 2*tailBytes {
		r.tail = bytes.Clone(r.tail[len(r.tail)-tailBytes:])
	}
	return len(p), nil
}

// lastLines returns the last n lines of the output.
func (r *recorder) lastLines(n int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := bytes.Split(bytes.TrimRight(r.tail, "\n"), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-n):], []byte("\n")))
}

// logMetricsFiles logs the metrics files that changed since they were logged.
func (r *recorder) logMetricsFiles(ctx context.Context) error {
	for _, name := range r.project.config.Files.Metrics {
		data, err := readProjectFile(r.project.dir, name, 16<<20)
		if err != nil {
			continue // not written yet
		}
		sum := sha256.Sum256(data)
		key := hex.EncodeToString(sum[:])
		if r.logged[name] == key {
			continue
		}
		set, err := params.Parse(name, data)
		if err != nil {
			return fault.New(fault.Invalid, "%w", err)
		}
		r.logged[name] = key
		var b track.Batch
		for _, v := range set.Values {
			if v.IsNum && track.CheckKey("metric", v.Path) == nil {
				b.Metrics = append(b.Metrics, track.Metric{Key: v.Path, Value: v.Num, Step: r.step, Time: time.Now().UnixMilli()})
			}
		}
		r.step++
		if err := r.local.LogBatch(ctx, r.run.RunID, b); err != nil {
			return err
		}
	}
	return nil
}

// readProjectFile reads a file below the project's top, at most max bytes.
func readProjectFile(top, name string, max int64) ([]byte, error) {
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(data)) > max {
		err = fault.New(fault.TooLarge, "%s is larger than %d MB", name, max>>20)
	}
	return data, err
}

func writeLastRun(top string, l lastRun) error {
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(top, ".assay", lastRunFile)
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Rename(path+".new", path)
}

func readLastRun(top string) (lastRun, error) {
	var l lastRun
	data, err := os.ReadFile(filepath.Join(top, ".assay", lastRunFile))
	if errors.Is(err, os.ErrNotExist) {
		return l, fault.New(fault.NotFound, "no run was recorded here").
			WithHint("train under `assay run -- COMMAND` first")
	}
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(data, &l)
}
