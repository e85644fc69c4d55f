// Package transport is the HTTP client that the drivers of forges share: it
// asks again where that cannot post twice, waits as long as a forge asks for,
// never longer than the time that it was given in all, and never takes a token
// to another host. It knows no forge's API.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/assay-ml/assay/fault"
)

// Limits of one client, where Options leaves them open.
const (
	DefaultBudget  = 2 * time.Minute
	DefaultAttempt = 30 * time.Second
	attempts       = 6
	firstWait      = 500 * time.Millisecond
	longestWait    = 8 * time.Second // of our own; a forge may ask for more
	maxReply       = 64 << 20        // bytes
)

// Options is what a client is made of.
type Options struct {
	// Budget is how long all calls may take together, waits included: a forge
	// that hangs does not hold a job longer. 0: DefaultBudget.
	Budget time.Duration
	// Attempt is how long one attempt may take. 0: DefaultAttempt.
	Attempt time.Duration
	// CAFile holds more certificates to trust (PEM); empty: the system's alone.
	CAFile string
	// Base sends one request; nil: HTTP with the proxies of the environment.
	Base http.RoundTripper
	// Wait sleeps; nil: really.
	Wait func(ctx context.Context, d time.Duration) error
	// Waiting is told before a wait that somebody may wonder about; may be nil.
	Waiting func(why string, d time.Duration)
}

// New makes a client.
func New(o Options) (*http.Client, error) {
	if o.Budget <= 0 {
		o.Budget = DefaultBudget
	}
	if o.Attempt <= 0 {
		o.Attempt = DefaultAttempt
	}
	if o.Wait == nil {
		o.Wait = sleep
	}
	if o.Waiting == nil {
		o.Waiting = func(string, time.Duration) {}
	}
	if o.Base == nil {
		base := http.DefaultTransport.(*http.Transport).Clone()
		if o.CAFile != "" {
			pool, err := trusted(o.CAFile)
			if err != nil {
				return nil, err
			}
			base.TLSClientConfig = &tls.Config{RootCAs: pool}
		}
		o.Base = base
	}
	return &http.Client{Transport: &patient{o: o}, CheckRedirect: stayHome}, nil
}

// trusted is the system's certificates and those of a file.
func trusted(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.NotFound, "reading the certificates that the forge is to be trusted by: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Invalid, "there is no certificate in %s", file).WithHint("it must be PEM: -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// stayHome keeps headers with tokens, which net/http would hand on, from
// another host.
func stayHome(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if req.URL.Host != first.Host || first.Scheme == "https" && req.URL.Scheme != "https" {
		return fault.New(fault.Denied, "%s sends us on to %s", first.Host, req.URL.Redacted()).
			WithHint("name the forge by the address that it has itself")
	}
	if len(via) >= 5 {
		return fault.New(fault.Unavailable, "%s sends us in circles", first.Host)
	}
	return nil
}

// patient is the transport.
type patient struct {
	o     Options
	mu    sync.Mutex
	until time.Time
}

// deadline is when the budget ends; it begins with the first call.
func (p *patient) deadline() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.IsZero() {
		p.until = time.Now().Add(p.o.Budget)
	}
	return p.until
}

