package track

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/assay-ml/assay/fault"
)

// EventHash computes the hash of a trail's entry: SHA-256, in hexadecimal, over
// its canonical JSON (keys sorted, no white space) without the field hash; the
// field prev makes it a chain.
func EventHash(e Event) (string, error) {
	e.Hash = ""
	return canonicalHash(e, "hash")
}

// ReviewID computes the id of a review from what it says, leaving out the id
// itself and the time of writing, so that a replay has the same id.
func ReviewID(r Review) (string, error) {
	return canonicalHash(r, "id", "created")
}

func canonicalHash(v any, without ...string) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fault.New(fault.Invalid, "writing as JSON: %w", err)
	}
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // numbers keep their digits
	if err := d.Decode(&m); err != nil {
		return "", fault.New(fault.Invalid, "reading JSON again: %w", err)
	}
	for _, k := range without {
		delete(m, k)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out) // sorts the keys of maps
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return "", fault.New(fault.Invalid, "writing as JSON: %w", err)
	}
	sum := sha256.Sum256(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
	return hex.EncodeToString(sum[:]), nil
}
