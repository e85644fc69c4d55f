package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
)

var errTransient = errors.New("the server cannot answer now")

// refuse answers with an error that MLflow's clients show and do not repeat.
func refuse(w http.ResponseWriter, why string) {
	data, _ := json.Marshal(map[string]string{
		"error_code": "BAD_REQUEST",
		"message":    "assay run: " + why + "; the run itself is recorded and `assay run push` sends it later",
	})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(data)
}

// heldReply keeps an answer until it may be given.
type heldReply struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (h *heldReply) Header() http.Header         { return h.header }
func (h *heldReply) WriteHeader(code int)        { h.code = code }
func (h *heldReply) Write(p []byte) (int, error) { return h.body.Write(p) }

func (h *heldReply) copyTo(w http.ResponseWriter) {
	for k, v := range h.header {
		w.Header()[k] = v
	}
	w.WriteHeader(h.code)
	_, _ = w.Write(h.body.Bytes())
}
