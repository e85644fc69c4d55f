package mlflow

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/blob"
	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// Uploads in parts, as clients do with MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD:
// create answers an address a part, the parts come in any order and each is
// whole or not there, complete joins them. The parts are objects below
// .uploads/<id>, which is no artifact's path; the id cannot be guessed, and is
// all that the address of a part needs to carry.

const (
	uploads  = ".uploads"
	maxParts = 10_000
)

// ofUploads says whether a path is in the folder of unfinished uploads.
func ofUploads(p string) bool { return p == uploads || strings.HasPrefix(p, uploads+"/") }

func (h *Handler) createUpload(w http.ResponseWriter, r *http.Request) error {
	a, err := readArgs(w, r)
	if err != nil {
		return err
	}
	a.set("dir", r.PathValue("path"))
	target := a.uploadTarget()
	parts := a.int("num_parts", 1)
	if a.err == nil && (parts < 1 || parts > maxParts) {
		a.fail(fault.New(fault.Invalid, "Invalid value %d for parameter 'num_parts' supplied: It must be between 1 and %d.", parts, maxParts))
	}
	if a.err != nil {
		return a.err
	}
	id := strings.ToLower(rand.Text())
	if _, err := h.s.Artifacts.Put(r.Context(), path.Join(uploads, id, "target"), strings.NewReader(target)); err != nil {
		return err
	}
	base := strings.TrimSuffix(r.URL.Path, "/create/"+r.PathValue("path"))
	var out encoder
	out.open('{')
	out.str("upload_id", id)
	numbers := make([]int64, parts)
	for i := range numbers {
		numbers[i] = int64(i) + 1
	}
	list(&out, "credentials", numbers, func(e *encoder, n int64) {
		e.str("url", fmt.Sprintf("%s%s/part/%s/%d", origin(r), base, id, n))
		e.int("part_number", n)
	})
	out.close('}')
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(out.b) // the caller is gone if this fails
	return nil
}

// origin is how the caller reached this server.
func origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// uploadTarget is where an upload will be: the last name of path, which is a
// path of the client's machine, in the folder dir.
func (a *args) uploadTarget() string {
	name := a.need("path")
	if a.err != nil {
		return ""
	}
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	dir, err := track.CleanPath(a.str("dir"))
	a.fail(err)
	if name, err = track.CleanPath(name); err == nil && (name == "" || ofUploads(path.Join(dir, name))) {
		err = fault.New(fault.Invalid, "Invalid path")
	}
	a.fail(err)
	return path.Join(dir, name)
}

func partName(n int64) string { return fmt.Sprintf("part-%05d", n) }

// partTag is the ETag of a part: enough to see that it came whole.
func partTag(n, size int64) string { return fmt.Sprintf(`"%d-%x"`, n, size) }

func (h *Handler) putPart(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.ParseInt(r.PathValue("part"), 10, 64)
	if err != nil || n < 1 || n > maxParts {
		return fault.New(fault.Invalid, "there is no such part")
	}
	folder, _, err := h.upload(r.Context(), r.PathValue("upload"))
	if err != nil {
		return err
	}
	size, err := h.s.Artifacts.Put(r.Context(), path.Join(folder, partName(n)), r.Body)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", partTag(n, size))
	return replyEmpty(w)
}

// upload finds the folder and the target of an unfinished upload.
func (h *Handler) upload(ctx context.Context, id string) (folder, target string, err error) {
	unknown := fault.New(fault.NotFound, "there is no upload %.64q; it was completed or aborted", id)
	if len(id) < 16 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return "", "", unknown
	}
	folder = path.Join(uploads, id)
	f, _, err := h.s.Artifacts.Open(ctx, path.Join(folder, "target"))
	if fault.Is(err, fault.NotFound) {
		return "", "", unknown
	}
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<14))
	return folder, string(b), err
}

// begun finds the upload that a call to complete or abort speaks of.
func (h *Handler) begun(ctx context.Context, a *args) (folder, target string, err error) {
	a.set("dir", a.str("path_of_call"))
	want, id := a.uploadTarget(), a.need("upload_id")
	if a.err != nil {
		return "", "", a.err
	}
	if folder, target, err = h.upload(ctx, id); err == nil && target != want {
		err = fault.New(fault.Invalid, "the upload is one of '%.300s'", target)
	}
	return folder, target, err
}

