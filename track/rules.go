package track

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/assay-ml/assay/fault"
)

// Limits that MLflow's clients count on. Lengths are in characters.
const (
	MaxKey                = 250
	MaxParamValue         = 6000
	MaxTagValue           = 8000
	MaxExperimentName     = 500
	MaxExperimentTagValue = 20000
	MaxRegistryTagValue   = 100_000
	MaxAlias              = 255
	MaxMetricsPerBatch    = 1000
	MaxParamsPerBatch     = 100
	MaxTagsPerBatch       = 100
	MaxEntitiesPerBatch   = 1000
	MaxDatasetsPerCall    = 1000
	MaxDatasetName        = 500
	MaxDatasetDigest      = 36
	MaxDatasetSchema      = 1<<20 - 1
	MaxDatasetSource      = 1<<16 - 1
	MaxDatasetProfile     = 1<<24 - 1
	MaxInputTagKey        = 255
	MaxInputTagValue      = 500
)

const badKeyText = "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.)," +
	" spaces ( ), colon(:) and slashes (/)."

func invalidValue(field, value, why string) error {
	if why == "" {
		return fault.New(fault.Invalid, "Invalid value %s for parameter '%s' supplied.", quote(value), field)
	}
	return fault.New(fault.Invalid, "Invalid value %s for parameter '%s' supplied: %s", quote(value), field, why)
}

// quote is the value as JSON, cut to what fits in a message.
func quote(s string) string {
	s, _ = cut(s, 500)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil { // texts always can be
		return `""`
	}
	return PlainJSON(strings.TrimSuffix(out.String(), "\n"))
}

// PlainJSON writes all that is not ASCII in a JSON text as escapes, as Python
// does and MLflow's messages have it.
func PlainJSON(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r > '~' }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch hi, lo := utf16.EncodeRune(r); {
		case r <= '~':
			b.WriteRune(r)
		case hi != utf8.RuneError:
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func tooLong(what string, limit int) error {
	return fault.New(fault.Invalid, "'%s' exceeds the maximum length of %d characters", what, limit)
}

func checkLength(what, s string, limit int) error {
	if len(s) > limit && utf8.RuneCountInString(s) > limit {
		return tooLong(what, limit)
	}
	return nil
}

// cut shortens s to limit characters and says whether it did.
func cut(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i], true
		}
		n++
	}
	return s, false
}

// wordChar is Python's \w.
func wordChar(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
}

// CheckKey checks the name of a metric, param or tag. Field is the path of the
// parameter for the message, such as "key" or "metrics[0].name". Keys become
// file names in some stores, so they must equal their own cleaned path.
func CheckKey(field, key string) error {
	if err := checkAlphabet(field, key); err != nil {
		return err
	}
	return checkLength(field, key, MaxKey)
}

// checkAlphabet checks all of a key but its length.
func checkAlphabet(field, key string) error {
	for _, r := range key {
		if !wordChar(r) && !strings.ContainsRune("/.- :", r) {
			return invalidValue(field, key, badKeyText)
		}
	}
	return checkPath(field, key)
}

// checkPath refuses names that would resolve to others if they were paths.
func checkPath(field, name string) error {
	norm := path.Clean(name)
	if norm != name || norm == "." || strings.HasPrefix(norm, "..") || strings.HasPrefix(norm, "/") {
		return invalidValue(field, name, "Names may be treated as files in certain cases, and must not resolve "+
			"to other names when treated as such. This name would resolve to '"+norm+"'")
	}
	return nil
}

// CheckRunID checks a run id that a client or an import gives.
func CheckRunID(id string) error {
	if !identifier(id, 256) {
		return invalidValue("run_id", id, "")
	}
	return nil
}

// identifier: an ASCII letter or digit, then word characters and dashes.
func identifier(s string, limit int) bool {
	if s == "" || utf8.RuneCountInString(s) > limit {
		return false
	}
	for i, r := range s {
		ascii := r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if i == 0 && !ascii || !wordChar(r) && r != '-' {
			return false
		}
	}
	return true
}

// CheckExperimentName checks the name of an experiment.
func CheckExperimentName(name string) error {
	if strings.TrimSpace(name) == "" {
		return fault.New(fault.Invalid, "Invalid experiment name: '%s'", name)
	}
	return checkLength("name", name, MaxExperimentName)
}

// CheckArtifactLocation checks the artifact root that a client gives an
// experiment; empty means the server's own.
func CheckArtifactLocation(uri string) error {
	if strings.HasPrefix(uri, "runs:") {
		return fault.New(fault.Invalid, "Artifact location cannot be a runs:/ URI. Given: '%s'", uri)
	}
	scheme, _, _ := strings.Cut(uri, ":")
	if strings.Contains(uri, "#") || !strings.Contains(uri, ":") && strings.Contains(uri, ";") ||
		(scheme == "http" || scheme == "https" || scheme == "ftp") && strings.Contains(uri, ";") {
		return fault.New(fault.Invalid, "'artifact_location' URL can't include fragments or params.")
	}
	if _, query, ok := strings.Cut(uri, "?"); ok && strings.Contains(query, "..") {
		return fault.New(fault.Invalid, "Invalid query string")
	}
	return checkLength("artifact_location", uri, 2048)
}