// RoundTrip implements http.RoundTripper.
func (p *patient) RoundTrip(req *http.Request) (*http.Response, error) {
	until := p.deadline()
	for attempt := 1; ; attempt++ {
		res, err := p.once(req, until)
		wait, again := p.again(req, res, err, attempt)
		if !again || time.Now().Add(wait).After(until) || attempt == attempts || rewind(req) != nil {
			return res, p.explain(req, err, until)
		}
		why := "it did not answer"
		if res != nil {
			why = "it answered " + strconv.Itoa(res.StatusCode)
			_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection is used again
			res.Body.Close()
		}
		p.o.Waiting(req.URL.Host+": "+why, wait)
		if err := p.o.Wait(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

// once sends a request, within the time of an attempt and of the budget.
func (p *patient) once(req *http.Request, until time.Time) (*http.Response, error) {
	end := time.Now().Add(p.o.Attempt)
	if until.Before(end) {
		end = until
	}
	ctx, cancel := context.WithDeadline(req.Context(), end)
	res, err := p.o.Base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	res.Body = &body{io.LimitReader(res.Body, maxReply), res.Body, cancel}
	return res, nil
}

// body ends its attempt's time when it is closed.
type body struct {
	io.Reader
	io.Closer
	cancel context.CancelFunc
}

func (b *body) Close() error {
	defer b.cancel()
	return b.Closer.Close()
}

// again says whether an attempt may be made again, and after how long.
func (p *patient) again(req *http.Request, res *http.Response, err error, attempt int) (time.Duration, bool) {
	own := min(firstWait<<(attempt-1), longestWait)
	own += rand.N(own / 2) // jobs that started together do not come back together
	if err != nil {
		var untrusted *tls.CertificateVerificationError
		final := req.Context().Err() != nil || errors.As(err, &untrusted)
		return own, !final && (repeatable(req.Method) || unsent(err))
	}
	asked, limited := limit(res)
	switch {
	case limited: // it was turned away unread, whatever it was
		return max(own, asked), true
	case res.StatusCode == http.StatusServiceUnavailable && asked > 0:
		return max(own, asked), true
	case res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented:
		return max(own, asked), repeatable(req.Method)
	}
	return 0, false
}

// repeatable methods leave the same behind however often they arrive. PATCH is
// among them as our drivers use it: it sets whole texts.
func repeatable(method string) bool {
	return method != http.MethodPost
}

// unsent reports an error from before anything was sent.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// limit reads how long a forge asks us to stay away, and whether it turned the
// request away for its rate alone. GitHub does so with 403, too.
func limit(res *http.Response) (time.Duration, bool) {
	h := res.Header
	asked := retryAfter(h.Get("Retry-After"))
	spent := h.Get("X-RateLimit-Remaining") == "0" || h.Get("RateLimit-Remaining") == "0"
	if asked == 0 && spent {
		for _, name := range []string{"X-RateLimit-Reset", "RateLimit-Reset"} {
			if at, err := strconv.ParseInt(h.Get(name), 10, 64); err == nil {
				asked = max(asked, time.Until(time.Unix(at+1, 0)))
			}
		}
	}
	return asked, res.StatusCode == http.StatusTooManyRequests ||
		res.StatusCode == http.StatusForbidden && (asked > 0 || spent)
}

// retryAfter reads seconds or a date (RFC 9110, 10.2.3).
func retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil {
		return time.Duration(max(n, 0)) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// rewind makes the body readable again; an error says that it cannot be.
func rewind(req *http.Request) error {
	if req.Body == nil || req.Body == http.NoBody {
		return nil
	}
	if req.GetBody == nil {
		return errors.New("the body cannot be read again")
	}
	b, err := req.GetBody()
	if err == nil {
		req.Body = b
	}
	return err
}

// explain says whose time was up.
func (p *patient) explain(req *http.Request, err error, until time.Time) error {
	switch {
	case err == nil:
		return nil
	case req.Context().Err() != nil:
		return err
	case errors.Is(err, context.DeadlineExceeded) && !time.Now().Before(until):
		return fault.New(fault.Unavailable, "the forge at %s did not answer within %s", req.URL.Host, p.o.Budget).
			WithHint("try again later; ASSAY_FORGE_TIMEOUT changes how long a job waits")
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "the forge at %s did not answer within %s", req.URL.Host, p.o.Attempt)
	}
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return fault.New(fault.Unavailable, "the certificate of %s is not trusted: %w", req.URL.Host, untrusted.Err).
			WithHint("name the file with your own authority's certificate: SSL_CERT_FILE or CI_SERVER_TLS_CA_FILE")
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fault.New(fault.Unavailable, "the forge at %s cannot be reached: %w", req.URL.Host, err)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
