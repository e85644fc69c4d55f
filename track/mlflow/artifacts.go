package mlflow

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// maxPageUpload bounds an upload from the page, in bytes, as MLflow does.
const maxPageUpload = 10 << 20

// artifactRoutes are those that ask by run, model or version.
func (h *Handler) artifactRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "artifacts/list", call: h.listArtifacts},
		{Method: "POST", Path: "upload-artifact", raw: h.uploadArtifact},
		{Method: "POST", Path: "artifacts/presigned-upload-url", call: h.presignedUpload},
		{Method: "POST", Path: "artifacts/presigned-download-url", call: h.presignedDownload},
	}
}

// proxyRoutes are those of the store that the server keeps.
func (h *Handler) proxyRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "artifacts", call: h.listProxied},
		{Method: "GET", Path: "artifacts/{path...}", raw: h.getProxied},
		{Method: "PUT", Path: "artifacts/{path...}", raw: h.putProxied},
		{Method: "DELETE", Path: "artifacts/{path...}", raw: h.deleteProxied},
		{Method: "POST", Path: "mpu/create/{path...}", raw: h.createUpload},
		{Method: "PUT", Path: "mpu/part/{upload}/{part}", raw: h.putPart},
		{Method: "POST", Path: "mpu/complete/{path_of_call...}", call: h.completeUpload},
		{Method: "POST", Path: "mpu/abort/{path_of_call...}", call: h.abortUpload},
		{Method: "GET", Path: "presigned/{path...}", call: h.presigned},
	}
}

// bucketPath resolves a path below an artifact address to the bucket's path.
func bucketPath(root, p string) (string, error) {
	p, err := track.CleanPath(p)
	if err != nil {
		return "", err
	}
	base, ours, err := track.ArtifactPath(root)
	if err != nil {
		return "", err
	}
	if !ours {
		return "", fault.New(fault.Invalid, "the artifacts at '%.300s' are not kept by this server", root).
			WithHint("read them from that store")
	}
	return path.Join(base, p), nil
}

func putFile(e *encoder, f blob.Info) {
	e.str("path", f.Path)
	e.bool("is_dir", f.Dir)
	if !f.Dir {
		e.int("file_size", f.Size)
	}
}

// replyListing lists what lies below an artifact address; paths in the reply
// are relative to it.
func (h *Handler) replyListing(ctx context.Context, out *encoder, root, dir string) error {
	at, err := bucketPath(root, dir)
	if err != nil {
		return err
	}
	base, err := bucketPath(root, "")
	if err != nil {
		return err
	}
	files, err := h.s.Artifacts.List(ctx, at)
	if err != nil {
		return err
	}
	out.str("root_uri", root)
	list(out, "files", relative(files, base), putFile)
	return nil
}

func relative(files []blob.Info, base string) []blob.Info {
	out := make([]blob.Info, len(files))
	for i, f := range files {
		f.Path = strings.TrimPrefix(strings.TrimPrefix(f.Path, base), "/")
		out[i] = f
	}
	return out
}

func (h *Handler) listArtifacts(ctx context.Context, a *args, out *encoder) error {
	id, dir := a.runID(), a.str("path")
	if a.err != nil {
		return a.err
	}
	r, err := h.s.Runs.Run(ctx, id)
	if err != nil {
		return err
	}
	return h.replyListing(ctx, out, r.ArtifactURI, dir)
}

func (h *Handler) listProxied(ctx context.Context, a *args, out *encoder) error {
	dir, err := track.CleanPath(a.str("path"))
	if err != nil {
		a.fail(err)
	}
	if a.err != nil {
		return a.err
	}
	if ofUploads(dir) {
		return nil
	}
	files, err := h.s.Artifacts.List(ctx, dir)
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(f blob.Info) bool { return ofUploads(f.Path) })
	list(out, "files", relative(files, dir), putFile)
	return nil
}

// proxiedPath is the path of a call on the store, never its root.
func proxiedPath(r *http.Request) (string, error) {
	p, err := track.CleanPath(r.PathValue("path"))
	if err == nil && (p == "" || ofUploads(p)) {
		err = fault.New(fault.Invalid, "Invalid path")
	}
	return p, err
}

func (h *Handler) getProxied(w http.ResponseWriter, r *http.Request) error {
	p, err := proxiedPath(r)
	if err != nil {
		return err
	}
	return h.send(w, r, p)
}

func (h *Handler) putProxied(w http.ResponseWriter, r *http.Request) error {
	p, err := proxiedPath(r)
	if err != nil {
		return err
	}
	if _, err := h.s.Artifacts.Put(r.Context(), p, r.Body); err != nil {
		return err
	}
	h.notifyArtifact(p)
	return replyEmpty(w)
}

func (h *Handler) deleteProxied(w http.ResponseWriter, r *http.Request) error {
	p, err := proxiedPath(r)
	if err != nil {
		return err
	}
	switch err := h.s.Artifacts.Delete(r.Context(), p); {
	case fault.Is(err, fault.NotFound): // a replay
		return replyEmpty(w)
	case err != nil:
		return err
	}
	h.notifyArtifact(p)
	return replyEmpty(w)
}

func replyEmpty(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}")) // the caller is gone if this fails
	return nil
}

