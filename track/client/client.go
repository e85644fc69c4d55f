// Package client is our Go client of a tracking server, over both wires:
// MLflow's for what it has a word for, our own for the rest. It retries only
// what can safely be asked again, and turns every refusal into a fault that
// says what the server said. It keeps nothing.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/assay-ml/assay/fault"
)

// maxReply bounds a JSON answer, in bytes.
const maxReply = 256 << 20

// Options is what a client may be told beside the address.
type Options struct {
	HTTP  *http.Client // nil: one with a time-out of a minute to the first byte
	Actor string       // who asks, as the audit trail should say
	Token string       // sent as Bearer token; never logged
}

// Client talks to one server.
type Client struct {
	base string
	o    Options
}

// New makes a client of the server at base, e.g. http://127.0.0.1:5000.
func New(base string, o Options) *Client {
	if o.HTTP == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = time.Minute
		o.HTTP = &http.Client{Transport: t}
	}
	return &Client{base: strings.TrimRight(base, "/"), o: o}
}

// Base is the address of the server.
func (c *Client) Base() string { return c.base }

const (
	mlflowPath    = "/api/2.0/mlflow/"
	artifactsPath = "/api/2.0/mlflow-artifacts/artifacts/"
)

// call sends one request with a JSON body (nil: none) and decodes the answer
// into out (nil: dropped).
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encoding the request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	res, err := c.send(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxReply)).Decode(out); err != nil {
		return fault.New(fault.Unavailable, "the answer of %s%s is not what was expected: %w", c.base, path, err).
			WithHint("is this the address of an Assay server?")
	}
	return nil
}

// send sends a request and returns the answer if it is a success.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body io.Reader) (*http.Response, error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s is not an address: %w", address, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.o.Actor != "" {
		req.Header.Set("X-Assay-Actor", c.o.Actor)
	}
	if c.o.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.o.Token)
	}
	res, err := c.o.HTTP.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fault.New(fault.Interrupted, "interrupted while waiting for %s", c.base)
		}
		return nil, fault.New(fault.Unavailable, "the server at %s cannot be reached: %w", c.base, err).
			WithHint("start it with `assay server`, or name another with --server or ASSAY_SERVER")
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusPartialContent {
		defer res.Body.Close()
		return nil, refusal(c.base+path, res)
	}
	return res, nil
}

// refusal makes a fault of what the server said.
func refusal(address string, res *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	var said struct {
		Code    string `json:"error_code"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}
	if json.Unmarshal(data, &said) != nil || said.Message == "" {
		said.Message = fmt.Sprintf("%s answered %s", address, res.Status)
	}
	f := fault.New(codeOf(said.Code, res.StatusCode), "%s", said.Message)
	if said.Hint != "" {
		f = f.WithHint("%s", said.Hint)
	}
	return f
}

func codeOf(code string, status int) fault.Code {
	switch code {
	case "RESOURCE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND":
		return fault.NotFound
	case "RESOURCE_ALREADY_EXISTS":
		return fault.Exists
	case "PERMISSION_DENIED":
		return fault.Denied
	}
	switch {
	case code != "" && code == strings.ToLower(code): // our own wire speaks in fault codes
		return fault.Code(code)
	case status == http.StatusNotFound:
		return fault.NotFound
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return fault.Denied
	case status >= 500 || status == http.StatusTooManyRequests:
		return fault.Unavailable
	}
	return fault.Invalid
}
