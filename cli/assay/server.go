package assay

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	bloblocal "github.com/assay-ml/assay/blob/local"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/registry"
	"github.com/assay-ml/assay/server"
	"github.com/assay-ml/assay/server/sqlstore"
	"github.com/assay-ml/assay/track/api"
	"github.com/assay-ml/assay/track/mlflow"
	"github.com/assay-ml/assay/web"
)

type serverOptions struct {
	listen, data  string
	artifactRoot  string
	artifactsDest string
	allowedHosts  []string
}

func newServer(env Env) *cobra.Command {
	var o serverOptions
	cmd := &cobra.Command{
		Use:   "server",
		Short: "Serve experiments, models and pages from one folder",
		Long: "Serve experiments, models and pages from one folder: a SQLite database and the artifacts.\n" +
			"Any MLflow client logs to it: set MLFLOW_TRACKING_URI to its address.",
		Example: "  assay server --data ./assay-data\n  assay server --listen 0.0.0.0:5000 --data /srv/assay",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runServer(cmd.Context(), env, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:5000", "`HOST:PORT` to listen on; port 0 takes a free one")
	f.StringVar(&o.data, "data", "assay-data", "`DIR` that holds all that the server keeps")
	f.StringVar(&o.artifactRoot, "default-artifact-root", "mlflow-artifacts:/", "`URI` below which new experiments keep artifacts")
	f.StringVar(&o.artifactsDest, "artifacts-destination", "", "`DIR` for artifacts that go through the server (default: DATA/artifacts)")
	f.StringSliceVar(&o.allowedHosts, "allowed-hosts", nil, "`NAMES` under which the server may be asked for, beside loopback and private addresses")
	return cmd
}

func runServer(ctx context.Context, env Env, o serverOptions) error {
	if !filepath.IsAbs(o.data) {
		o.data = filepath.Join(env.Dir, o.data)
	}
	s, err := openServer(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fault.New(fault.Unavailable, "cannot listen on %s: %w", o.listen, err).
			WithHint("another program may use the port: choose one with --listen HOST:PORT")
	}
	fmt.Fprintf(env.Stdout, "listening on http://%s\n", l.Addr())
	return server.Serve(ctx, l, s.Handler)
}

// served is an open server: its handler and what must be closed after it.
type served struct {
	Handler http.Handler
	store   *sqlstore.Store
}

func (s *served) Close() { _ = s.store.Close() }

// openServer opens the data directory and wires everything to it.
func openServer(ctx context.Context, o serverOptions) (*served, error) {
	if err := os.MkdirAll(o.data, 0o755); err != nil {
		return nil, fault.New(fault.Unavailable, "making the data directory %s: %w", o.data, err)
	}
	if o.artifactsDest == "" {
		o.artifactsDest = filepath.Join(o.data, "artifacts")
	}
	bucket, err := bloblocal.Open(o.artifactsDest)
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.Open(ctx, sqlstore.Options{
		Path: filepath.Join(o.data, "assay.db"), ArtifactRoot: o.artifactRoot, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	rules := registry.New(registry.Options{Store: store, Files: server.Digester{Bucket: bucket}, Actor: server.Actor})
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	return &served{store: store, Handler: server.New(server.Options{
		AllowedHosts: o.allowedHosts,
		Web:          web.Handler(),
		MLflow: mlflow.New(mlflow.Services{
			Experiments: store, Runs: store, Log: store, LoggedModels: store,
			Models: rules, Versions: rules, Aliases: rules, Artifacts: bucket, Notify: store.Tell, Version: server.MLflowVersion,
		}),
		API: api.New(api.Services{
			Runs: store, Models: store, Streams: store, Reviews: store, Registry: rules, Files: bucket,
			Actor: server.Actor, Watch: store.Watch, Now: func() int64 { return time.Now().UnixMilli() },
		}),
	})}, nil
}