func (h *Handler) completeUpload(ctx context.Context, a *args, _ *encoder) error {
	folder, target, err := h.begun(ctx, a)
	if err != nil {
		return err
	}
	files, err := h.s.Artifacts.List(ctx, folder)
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	for _, f := range files {
		sizes[path.Base(f.Path)] = f.Size
	}
	joined := &joinedParts{ctx: ctx, from: h.s.Artifacts}
	for i, o := range a.objects("parts") {
		n, tag := o.int("part_number", 0), o.str("etag")
		if o.err != nil {
			return o.err
		}
		size, ok := sizes[partName(n)]
		if !ok || n != int64(i)+1 || tag != partTag(n, size) {
			return fault.New(fault.Invalid, "part %d of the upload is not there, or not the one with that etag", n)
		}
		joined.left = append(joined.left, path.Join(folder, partName(n)))
	}
	if a.err != nil {
		return a.err
	}
	if len(joined.left) == 0 {
		return missing("parts")
	}
	defer joined.close()
	if _, err := h.s.Artifacts.Put(ctx, target, joined); err != nil {
		return err
	}
	h.notifyArtifact(target)
	return h.s.Artifacts.Delete(ctx, folder)
}

func (h *Handler) abortUpload(ctx context.Context, a *args, _ *encoder) error {
	folder, _, err := h.begun(ctx, a)
	if err != nil {
		return err
	}
	return h.s.Artifacts.Delete(ctx, folder)
}

// joinedParts reads objects one after the other, one open at a time.
type joinedParts struct {
	ctx  context.Context
	from blob.Bucket
	left []string
	now  io.ReadSeekCloser
}

func (j *joinedParts) Read(p []byte) (int, error) {
	for {
		if j.now == nil {
			if len(j.left) == 0 {
				return 0, io.EOF
			}
			f, _, err := j.from.Open(j.ctx, j.left[0])
			if err != nil {
				return 0, err
			}
			j.now, j.left = f, j.left[1:]
		}
		n, err := j.now.Read(p)
		if err == io.EOF {
			j.close()
			if n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}

func (j *joinedParts) close() {
	if j.now != nil {
		_ = j.now.Close() // only read
		j.now = nil
	}
}

func (h *Handler) presigned(context.Context, *args, *encoder) error {
	return fault.New(fault.Unsupported, "Multipart download is not supported for the current artifact repository")
}

// presignedUpload and presignedDownload refuse as MLflow does where artifacts
// go through the server; elsewhere the server holds no keys to sign with.
func (h *Handler) presignedUpload(ctx context.Context, a *args, _ *encoder) error {
	p, run, model := a.need("path"), a.str("run_id"), a.str("model_id")
	if a.err == nil && (run == "") == (model == "") {
		a.fail(fault.New(fault.Invalid, "Exactly one of run_id and model_id must be provided."))
	}
	if a.err != nil {
		return a.err
	}
	uri, err := h.rootToSign(ctx, p, run, model)
	if err != nil {
		return err
	}
	if scheme, ok := proxiedScheme(uri); ok {
		return fault.New(fault.Invalid, "Presigned upload is not supported for proxied artifact storage (artifact URI scheme: %s). "+
			"This endpoint requires a direct cloud storage artifact URI.", scheme)
	}
	return unsupported("a presigned address")
}

func (h *Handler) presignedDownload(ctx context.Context, a *args, _ *encoder) error {
	p, run := a.need("path"), a.need("run_id")
	if a.err != nil {
		return a.err
	}
	uri, err := h.rootToSign(ctx, p, run, "")
	if err != nil {
		return err
	}
	if scheme, ok := proxiedScheme(uri); ok {
		return fault.New(fault.Invalid, "Presigned download is not supported for runs with proxied artifact storage "+
			"(artifact URI scheme: %s). This endpoint requires a run with a direct cloud storage artifact URI.", scheme)
	}
	return unsupported("a presigned address")
}

// rootToSign checks a path and finds where the run, or the model, has it.
func (h *Handler) rootToSign(ctx context.Context, p, run, model string) (string, error) {
	if _, err := track.CleanPath(p); err != nil {
		return "", err
	}
	if model != "" {
		m, err := h.loggedModel(ctx, model, false)
		return m.ArtifactURI, err
	}
	r, err := h.s.Runs.Run(ctx, run)
	return r.ArtifactURI, err
}

func proxiedScheme(uri string) (string, bool) {
	scheme, _, _ := strings.Cut(uri, ":")
	return scheme, scheme == "mlflow-artifacts" || scheme == "http" || scheme == "https"
}
