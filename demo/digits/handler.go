package digits

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// ModelInfo says which model an application serves. All of it is shown as text;
// empty fields are left out.
type ModelInfo struct {
	Name      string // of the registered model, such as "digits"
	Version   string // such as "7" or "v1.2.0"
	Digest    string // of the model's bytes, such as "sha256:4f1e…"
	Commit    string // of the trainer's repository
	CommitURL string // http, https or a path; anything else is not linked
	RunName   string // of the run that trained it
	RunURL    string // as CommitURL
}

// maxBody is the most bytes that POST /predict reads.
const maxBody = 64 << 10

//go:embed page/page.html
var pageHTML string

//go:embed page/page.css
var pageCSS string

//go:embed page/page.js
var pageJS string

// Handler serves a page to draw digits on:
//
//	GET  /         the page; it needs nothing from elsewhere
//	POST /predict  {"strokes": [[[x, y], …], …]} or {"pixels": [64 numbers of 0 to 16]}
//	               → {"digit", "probabilities", "pixels", "model": {"name", "version", "digest"}}
//
// Errors are JSON, {"error": "…"}, with status 400, 404, 405, 413, 415 or 500.
// Addresses in the page are relative, so the handler may stand below a prefix
// that ends with a slash. It keeps no state: to serve another model, make another
// handler; a page that is open notices by the version in the answers.
func Handler(ev *Evaluator, info ModelInfo) http.Handler {
	mux := http.NewServeMux()
	page, err := renderPage(info)
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			refuseMethod(w, "GET, HEAD")
		case err != nil:
			refuse(w, http.StatusInternalServerError, "the page could not be built")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(page)
		}
	})
	mux.HandleFunc("/predict", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			refuseMethod(w, "POST")
			return
		}
		servePrediction(w, r, ev, info)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "there is nothing here; the page is at / and answers come from /predict")
	})
	return secure(mux)
}

// secure adds the headers that keep the page to itself. Style and script are
// allowed by their digests, so that text which slipped in would not run.
func secure(next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'",
		"script-src '" + sourceHash(pageJS) + "'",
		"style-src '" + sourceHash(pageCSS) + "'",
		"connect-src 'self'",
		"img-src data:",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// renderPage fills the page in. Style and script are put around the template's
// result untouched, for their digests must be those of the policy.
func renderPage(info ModelInfo) ([]byte, error) {
	info.CommitURL, info.RunURL = safeLink(info.CommitURL), safeLink(info.RunURL)
	body, err := template.New("page").Funcs(template.FuncMap{"short": shortDigest, "v": versionTitle}).Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("parsing the drawing page: %w", err)
	}
	var out bytes.Buffer
	out.WriteString("<!doctype html>\n<html lang=\"en\">\n<style>" + pageCSS + "</style>\n")
	data := struct {
		ModelInfo
		Digits [Classes]int
	}{info, [Classes]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}
	if err := body.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("filling in the drawing page: %w", err)
	}
	out.WriteString("<script>" + pageJS + "</script>\n</html>\n")
	return out.Bytes(), nil
}

// safeLink is the address if a browser may be sent there, else nothing.
func safeLink(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return address
}

// shortDigest is the first eight characters after the algorithm's name.
func shortDigest(digest string) string {
	_, hex, found := strings.Cut(digest, ":")
	if !found {
		hex = digest
	}
	return hex[:min(8, len(hex))]
}

// versionTitle puts a v before a bare number: "7" → "v7".
func versionTitle(version string) string {
	if version != "" && version[0] >= '0' && version[0] <= '9' {
		return "v" + version
	}
	return version
}

type question struct {
	Strokes [][]Point `json:"strokes"`
	Pixels  []float32 `json:"pixels"`
}

// UnmarshalJSON reads [x, y], and nothing else, as a point.
func (p *Point) UnmarshalJSON(data []byte) error {
	var pair []float64
	if err := json.Unmarshal(data, &pair); err != nil || len(pair) != 2 {
		return errors.New("a point is [x, y]")
	}
	p.X, p.Y = pair[0], pair[1]
	return nil
}

type answer struct {
	Digit         int              `json:"digit"`
	Probabilities [Classes]float32 `json:"probabilities"`
	Pixels        [Pixels]float32  `json:"pixels"`
	Model         served           `json:"model"`
}

type served struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

func servePrediction(w http.ResponseWriter, r *http.Request, ev *Evaluator, info ModelInfo) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "send Content-Type: application/json")
		return
	}
	q, status, err := readQuestion(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, status, err.Error())
		return
	}
	pixels, err := q.picture()
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	probabilities, err := ev.Predict(pixels)
	if err != nil { // the picture is sound, so it is the model that is not
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	digit, _ := best(probabilities)
	reply(w, http.StatusOK, answer{digit, probabilities, pixels, served{info.Name, versionTitle(info.Version), info.Digest}})
}

func readQuestion(body io.Reader) (q question, status int, err error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&q)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			if err = tooLarge(more); err == nil {
				err = errors.New("there is something after the JSON object")
			}
		}
	}
	switch {
	case err == nil:
		return q, http.StatusOK, nil
	case tooLarge(err) != nil:
		return q, http.StatusRequestEntityTooLarge, fmt.Errorf("the body is larger than %d KiB", maxBody>>10)
	case errors.Is(err, io.EOF):
		return q, http.StatusBadRequest, errors.New(`the body is empty; send {"strokes": …} or {"pixels": …}`)
	}
	return q, http.StatusBadRequest, fmt.Errorf("the body is not the JSON expected: %w", err)
}

func tooLarge(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return err
	}
	return nil
}

// picture is what the model is to look at.
func (q question) picture() ([Pixels]float32, error) {
	switch {
	case q.Strokes != nil && q.Pixels != nil:
		return [Pixels]float32{}, errors.New(`send either "strokes" or "pixels", not both`)
	case q.Pixels != nil && len(q.Pixels) != Pixels:
		return [Pixels]float32{}, fmt.Errorf(`"pixels" has %d numbers, not %d`, len(q.Pixels), Pixels)
	case q.Pixels != nil:
		pixels := [Pixels]float32(q.Pixels)
		return pixels, checkPixels(pixels)
	}
	return FromStrokes(q.Strokes)
}

func refuseMethod(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	refuse(w, http.StatusMethodNotAllowed, "this address takes "+allowed)
}

func refuse(w http.ResponseWriter, status int, why string) {
	reply(w, status, map[string]string{"error": why})
}

func reply(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer could not be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}
