package sqlstore

import (
	"context"
	"sync"

	"github.com/assay-ml/assay/track"
)

// watchBound is how many different changes may wait for one watcher. Beyond
// that runs are no longer told apart, only their experiments.
const watchBound = 1024

// hub tells watchers what changed. Telling never waits: changes that are equal
// to one that still waits are dropped.
type hub struct {
	mu   sync.Mutex
	subs map[*subscriber]bool
	gone bool
}

type subscriber struct {
	waiting map[track.Change]bool
	queue   []track.Change
	wake    chan struct{}
	quit    chan struct{}
}

func (h *hub) init() { h.subs = map[*subscriber]bool{} }

// Watch returns a channel of changes that is closed when ctx ends or the store
// closes. It is lossy in one way only: equal changes that come faster than
// they are taken are one change.
func (s *Store) Watch(ctx context.Context) <-chan track.Change {
	out := make(chan track.Change)
	sub := &subscriber{waiting: map[track.Change]bool{}, wake: make(chan struct{}, 1), quit: make(chan struct{})}
	if !s.hub.join(sub) {
		close(out)
		return out
	}
	go func() {
		defer close(out)
		defer s.hub.leave(sub)
		for {
			select {
			case <-ctx.Done():
				return
			case <-sub.quit:
				return
			case <-sub.wake:
			}
			for c, ok := s.hub.next(sub); ok; c, ok = s.hub.next(sub) {
				select {
				case out <- c:
				case <-ctx.Done():
					return
				case <-sub.quit:
					return
				}
			}
		}
	}()
	return out
}

func (h *hub) join(sub *subscriber) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.gone {
		h.subs[sub] = true
	}
	return !h.gone
}

func (h *hub) leave(sub *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, sub)
}

func (h *hub) next(sub *subscriber) (track.Change, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(sub.queue) == 0 {
		return track.Change{}, false
	}
	c := sub.queue[0]
	sub.queue = sub.queue[1:]
	delete(sub.waiting, c)
	return c, true
}

func (h *hub) tell(c track.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		sub.add(c)
		select {
		case sub.wake <- struct{}{}:
		default:
		}
	}
}

func (sub *subscriber) add(c track.Change) {
	if len(sub.queue) >= watchBound {
		c.RunID = ""
	}
	if !sub.waiting[c] && len(sub.queue) < 2*watchBound {
		sub.waiting[c] = true
		sub.queue = append(sub.queue, c)
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.subs {
		close(sub.quit)
	}
	h.gone, h.subs = true, map[*subscriber]bool{}
}

// Tell tells the watchers of a change that is kept elsewhere, such as an
// artifact that came.
func (s *Store) Tell(c track.Change) { s.hub.tell(c) }

// changed tells the watchers once the transaction is on disk.
func (t *tx) changed(c track.Change) { t.after(func() { t.s.hub.tell(c) }) }