// CheckExperimentTag checks a tag of an experiment.
func CheckExperimentTag(t Tag) error {
	if err := CheckKey("key", t.Key); err != nil {
		return err
	}
	return checkLength("value", t.Value, MaxExperimentTagValue)
}

// CheckModelName checks the name of a registered model.
func CheckModelName(name string) error {
	if strings.TrimSpace(name) == "" {
		return fault.New(fault.Invalid, "Missing value for required parameter 'name'.")
	}
	if strings.ContainsAny(name, "/:") {
		return fault.New(fault.Invalid, "Invalid model name '%s'. Names cannot contain '/' or ':'.", name)
	}
	if err := checkPath("name", name); err != nil {
		return err
	}
	return checkLength("name", name, MaxKey+6) // as wide as MLflow's column
}

// CheckLoggedModelName checks the name of a logged model; empty means that one
// is made up.
func CheckLoggedModelName(name string) error {
	if strings.ContainsAny(name, "/:.%\"'") {
		return fault.New(fault.Invalid, "Invalid model name ('%s') provided. Model name must be a non-empty string "+
			`and cannot contain the following characters: ('/', ':', '.', '%%', '"', "'")`, name)
	}
	return checkLength("name", name, MaxExperimentName)
}

// CheckRegistryTag checks a tag of a registered model or of a version.
func CheckRegistryTag(t Tag) error {
	if err := CheckKey("key", t.Key); err != nil {
		return err
	}
	return checkLength("value", t.Value, MaxRegistryTagValue)
}

// CheckAlias checks an alias that is to be set: latest and v7 are taken, they
// mean what they say.
func CheckAlias(alias string) error {
	if err := CheckAliasText(alias); err != nil {
		return err
	}
	if strings.EqualFold(alias, "latest") {
		return fault.New(fault.Invalid, "'latest' alias name (case insensitive) is reserved.")
	}
	if len(alias) > 1 && (alias[0] == 'v' || alias[0] == 'V') && strings.Trim(alias[1:], "0123456789") == "" {
		return fault.New(fault.Invalid, "Version alias name '%s' is reserved.", alias)
	}
	return nil
}

// CheckAliasText checks the characters of an alias that is to be read.
func CheckAliasText(alias string) error {
	if alias == "" {
		return fault.New(fault.Invalid, "Registered model alias name cannot be empty.")
	}
	for _, r := range alias {
		if !wordChar(r) && r != '-' {
			return fault.New(fault.Invalid, "Invalid alias name: '%s'. Names may only contain alphanumerics, "+
				"underscores (_), and dashes (-).", alias)
		}
	}
	return checkLength("Registered model alias name", alias, MaxAlias)
}

// The stages of old MLflow.
const (
	StageNone       = "None"
	StageStaging    = "Staging"
	StageProduction = "Production"
	StageArchived   = "Archived"
)

// CanonicalStage spells a stage as MLflow does; it is read in any case.
func CanonicalStage(stage string) (string, error) {
	for _, s := range []string{StageNone, StageStaging, StageProduction, StageArchived} {
		if strings.EqualFold(s, stage) {
			return s, nil
		}
	}
	return "", fault.New(fault.Invalid,
		"Invalid Model Version stage: %s. Value must be one of None, Staging, Production, Archived.", stage)
}

// CheckArchive says whether a move to the (canonical) stage may archive the
// versions that are there.
func CheckArchive(stage string) error {
	if stage == StageStaging || stage == StageProduction {
		return nil
	}
	return fault.New(fault.Invalid, "Model version transition cannot archive existing model versions "+
		"because '%s' is not an Active stage. Valid stages are ['Staging', 'Production']", stage)
}

// StorableValue is how a metric's value is kept: infinities as the largest
// finite numbers, as MLflow does, one NaN, and no negative zero, so that equal
// points are equal bits.
func StorableValue(v float64) float64 {
	switch {
	case math.IsNaN(v):
		return math.NaN()
	case math.IsInf(v, 1):
		return math.MaxFloat64
	case math.IsInf(v, -1):
		return -math.MaxFloat64
	}
	if v == 0 {
		return 0
	}
	return v
}

