package api

import (
	"encoding/json"
	"net/http"
	"path"
	"time"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

func (h *Handler) addReview(w http.ResponseWriter, r *http.Request) error {
	var in track.Review
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if in.Head == "" || in.Verdict == "" {
		return fault.New(fault.Invalid, "a review names the commit (head) and the verdict")
	}
	in.Actor = h.s.Actor(r.Context())
	if in.Created == 0 {
		in.Created = h.s.Now()
	}
	detail, err := json.Marshal(struct {
		Head    string            `json:"head"`
		Run     string            `json:"run_id,omitempty"`
		Change  *track.ChangeRef  `json:"change,omitempty"`
		Verdict string            `json:"verdict"`
		Files   []track.File      `json:"files,omitempty"`
		Gates   []track.GateState `json:"gates,omitempty"`
	}{in.Head, in.RunID, in.Change, in.Verdict, in.Files, in.Gates})
	if err != nil {
		return err
	}
	out, err := h.s.Reviews.AddReview(r.Context(), in, track.Event{
		Time: in.Created, Actor: in.Actor, Kind: "review.shown", Detail: detail,
	})
	if err != nil {
		return err
	}
	return writeJSON(w, out)
}

func (h *Handler) listReviews(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	n, err := number(q.Get("number"), 0)
	if err != nil {
		return err
	}
	reviews, err := h.s.Reviews.Reviews(r.Context(), track.ReviewQuery{
		Project: q.Get("project"), Number: int(n), Head: q.Get("head"), RunID: q.Get("run"), Max: 200,
	})
	if err != nil {
		return err
	}
	if q.Get("document") == "0" { // a list of many need not carry what each showed
		for i := range reviews {
			reviews[i].Document = nil
		}
	}
	return writeJSON(w, struct {
		Reviews []track.Review `json:"reviews"`
	}{orEmpty(reviews)})
}

func (h *Handler) review(w http.ResponseWriter, r *http.Request) error {
	out, err := h.s.Reviews.Review(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, out)
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func (h *Handler) register(w http.ResponseWriter, r *http.Request) error {
	var in track.Registration
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	in.Model = r.PathValue("model")
	v, err := h.s.Registry.Register(r.Context(), in)
	if err != nil {
		return err
	}
	v.Digest = track.FilesDigest(v.Files)
	return writeJSON(w, v)
}

// loggedFiles lists the models that a run logged with their files' digests.
func (h *Handler) loggedFiles(w http.ResponseWriter, r *http.Request) error {
	models, err := h.s.Registry.LoggedFiles(r.Context(), r.PathValue("run"))
	if err != nil {
		return err
	}
	return writeJSON(w, LoggedFiles{Models: orEmpty(models)})
}

func (h *Handler) find(r *http.Request) (track.ModelVersion, error) {
	n, err := number(r.PathValue("version"), 0)
	if err != nil {
		return track.ModelVersion{}, err
	}
	return h.s.Registry.Version(r.Context(), r.PathValue("model"), int(n))
}

func (h *Handler) version(w http.ResponseWriter, r *http.Request) error {
	v, err := h.find(r)
	if err != nil {
		return err
	}
	v.Digest = track.FilesDigest(v.Files)
	return writeJSON(w, v)
}

// deployed records that a version was brought to an environment.
func (h *Handler) deployed(w http.ResponseWriter, r *http.Request) error {
	v, err := h.find(r)
	if err != nil {
		return err
	}
	var in track.Deployment
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if err := h.s.Registry.Deployed(r.Context(), v.Model, v.Version, in); err != nil {
		return err
	}
	return writeJSON(w, struct{}{})
}

// download sends one file of a version. Which files there are is the
// version's own list, so that a path cannot reach anything else.
func (h *Handler) download(w http.ResponseWriter, r *http.Request) error {
	v, err := h.find(r)
	if err != nil {
		return err
	}
	want := r.URL.Query().Get("path")
	for _, f := range v.Files {
		if f.Path != want || v.Origin == nil {
			continue
		}
		root, ok, err := track.ArtifactPath(v.Origin.Root)
		if err != nil || !ok {
			return fault.New(fault.Unsupported, "the files of %s version %d are not kept by this server", v.Model, v.Version)
		}
		rel, err := track.CleanPath(f.Path)
		if err != nil {
			return err
		}
		body, _, err := h.s.Files.Open(r.Context(), path.Join(root, rel))
		if err != nil {
			return err
		}
		defer body.Close()
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", "attachment")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("ETag", `"`+f.SHA256+`"`)
		http.ServeContent(w, r, "", time.Time{}, body)
		return nil
	}
	return fault.New(fault.NotFound, "%s version %d has no file %q", v.Model, v.Version, want)
}

func (h *Handler) promote(w http.ResponseWriter, r *http.Request) error {
	var in Promote
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	err := h.s.Registry.Promote(r.Context(), track.Promotion{
		Model: r.PathValue("model"), Alias: r.PathValue("alias"), Version: in.Version, Reason: in.Reason,
	})
	if err != nil {
		return err
	}
	return writeJSON(w, struct{}{})
}

func (h *Handler) policy(w http.ResponseWriter, r *http.Request) error {
	p, err := h.s.Registry.Policy(r.Context(), r.PathValue("model"))
	if err != nil {
		return err
	}
	return writeJSON(w, p)
}

func (h *Handler) setPolicy(w http.ResponseWriter, r *http.Request) error {
	var in SetPolicy
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	p, err := h.s.Registry.SetPolicy(r.Context(), track.Policy{
		Model: r.PathValue("model"), Aliases: in.Aliases, Source: in.Source,
	})
	if err != nil {
		return err
	}
	return writeJSON(w, p)
}

func (h *Handler) events(w http.ResponseWriter, r *http.Request) error {
	after, err := number(r.URL.Query().Get("after"), 0)
	if err != nil {
		return err
	}
	events, err := h.s.Registry.Events(r.Context(), r.PathValue("model"), after, 1000)
	if err != nil {
		return err
	}
	return writeJSON(w, struct {
		Events []track.Event `json:"events"`
	}{orEmpty(events)})
}
