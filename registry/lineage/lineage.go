// Package lineage is the record "this came from": canonical JSON, the digest
// of a record, and the chain that makes a list of records append-only. It
// keeps nothing and signs nothing.
package lineage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Canonical encodes v as JSON with sorted keys, no insignificant space and no
// HTML escapes, so that equal records have equal bytes. Numbers keep the
// digits that encoding/json gave them.
func Canonical(v any) ([]byte, error) {
	first, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding a record: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(first))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("encoding a record: %w", err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil { // maps are written with sorted keys
		return nil, fmt.Errorf("encoding a record: %w", err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// Digest is the SHA-256 of v's canonical form, as 64 hexadecimal digits.
func Digest(v any) (string, error) {
	b, err := Canonical(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Link is the hash of a record that follows the one whose hash is prev: it
// covers both, so that no record can be changed, dropped or put between.
func Link(prev string, record any) (string, error) {
	return Digest(struct {
		Prev   string `json:"prev"`
		Record any    `json:"record"`
	}{prev, record})
}
