package track

import (
	"encoding/json"
	"math"
	"path"
	"strings"
	"unicode"
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
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
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
	for _, r := range key {
		if !wordChar(r) && !strings.ContainsRune("/.- :", r) {
			return invalidValue(field, key, badKeyText)
		}
	}
	if err := checkPath(field, key); err != nil {
		return err
	}
	return checkLength(field, key, MaxKey)
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
	return v + 0 // -0 + 0 is 0
}
