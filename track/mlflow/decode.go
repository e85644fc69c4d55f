package mlflow

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/assay-ml/assay/fault"
	"github.com/assay-ml/assay/track"
)

// maxBody bounds a JSON body, in bytes: a dataset's profile may be 16 MB.
const maxBody = 32 << 20

const seeDocs = " See the API docs for more information about request parameters."

// args are the parameters of one call, from its body, its query or its path.
// Getters remember the first mistake in err, so that a handler asks once,
// after it has read all.
type args struct {
	members map[string]json.RawMessage
	query   bool // from a query: all values are texts, lists may be single
	err     error
}

func readArgs(w http.ResponseWriter, r *http.Request) (*args, error) {
	if r.Method == http.MethodGet {
		if q := r.URL.Query(); len(q) > 0 || r.ContentLength <= 0 {
			return fromQuery(q)
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return &args{members: map[string]json.RawMessage{}}, nil
	}
	// Pages of other origins can send text/plain without asking first, but not
	// this type; so the check is more than pedantry.
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return nil, fault.New(fault.Invalid, "Bad Request. Content-Type must be one of ['application/json'].")
	}
	return fromBody(body)
}

// maxValues bounds the values of one body: 32 MB of empty objects would take
// gigabytes once decoded. The largest honest call, a batch, has some 10,000.
const maxValues = 200_000

// crowded reports more than maxValues values, by the commas outside of texts.
func crowded(body []byte) bool {
	commas, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			inText = !inText
		case '\\':
			i++ // only in texts
		case ',':
			if !inText {
				commas++
			}
		}
	}
	return commas > maxValues
}

func fromBody(body []byte) (*args, error) {
	a := &args{}
	var inner string
	if json.Unmarshal(body, &inner) == nil { // very old clients encode twice
		body = []byte(inner)
	}
	if crowded(body) {
		return nil, fault.New(fault.TooLarge, "the body holds more than %d values; split the call", maxValues)
	}
	if err := json.Unmarshal(body, &a.members); err != nil {
		return nil, fault.New(fault.Invalid, "Invalid request: the body is not a JSON object: %w.%s", err, seeDocs)
	}
	if a.members == nil {
		a.members = map[string]json.RawMessage{}
	}
	return a, nil
}

func fromQuery(q url.Values) (*args, error) {
	a := &args{members: make(map[string]json.RawMessage, len(q)), query: true}
	for name, values := range q {
		var raw []byte
		var err error
		if len(values) == 1 {
			raw, err = json.Marshal(values[0])
		} else {
			raw, err = json.Marshal(values)
		}
		if err != nil {
			return nil, err
		}
		a.members[strings.TrimSuffix(name, "[]")] = raw
	}
	return a, nil
}

// set puts a parameter of the path over what the body says.
func (a *args) set(name, value string) { a.members[name] = appendText(nil, value) }

func (a *args) fail(err error) {
	if a.err == nil && err != nil {
		a.err = err
	}
}

// raw finds a parameter in either spelling; null is not given.
func (a *args) raw(name string) (json.RawMessage, bool) {
	v, ok := a.members[name]
	if camel := camelCase(name); camel != name {
		if c, also := a.members[camel]; also {
			if ok {
				a.fail(fault.New(fault.Invalid, "The parameter '%s' is given twice, also as '%s'.%s", name, camel, seeDocs))
			}
			v, ok = c, true
		}
	}
	if !ok || string(v) == "null" {
		return nil, false
	}
	return v, true
}

func (a *args) has(name string) bool { _, ok := a.raw(name); return ok }

