package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
)

// asset is one file as it is sent.
type asset struct {
	plain  []byte
	zipped []byte // nil if compressing gains nothing
	tag    string // of the plain bytes
}

// store prepares each file once, when it is first asked for: most commands of
// the program serve no pages, and a start must not wait for compression. It
// holds no more entries than there are files.
type store struct {
	files fs.FS
	ready sync.Map // name → func() (*asset, error)
}

func (s *store) asset(name string) (*asset, error) {
	if made, ok := s.ready.Load(name); ok {
		return made.(func() (*asset, error))()
	}
	if info, err := fs.Stat(s.files, name); err != nil || !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	made, _ := s.ready.LoadOrStore(name, sync.OnceValues(func() (*asset, error) { return prepare(s.files, name) }))
	return made.(func() (*asset, error))()
}

// smallest is the size in bytes from which compressing is worth its trouble: a
// shorter answer fits one packet anyway.
const smallest = 1024

func prepare(files fs.FS, name string) (*asset, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	a := &asset{plain: data, tag: hex.EncodeToString(sum[:8])}
	if len(data) < smallest || !isText(name) {
		return a, nil
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() < len(data) {
		a.zipped = out.Bytes()
	}
	return a, nil
}

func isText(name string) bool {
	switch path.Ext(name) {
	case ".html", ".js", ".css", ".svg", ".json", ".txt", ".map":
		return true
	}
	return false
}

// acceptsGzip reads Accept-Encoding after RFC 9110, section 12.5.3: a coding
// whose weight is zero is refused, and * stands for those that are not named.
func acceptsGzip(lines []string) bool {
	others := false
	for _, coding := range strings.Split(strings.Join(lines, ","), ",") {
		name, params, _ := strings.Cut(coding, ";")
		taken := weight(params) > 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return taken
		case "*":
			others = taken
		}
	}
	return others
}

func weight(params string) float64 {
	name, value, ok := strings.Cut(params, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return 0
	}
	return q
}