// CheckBatch checks what one logging call brings and cuts values that are too
// long, in place, as MLflow does by default. Metrics are told by "name" in
// messages, params and tags by "key".
func CheckBatch(b *Batch) error {
	for _, c := range []struct {
		what     string
		limit, n int
	}{
		{"metrics", MaxMetricsPerBatch, len(b.Metrics)},
		{"params", MaxParamsPerBatch, len(b.Params)},
		{"tags", MaxTagsPerBatch, len(b.Tags)},
		{"metrics, params, and tags", MaxEntitiesPerBatch, len(b.Metrics) + len(b.Params) + len(b.Tags)},
	} {
		if c.n > c.limit {
			return fault.New(fault.Invalid, "A batch logging request can contain at most %d %s. Got %d %s. "+
				"Please split up %s across multiple requests and try again.", c.limit, c.what, c.n, c.what, c.what)
		}
	}
	for i := range b.Metrics {
		if err := CheckMetric(fmt.Sprintf("metrics[%d].", i), b.Metrics[i]); err != nil {
			return err
		}
	}
	for i := range b.Params {
		if err := CheckParam(fmt.Sprintf("params[%d].", i), &b.Params[i]); err != nil {
			return err
		}
	}
	for i := range b.Tags {
		if err := CheckTag(fmt.Sprintf("tags[%d].", i), &b.Tags[i]); err != nil {
			return err
		}
	}
	return checkParamsUnique(b.Params)
}

func checkParamsUnique(params []Param) error {
	seen := make(map[string]bool, len(params))
	var twice []string
	for _, p := range params {
		if seen[p.Key] {
			twice = append(twice, "'"+p.Key+"'")
		}
		seen[p.Key] = true
	}
	if twice == nil {
		return nil
	}
	return fault.New(fault.Invalid, "Duplicate parameter keys have been submitted: [%s]. Please ensure "+
		"the request contains only one param value per param key.", strings.Join(twice, ", "))
}

// CheckMetric checks one point. Prefix stands before "name" and "timestamp" in
// messages: "" for a call with one metric, "metrics[3]." in a batch.
func CheckMetric(prefix string, m Metric) error {
	if err := checkAlphabet(prefix+"name", m.Key); err != nil {
		return err
	}
	if err := checkLength("Metric name", m.Key, MaxKey); err != nil {
		return err
	}
	if m.Time < 0 {
		return fault.New(fault.Invalid, "Invalid value %d for parameter '%stimestamp' supplied: metric '%s' (value=%v). "+
			"Timestamp must be a nonnegative long (64-bit integer) ", m.Time, prefix, m.Key, pythonFloat(m.Value))
	}
	return nil
}

// pythonFloat spells a number as MLflow's messages do: 1.0, not 1.
func pythonFloat(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if strings.Trim(s, "-0123456789") == "" {
		s += ".0"
	}
	return s
}

// CheckParam checks a param and cuts its value to the limit.
func CheckParam(prefix string, p *Param) error {
	if err := checkAlphabet(prefix+"key", p.Key); err != nil {
		return err
	}
	if err := checkLength("Param key", p.Key, MaxKey); err != nil {
		return err
	}
	p.Value, _ = cut(p.Value, MaxParamValue)
	return nil
}

// CheckTag checks a run's tag and cuts its value to the limit.
func CheckTag(prefix string, t *Tag) error {
	if err := CheckKey(prefix+"key", t.Key); err != nil {
		return err
	}
	t.Value, _ = cut(t.Value, MaxTagValue)
	return nil
}

// CheckNewTag checks a tag that comes with a new run or a logged model, where
// MLflow holds clients to no alphabet.
func CheckNewTag(prefix string, t *Tag) error {
	if err := checkLength(prefix+"key", t.Key, MaxKey); err != nil {
		return err
	}
	t.Value, _ = cut(t.Value, MaxTagValue)
	return nil
}

// CheckNewParam checks a param that comes with a logged model.
func CheckNewParam(prefix string, p *Param) error {
	if err := checkLength(prefix+"key", p.Key, MaxKey); err != nil {
		return err
	}
	p.Value, _ = cut(p.Value, MaxParamValue)
	return nil
}

// CheckInputs checks the datasets of one call.
func CheckInputs(in Inputs) error {
	if len(in.Datasets) > MaxDatasetsPerCall {
		return fault.New(fault.Invalid, "A batch logging request can contain at most %d datasets. Got %d datasets. "+
			"Please split up datasets across multiple requests and try again.", MaxDatasetsPerCall, len(in.Datasets))
	}
	for i, d := range in.Datasets {
		at := fmt.Sprintf("datasets[%d].dataset.", i)
		if d.Name == "" || d.Digest == "" {
			return fault.New(fault.Invalid, "Missing value for required parameter '%s'.", at+"name or digest")
		}
		for _, c := range []struct {
			what, value string
			limit       int
		}{
			{"name", d.Name, MaxDatasetName},
			{"digest", d.Digest, MaxDatasetDigest},
			{"schema", d.Schema, MaxDatasetSchema},
			{"source", d.Source, MaxDatasetSource},
			{"profile", d.Profile, MaxDatasetProfile},
		} {
			if err := checkLength(c.what, c.value, c.limit); err != nil {
				return err
			}
		}
		for _, t := range d.Tags {
			if err := checkLength("key", t.Key, MaxInputTagKey); err != nil {
				return err
			}
			if err := checkLength("value", t.Value, MaxInputTagValue); err != nil {
				return err
			}
		}
	}
	return nil
}
