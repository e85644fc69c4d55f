// Package sqlstore keeps all that the server keeps in SQL: experiments, runs
// and their metrics, logged and registered models, reviews, the audit trail
// and streams of output. It answers the interfaces that track/mlflow and
// registry declare. It is no place for rules of people (who may, what is
// protected): those live in registry and server/auth.
//
// The engine is SQLite, one file and one process. Writes go through one
// goroutine that puts the requests that wait into one transaction (writer.go);
// a call that returned nil is on disk. Metrics are kept as a packed log a run,
// a packed row of latest values a run, and sealed blocks of 1,024 points a
// series (pack.go, codec.go, seal.go). Names, params and tags stay readable
// with any SQL shell.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/assay-ml/assay/fault"
)

// Options says where and how to open a store.
type Options struct {
	Path         string           // the database file; its folder is made if need be
	ArtifactRoot string           // where new experiments keep artifacts; default "mlflow-artifacts:/"
	Now          func() time.Time // the clock; default time.Now
}

// Store is an open store. Its methods may be called at the same time by many.
//
// Slices in results may be shared with the store's memory: read them, do not
// write to them.
type Store struct {
	opt    Options
	lock   *os.File
	wdb    *sql.DB
	rdb    *sql.DB
	w      *writer
	stmts  stmts // of rdb
	keys   keyCache
	docs   docCache
	hub    hub
	sealer *sealer
	closed sync.Once
}

// Open opens or creates a store and brings its schema up to date. It fails
// with a Conflict fault if another process holds the file or if the file was
// written by a newer version.
func Open(ctx context.Context, opt Options) (*Store, error) {
	if opt.ArtifactRoot == "" {
		opt.ArtifactRoot = "mlflow-artifacts:/"
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if err := os.MkdirAll(filepath.Dir(opt.Path), 0o755); err != nil {
		return nil, fault.New(fault.Unavailable, "making the folder of the database: %w", err)
	}
	lock, err := lockFile(opt.Path + ".lock")
	if err != nil {
		return nil, err
	}
	s := &Store{opt: opt, lock: lock}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(s.explain(err), s.release())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	var err error
	// One connection writes; its transactions are begun by hand.
	if s.wdb, err = connect(s.opt.Path, 1, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-8000)", "journal_size_limit(67108864)"); err != nil {
		return err
	}
	conn, err := s.wdb.Conn(ctx)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, s.opt.Path); err != nil {
		return errors.Join(err, conn.Close())
	}
	if s.rdb, err = connect(s.opt.Path, 8, "query_only(1)"); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.stmts = stmts{prepare: s.rdb.PrepareContext}
	s.keys.init()
	s.docs.init()
	s.hub.init()
	s.w = newWriter(s, conn)
	if err := s.w.start(ctx); err != nil {
		return err
	}
	if err := s.ensureDefault(ctx); err != nil {
		return err
	}
	s.sealer = newSealer(s)
	return nil
}

func connect(path string, max int, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	u := url.URL{Path: filepath.ToSlash(abs)} // escapes ?, # and %
	db, err := sql.Open("sqlite", "file:"+u.EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(max)
	db.SetMaxIdleConns(max)
	db.SetConnMaxIdleTime(time.Minute)
	return db, nil
}

// Close finishes what is being written, seals nothing further and gives the
// file back.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		s.sealer.stop()
		s.w.stop()
		s.hub.close()
		err = s.release()
	})
	return err
}

func (s *Store) release() error {
	var errs []error
	if s.w != nil {
		s.w.stop()
	}
	if s.rdb != nil {
		errs = append(errs, s.rdb.Close())
	}
	if s.wdb != nil {
		errs = append(errs, s.wdb.Close())
	}
	if err := s.lock.Close(); err != nil { // the lock goes with the file
		errs = append(errs, fmt.Errorf("closing the lock file: %w", err))
	}
	return errors.Join(errs...)
}

func (s *Store) now() int64 { return s.opt.Now().UnixMilli() }

// joinURI appends path elements to a URI and keeps its query.
func joinURI(root string, elem ...string) string {
	base, query, found := strings.Cut(root, "?")
	out := strings.TrimRight(base, "/") + "/" + strings.Join(elem, "/")
	if found {
		out += "?" + query
	}
	return out
}