func camelCase(name string) string {
	parts := strings.Split(name, "_")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

func missing(path string) error {
	return fault.New(fault.Invalid, "Missing value for required parameter '%s'.%s", path, seeDocs)
}

func wrongType(path string, raw []byte) error {
	kind := "float"
	switch raw[0] {
	case '"':
		kind = "str"
	case '{':
		kind = "dict"
	case '[':
		kind = "list"
	case 't', 'f':
		kind = "bool"
	default:
		if bytes.IndexFunc(raw, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) < 0 {
			kind = "int"
		}
	}
	var shown bytes.Buffer
	if json.Compact(&shown, raw) != nil { // it was decoded before
		shown.Write(raw)
	}
	text := track.PlainJSON(shown.String())
	if len(text) > 500 {
		text = text[:500] + "…"
	}
	return fault.New(fault.Invalid, "Invalid value %s for parameter '%s' supplied:  Hint: Value was of type '%s'.%s",
		text, path, kind, seeDocs)
}

// opt returns a text if it is given, of several names the first.
func (a *args) opt(names ...string) *string {
	for _, name := range names {
		raw, ok := a.raw(name)
		if !ok {
			continue
		}
		var s string
		if json.Unmarshal(raw, &s) != nil {
			a.fail(wrongType(name, raw))
		}
		return &s
	}
	return nil
}

// str returns a text, "" if it is not given.
func (a *args) str(names ...string) string {
	if s := a.opt(names...); s != nil {
		return *s
	}
	return ""
}

// need returns a text that must be given and not be empty.
func (a *args) need(names ...string) string {
	s := a.str(names...)
	if s == "" {
		a.fail(missing(names[0]))
	}
	return s
}

// runID is a required run id in either of its two names.
func (a *args) runID() string { return a.need("run_id", "run_uuid") }

func (a *args) int(name string, unset int64) int64 {
	raw, ok := a.raw(name)
	if !ok {
		return unset
	}
	v, ok := parseInt(raw)
	if !ok {
		a.fail(wrongType(name, raw))
	}
	return v
}

// parseInt reads an integer, also as text and as 5.0, as protos allow.
func parseInt(raw []byte) (int64, bool) {
	s := string(raw)
	if raw[0] == '"' && json.Unmarshal(raw, &s) != nil {
		return 0, false
	}
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		return v, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// parseFloat reads a number, also as text, NaN and infinities among them.
func parseFloat(raw []byte) (float64, bool) {
	s := string(raw)
	if raw[0] == '"' {
		if json.Unmarshal(raw, &s) != nil {
			return 0, false
		}
	} else if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}

func (a *args) bool(name string) bool {
	raw, ok := a.raw(name)
	if !ok {
		return false
	}
	s := string(raw)
	if a.query && raw[0] == '"' {
		s = strings.ToLower(strings.Trim(s, `"`))
	}
	if s != "true" && s != "false" {
		a.fail(wrongType(name, raw))
	}
	return s == "true"
}

// max is how many results are asked for: unset if the caller does not say.
func (a *args) max(name string, unset, limit int64) int {
	v := a.int(name, unset)
	if v < 1 {
		a.fail(fault.New(fault.Invalid, "Invalid value %d for parameter '%s' supplied. It must be a positive integer.", v, name))
		return 0
	}
	if v > limit {
		a.fail(fault.New(fault.Invalid, "Invalid value %d for parameter '%s' supplied: It must be a positive integer "+
			"of at most %d.", v, name, limit))
		return 0
	}
	return int(v)
}

func (a *args) strs(name string) []string {
	raw, ok := a.raw(name)
	if !ok {
		return nil
	}
	if a.query && raw[0] == '"' {
		return []string{a.str(name)}
	}
	var out []string
	if json.Unmarshal(raw, &out) != nil {
		a.fail(wrongType(name, raw))
	}
	return out
}

// objects reads a list of objects, each as args of its own.
func (a *args) objects(name string) []*args {
	raw, ok := a.raw(name)
	if !ok {
		return nil
	}
	var all []map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		a.fail(wrongType(name, raw))
		return nil
	}
	out := make([]*args, len(all))
	for i, m := range all {
		out[i] = &args{members: m}
	}
	return out
}

// within takes over the mistake of a nested object, with its place.
func (a *args) within(inner *args, path string) {
	if inner.err != nil {
		f := *faultOf(inner.err)
		f.Message = strings.Replace(f.Message, "parameter '", "parameter '"+path+".", 1)
		a.fail(&f)
	}
}

// enum reads a name out of a proto's enum, or its number (counted from first).
func (a *args) enum(name string, first int64, names ...string) string {
	raw, ok := a.raw(name)
	if !ok {
		return ""
	}
	if v, isInt := parseInt(raw); isInt && v >= first && v < first+int64(len(names)) {
		return names[v-first]
	}
	s := a.str(name)
	for _, n := range names {
		if n == s {
			return n
		}
	}
	a.fail(fault.New(fault.Invalid, "Invalid value %.100s for parameter '%s' supplied: It must be one of %s.%s",
		raw, name, strings.Join(names, ", "), seeDocs))
	return ""
}

func (a *args) view(name string) track.View {
	switch a.enum(name, 1, "ACTIVE_ONLY", "DELETED_ONLY", "ALL") {
	case "DELETED_ONLY":
		return track.DeletedOnly
	case "ALL":
		return track.All
	}
	return track.ActiveOnly
}

// experimentID reads an id that is a number in a text.
func (a *args) experimentID(name string) int64 {
	s := a.need(name)
	if s == "" {
		return 0
	}
	id, err := parseExperimentID(s)
	if err != nil {
		a.fail(err)
	}
	return id
}

func parseExperimentID(s string) (int64, error) {
	id, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "Invalid experiment ID '%.300s'. Experiment ID must be a valid integer.", s)
	}
	return id, nil
}

func (a *args) experimentIDs(name string) []int64 {
	var out []int64
	for _, s := range a.strs(name) {
		id, err := parseExperimentID(s)
		if err != nil {
			a.fail(err)
			return nil
		}
		out = append(out, id)
	}
	return out
}