// notifyArtifact tells of a change at <experiment>/<run>/artifacts/….
func (h *Handler) notifyArtifact(p string) {
	c := track.Change{Kind: "artifacts"}
	parts := strings.SplitN(p, "/", 3)
	if len(parts) == 3 && parts[1] != "models" {
		c.RunID = parts[1]
		if id, err := parseExperimentID(parts[0]); err == nil {
			c.ExperimentID = id
		}
	}
	h.s.Notify(c)
}

func (h *Handler) getArtifact(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	id := first(q, "run_id", "run_uuid")
	if id == "" {
		return missing("run_id")
	}
	run, err := h.s.Runs.Run(r.Context(), id)
	if err != nil {
		return err
	}
	return h.sendArtifact(w, r, run.ArtifactURI, q.Get("path"))
}

func (h *Handler) getVersionArtifact(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	raw, err := json.Marshal(q.Get("version"))
	if err != nil {
		return err
	}
	a := &args{members: map[string]json.RawMessage{"version": raw}}
	version := a.versionNumber()
	if a.err != nil {
		return a.err
	}
	if _, err := track.CleanPath(q.Get("path")); err != nil {
		return err
	}
	v, err := h.s.Versions.Version(r.Context(), q.Get("name"), version)
	if err != nil {
		return err
	}
	if v.StorageLocation == "" {
		return fault.New(fault.Invalid, "the source '%.300s' does not lie in the artifacts of the version's run or model", v.Source).
			WithHint("it is kept as text alone; the server does not read through it")
	}
	return h.sendArtifact(w, r, v.StorageLocation, q.Get("path"))
}

func first(q url.Values, names ...string) string {
	for _, n := range names {
		if v := q.Get(n); v != "" {
			return v
		}
	}
	return ""
}

func (h *Handler) sendArtifact(w http.ResponseWriter, r *http.Request, root, p string) error {
	if p == "" {
		return missing("path")
	}
	at, err := bucketPath(root, p)
	if err != nil {
		return err
	}
	return h.send(w, r, at)
}

// send streams an object, or the ranges of it that are asked for. It is always
// an attachment, so that nothing a run wrote is shown as a page of ours.
func (h *Handler) send(w http.ResponseWriter, r *http.Request, p string) error {
	f, _, err := h.s.Artifacts.Open(r.Context(), p)
	if err != nil {
		return h.explainMissing(r.Context(), p, err)
	}
	defer f.Close()
	name := path.Base(p)
	head := w.Header()
	head.Set("Content-Type", contentType(name))
	head.Set("Content-Disposition", attachment(name))
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

// explainMissing tells a folder, which cannot be sent, from what is not there.
func (h *Handler) explainMissing(ctx context.Context, p string, err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	below, listErr := h.s.Artifacts.List(ctx, p)
	if listErr == nil && slices.ContainsFunc(below, func(f blob.Info) bool { return f.Path != p }) {
		return fault.New(fault.Invalid, "Artifact path refers to a directory, not a file: '%.500s'", p)
	}
	return fault.New(fault.NotFound, "No such artifact: '%.500s'", p)
}

// attachment is the value of Content-Disposition (RFC 6266), spelled as MLflow
// does: clients read filename, browsers filename* where there is one.
func attachment(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, name)
	ascii := plain == name
	if plain == "" {
		plain = "download"
	}
	if strings.ContainsFunc(plain, func(r rune) bool { return !strings.ContainsRune("!#$&+-.^_`|~", r) && !wordByte(r) }) {
		plain = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plain) + `"`
	}
	if ascii {
		return "attachment; filename=" + plain
	}
	return "attachment; filename=" + plain + "; filename*=UTF-8''" + url.PathEscape(name)
}

func wordByte(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// contentType guesses by the name, as MLflow does; what is like source is plain
// text. No charset is said, for nobody knows it.
func contentType(name string) string {
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	switch {
	case name == "MLmodel" || name == "mlproject" || name == "MLproject":
		return "text/plain"
	case strings.HasSuffix(name, ".tar.gz") || ext == "tgz":
		return "application/x-tar"
	}
	switch ext {
	case "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml",
		"xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "ipynb", "jsonnet", "r", "sh", "sql", "go", "java", "rs", "ts":
		return "text/plain"
	}
	if ext == "" {
		return "application/octet-stream"
	}
	if t, _, err := mime.ParseMediaType(mime.TypeByExtension("." + ext)); err == nil {
		return t
	}
	return "application/octet-stream"
}

// uploadArtifact takes a small file from the page.
func (h *Handler) uploadArtifact(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	id := first(q, "run_uuid", "run_id")
	if id == "" {
		return fault.New(fault.Invalid, "Request must specify run_uuid.")
	}
	if q.Get("path") == "" {
		return fault.New(fault.Invalid, "Request must specify path.")
	}
	if _, err := track.CleanPath(q.Get("path")); err != nil {
		return err
	}
	if r.ContentLength == 0 {
		return fault.New(fault.Invalid, "Request must specify data.")
	}
	if r.ContentLength > maxPageUpload {
		return fault.New(fault.Invalid, "Artifact size is too large. Max size is %dMB.", maxPageUpload>>20)
	}
	run, err := h.s.Runs.Run(r.Context(), id)
	if err != nil {
		return err
	}
	p, err := bucketPath(run.ArtifactURI, q.Get("path"))
	if err != nil {
		return err
	}
	if _, err := h.s.Artifacts.Put(r.Context(), p, http.MaxBytesReader(w, r.Body, maxPageUpload)); err != nil {
		return err
	}
	h.notifyArtifact(p)
	return replyEmpty(w)
}
