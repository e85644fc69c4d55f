// Package spool is the loopback relay inside `assay run`: it accepts what the
// script logs, keeps it on disk, answers at once, and forwards it in order when
// the server answers. So a server that is slow, down or never there can
// neither delay nor fail a training. What "keeps" and "answers" mean for the
// MLflow wire is decided by the handler it is given; the spool itself only
// knows which calls are about its own run.
package spool

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track/api"
)

// Header is what a spool folder says of its run, in run.json.
type Header struct {
	Run    api.ImportRun `json:"run"`
	Server string        `json:"server,omitempty"` // where it was to be sent
	Root   string        `json:"root"`             // artifact root of the run in the local store
	Local  int64         `json:"local_experiment"` // id of the experiment in the local store
}

// Entry is one call to be forwarded.
type Entry struct {
	Method string          `json:"method"`
	Path   string          `json:"path"` // with query
	Body   json.RawMessage `json:"body,omitempty"`
	File   string          `json:"file,omitempty"` // body's bytes, in the local artifact store
	Raw    []byte          `json:"raw,omitempty"`  // body that is not JSON: a piece of output
}

// Journal is the ordered list of calls on disk and how many were sent.
type Journal struct {
	Header Header
	dir    string
	file   *os.File
	mu     sync.Mutex
	count  int
	sent   int
	news   chan struct{} // closed and replaced when something was added or sent
}

const (
	headerFile  = "run.json"
	entriesFile = "calls.jsonl"
	sentFile    = "sent"
	maxEntry    = 64 << 20 // bytes of one line
)

// Create makes a journal in a new folder.
func Create(dir string, h Header) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fault.New(fault.Unavailable, "making the folder of the run: %w", err)
	}
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := replace(filepath.Join(dir, headerFile), data); err != nil {
		return nil, err
	}
	return Open(dir)
}

// Open reads a journal, that of a run that is over or was cut off.
func Open(dir string) (*Journal, error) {
	data, err := os.ReadFile(filepath.Join(dir, headerFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "%s does not hold a recorded run", dir).
			WithHint("`assay run` names the folder when something was left to send")
	}
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, news: make(chan struct{})}
	if err := json.Unmarshal(data, &j.Header); err != nil {
		return nil, fault.New(fault.Invalid, "%s is damaged: %w", filepath.Join(dir, headerFile), err)
	}
	if j.file, err = os.OpenFile(filepath.Join(dir, entriesFile), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644); err != nil {
		return nil, err
	}
	if err := j.cutTorn(); err != nil {
		return nil, err
	}
	if text, err := os.ReadFile(filepath.Join(dir, sentFile)); err == nil {
		j.sent, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	j.sent = min(j.sent, j.count)
	return j, nil
}

// cutTorn counts the entries and drops a last line that was not written whole:
// it was never acknowledged.
func (j *Journal) cutTorn() error {
	r := bufio.NewReaderSize(j.file, 1<<16)
	var whole int64
	for {
		line, err := r.ReadSlice('\n')
		whole += int64(len(line))
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = r.ReadSlice('\n')
			whole += int64(len(line))
		}
		if err != nil {
			whole -= int64(len(line))
			break
		}
		j.count++
	}
	return j.file.Truncate(whole)
}

// Close closes the journal's file.
func (j *Journal) Close() error { return j.file.Close() }

// Dir is the folder.
func (j *Journal) Dir() string { return j.dir }

// Add appends a call; it is on disk when Add returns.
func (j *Journal) Add(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if len(line) > maxEntry {
		return fault.New(fault.TooLarge, "a call of %d bytes is too large to keep", len(line))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fault.New(fault.Unavailable, "keeping what the script logged in %s: %w", j.dir, err)
	}
	j.count++
	j.tell()
	return nil
}

func (j *Journal) tell() {
	close(j.news)
	j.news = make(chan struct{})
}

// Left is how many calls wait to be sent.
func (j *Journal) Left() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.count - j.sent
}

// state returns what is there and a channel that is closed when it changes.
func (j *Journal) state() (count, sent int, news <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.count, j.sent, j.news
}

// mark remembers that the first n calls were acknowledged.
func (j *Journal) mark(n int) error {
	if err := replace(filepath.Join(j.dir, sentFile), []byte(strconv.Itoa(n)+"\n")); err != nil {
		return fmt.Errorf("remembering what was sent: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sent = n
	j.tell()
	return nil
}

// replace writes beside and renames.
func replace(path string, data []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return fault.New(fault.Unavailable, "writing %s: %w", path, err)
	}
	return os.Rename(tmp, path)
}
