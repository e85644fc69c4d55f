package assay

import (
	"bytes"
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/assay-ml/assay/track/api"
	"github.com/assay-ml/assay/track/capture"
	"github.com/assay-ml/assay/track/spool"
)

const (
	tailBytes  = 16 << 10  // how much of the output's end a report may show
	pieceBytes = 256 << 10 // the most that one call to the server carries
)

// followOutput hands the record of the command's output on, once a second,
// until ctx ends.
func (r *recorder) followOutput(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			r.output.Tick(now)
			r.keepOutput()
		case <-ctx.Done():
			r.output.End()
			r.keepOutput()
			return
		}
	}
}

// recorded is a stream of the command on its way into the record. A command
// that prints a lot waits for the disk, so that memory is bounded.
type recorded struct {
	r *recorder
	*capture.Stream
}

func (w recorded) Write(p []byte) (int, error) {
	n, err := w.Stream.Write(p)
	if w.r.output.Size() >= pieceBytes {
		w.r.keepOutput()
	}
	return n, err
}

// keepOutput appends what is new in the record to the journal. That it cannot
// be kept must not disturb the command.
func (r *recorder) keepOutput() {
	r.keeping.Lock()
	defer r.keeping.Unlock()
	p := r.output.Take()
	for rest := p; len(rest) > 0; {
		piece := rest[:min(len(rest), pieceBytes)]
		rest = rest[len(piece):]
		err := r.journal.Add(spool.Entry{
			Method: "POST", Raw: bytes.Clone(piece),
			Path: api.Prefix + "/runs/" + url.PathEscape(r.run.RunID) + "/streams/output?offset=" + strconv.FormatInt(r.offset, 10),
		})
		if err != nil && r.unkept == nil {
			r.unkept = keeping(r.journal.Dir(), err)
		}
		r.offset += int64(len(piece))
	}
	r.tail = append(r.tail, p...)
	if len(r.tail) > tailBytes {
		r.tail = bytes.Clone(r.tail[len(r.tail)-tailBytes:])
		if _, whole, ok := bytes.Cut(r.tail, []byte("\n")); ok {
			r.tail = whole
		}
	}
}

// lastLines returns the last n lines of the output.
func (r *recorder) lastLines(n int) string {
	r.keeping.Lock()
	defer r.keeping.Unlock()
	return string(bytes.ToValidUTF8([]byte(capture.LastLines(r.tail, n)), []byte("\ufffd")))
}
