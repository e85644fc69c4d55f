package mlflow

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/assay-ml/assay/fault"
)

// endpointNotFound is what clients take as "this server does not have that".
const endpointNotFound = "ENDPOINT_NOT_FOUND"

// statusCancelled is the status of a call whose caller went away.
const statusCancelled = 499

// wireError maps a fault to MLflow's error_code and HTTP status. Clients
// decide by the code, so it follows what MLflow answers, not what HTTP would
// suggest: an existing name is 400, and so is a state that does not allow it.
func wireError(code fault.Code) (errorCode string, status int) {
	switch code {
	case fault.NotFound:
		return "RESOURCE_DOES_NOT_EXIST", http.StatusNotFound
	case fault.Exists:
		return "RESOURCE_ALREADY_EXISTS", http.StatusBadRequest
	case fault.Denied:
		return "PERMISSION_DENIED", http.StatusForbidden
	case fault.Unavailable:
		return "TEMPORARILY_UNAVAILABLE", http.StatusServiceUnavailable
	case fault.Unsupported:
		return "NOT_IMPLEMENTED", http.StatusNotImplemented
	case fault.Invalid, fault.Conflict, fault.TooLarge, fault.Failed, fault.Undecided, fault.Usage:
		return "INVALID_PARAMETER_VALUE", http.StatusBadRequest
	}
	return "INTERNAL_ERROR", http.StatusInternalServerError
}

// faultOf finds what a caller may know of an error.
func faultOf(err error) *fault.Error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return fault.New(fault.TooLarge, "the body is larger than the limit of %d bytes", tooBig.Limit)
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Invalid, "the body ended before its announced length")
	}
	return fault.New(fault.Internal, "Internal error. The server's log says more.")
}

// writeError answers with MLflow's error body. What went wrong inside is for
// the log alone.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		w.WriteHeader(statusCancelled) // nobody reads it; the log shows it
		return
	}
	f := faultOf(err)
	code, status := wireError(f.Code)
	message := f.Message
	if status == http.StatusInternalServerError {
		message = "Internal error. The server's log says more."
		slog.ErrorContext(r.Context(), "MLflow call failed", "method", r.Method, "path", r.URL.Path, "error", err)
	} else if hint := fault.HintOf(err); hint != "" {
		message += " (" + hint + ")"
	}
	writeErrorBody(w, status, code, message)
}

func writeErrorBody(w http.ResponseWriter, status int, code, message string) {
	var e encoder
	e.open('{')
	e.str("error_code", code)
	e.str("message", message)
	e.close('}')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(e.b) // the caller is gone if this fails
}
