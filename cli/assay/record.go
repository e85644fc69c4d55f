package assay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	bloblocal "github.com/assay-ml/assay/blob/local"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/registry"
	"github.com/assay-ml/assay/server"
	"github.com/assay-ml/assay/server/sqlstore"
	"github.com/assay-ml/assay/track"
	"github.com/assay-ml/assay/track/api"
	"github.com/assay-ml/assay/track/capture"
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

	output  capture.Output
	keeping sync.Mutex // guards offset and tail
	offset  int64      // of the output's record: what was given to the journal
	tail    []byte     // its end
	unkept  error      // why some of the output is not in the record
	metrics map[string]*metricsFile
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
		return "", keeping(dir, err)
	}
	ignore := filepath.Join(base, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o644); err != nil {
			return "", keeping(dir, err)
		}
	}
	return dir, nil
}

// keeping explains why what is recorded cannot be kept in dir.
func keeping(dir string, err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Unavailable, "the disk that holds %s is full: %w", dir, err).
			WithHint("free some space: what a command logs is kept there until the server has it")
	}
	return fault.New(fault.Unavailable, "what is recorded cannot be kept in %s: %w", dir, err)
}

// newRecorder makes the run here, and on the server if that answers at once.
func newRecorder(ctx context.Context, env Env, p *project, serverAddress string, tags []track.Tag) (*recorder, error) {
	user := p.actor(ctx, env)
	r := &recorder{
		project: p, server: serverAddress, metrics: map[string]*metricsFile{},
		run: api.ImportRun{
			RunID: track.NewRunID(), Experiment: p.config.Experiment, Name: track.NewName(), User: user,
			Start: time.Now().UnixMilli(), Tags: append(tags, track.Tag{Key: "mlflow.user", Value: user}),
		},
	}
	for _, name := range p.config.Files.Metrics {
		r.metrics[name] = newMetricsFile(p.dir, name)
	}
	if _, err := spoolDir(p.dir, r.run.RunID); err != nil {
		return nil, err // before the server hears of a run that cannot be kept
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
		return keeping(dir, err)
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
		return keeping(dir, err)
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
