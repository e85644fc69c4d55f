package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/assay-ml/assay/fault"
)

// Bounds of one group of requests that are committed together.
const (
	groupRequests = 64
	groupWeight   = 20_000 // points, roughly
	queueLength   = 256
)

// writer owns the one connection that writes. Requests that wait while a
// transaction commits share the next one; each runs in a savepoint of its own,
// so that one that fails does not spoil the others, and is answered only when
// the commit is on disk.
type writer struct {
	s     *Store
	conn  *sql.Conn
	stmts stmts
	queue chan *request
	quit  chan struct{}
	done  chan struct{}
	once  sync.Once

	// Counters of this process's transactions; only the writer touches them.
	ver, seq int64
}

type request struct {
	ctx    context.Context
	weight int
	do     func(*tx) error
	err    error
	after  []func()
	done   chan struct{}
}

// tx is a request's view of the running transaction.
type tx struct {
	s *Store
	w *writer
	r *request
	// Key ids made in this group, seen by the requests behind it too. A key of
	// a request that was rolled back is taken out again.
	keys map[seriesName]int64
}

func newWriter(s *Store, conn *sql.Conn) *writer {
	return &writer{
		s: s, conn: conn,
		stmts: stmts{prepare: conn.PrepareContext},
		queue: make(chan *request, queueLength),
		quit:  make(chan struct{}),
		done:  make(chan struct{}),
	}
}

// start reads where the counters stand and begins to serve.
func (w *writer) start(ctx context.Context) error {
	err := w.conn.QueryRowContext(ctx, "SELECT coalesce((SELECT max(ver) FROM run_latest), 0), coalesce((SELECT max(seq) FROM run_log), 0)").
		Scan(&w.ver, &w.seq)
	if err != nil {
		close(w.done)
		return fmt.Errorf("reading the counters: %w", err)
	}
	go w.loop()
	return nil
}

// stop lets the requests that were accepted finish.
func (w *writer) stop() {
	w.once.Do(func() { close(w.quit) })
	<-w.done
}

func (w *writer) loop() {
	defer close(w.done)
	defer w.conn.Close()
	defer w.stmts.close()
	for {
		select {
		case r := <-w.queue:
			w.commit(w.gather(r))
		case <-w.quit:
			for {
				select {
				case r := <-w.queue:
					w.commit(w.gather(r))
				default:
					return
				}
			}
		}
	}
}

func (w *writer) gather(first *request) []*request {
	group, weight := []*request{first}, first.weight
	for len(group) < groupRequests && weight < groupWeight {
		select {
		case r := <-w.queue:
			group = append(group, r)
			weight += r.weight
		default:
			return group
		}
	}
	return group
}

// commit runs a group in one transaction and answers each of its requests.
func (w *writer) commit(group []*request) {
	ok := false
	defer func() {
		for _, r := range group {
			if ok && r.err == nil {
				for _, f := range r.after {
					f()
				}
			}
			close(r.done)
		}
	}()
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		failAll(group, err)
		return
	}
	keys := map[seriesName]int64{}
	for _, r := range group {
		if err := w.run(r, keys); err != nil {
			w.rollback()
			failAll(group, err)
			return
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		w.rollback()
		failAll(group, err)
		return
	}
	ok = true
}

// failAll gives an error to the requests that have none of their own.
func failAll(group []*request, err error) {
	for _, r := range group {
		if r.err == nil {
			r.err = err
		}
	}
}

// run executes one request in its savepoint. The error it returns means that
// the whole transaction is lost; the request's own is kept in r.err.
func (w *writer) run(r *request, keys map[seriesName]int64) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil // whoever asked is gone
	}
	if err := w.exec("SAVEPOINT request"); err != nil {
		return err
	}
	t := &tx{s: w.s, w: w, r: r, keys: keys}
	if r.err = call(r.do, t); r.err == nil {
		return w.exec("RELEASE request")
	}
	clear(keys)
	// A full disk may have undone the whole transaction already; then this
	// fails and so does the group.
	if err := w.exec("ROLLBACK TO request"); err != nil {
		return errors.Join(r.err, err)
	}
	return w.exec("RELEASE request")
}

// call runs a request's work. A panic in it is our own mistake and must cost
// that request only, not the server.
func call(do func(*tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Internal, "a write failed by a mistake of ours: %w", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return do(t)
}

func (w *writer) rollback() {
	_ = w.exec("ROLLBACK") // there may be nothing left to roll back
}

func (w *writer) exec(q string) error {
	st, err := w.stmts.get(context.Background(), q)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(context.Background())
	return err
}

// write runs do in a transaction and returns when it is on disk. Weight is how
// many rows or points it writes, roughly.
func (s *Store) write(ctx context.Context, weight int, do func(*tx) error) error {
	r := &request{ctx: ctx, weight: weight, do: do, done: make(chan struct{})}
	closed := fault.New(fault.Unavailable, "the server is shutting down")
	select {
	case <-s.w.quit:
		return closed
	default:
	}
	select {
	case s.w.queue <- r:
	case <-s.w.quit:
		return closed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-r.done:
	case <-s.w.done:
		// Accepted while the writer was leaving: answered, or never seen.
		select {
		case <-r.done:
		default:
			return closed
		}
	}
	return s.explain(r.err)
}

// after has f called once the transaction is on disk, before the request is
// answered.
func (t *tx) after(f func()) { t.r.after = append(t.r.after, f) }

// nextVer returns a new version for a changed run.
func (t *tx) nextVer() int64 { t.w.ver++; return t.w.ver }

func (t *tx) exec(q string, args ...any) (int64, error) {
	st, err := t.w.stmts.get(context.Background(), q)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) insert(q string, args ...any) (id int64, err error) {
	st, err := t.w.stmts.get(context.Background(), q)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func (t *tx) query(q string, args ...any) (*sql.Rows, error) {
	st, err := t.w.stmts.get(context.Background(), q)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.Background(), args...)
}

// reads is what queries that run both inside and outside of a transaction need.
type reads interface {
	query(q string, args ...any) (*sql.Rows, error)
}

// reader runs queries on the pool of readers.
type reader struct {
	ctx context.Context
	s   *Store
}

func (s *Store) read(ctx context.Context) reader { return reader{ctx, s} }

func (r reader) query(q string, args ...any) (*sql.Rows, error) {
	st, err := r.s.stmts.get(r.ctx, q)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(r.ctx, args...)
}

// one scans the single row of a query; sql.ErrNoRows if there is none.
func one(q reads, dest []any, text string, args ...any) error {
	rows, err := q.query(text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	return rows.Err()
}

// each calls f for every row of a query.
func each(q reads, f func(scan func(...any) error) error, text string, args ...any) error {
	rows, err := q.query(text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// stmts keeps prepared statements by their text. Texts come from this package
// alone, so there are few.
type stmts struct {
	prepare func(context.Context, string) (*sql.Stmt, error)
	mu      sync.Mutex
	byText  map[string]*sql.Stmt
}

func (c *stmts) get(ctx context.Context, q string) (*sql.Stmt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if st := c.byText[q]; st != nil {
		return st, nil
	}
	st, err := c.prepare(context.WithoutCancel(ctx), q)
	if err != nil {
		return nil, fmt.Errorf("preparing %q: %w", q, err)
	}
	if c.byText == nil {
		c.byText = map[string]*sql.Stmt{}
	}
	c.byText[q] = st
	return st, nil
}

func (c *stmts) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, st := range c.byText {
		_ = st.Close()
	}
	c.byText = nil
}
