package sqlstore

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/assay-ml/assay/track"
)

// Params and tags are kept as JSON objects: readable, and json_each reads them
// in SQL.

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("writing a document: %w", err)
	}
	return string(b), nil
}

func decode(s string, v any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("reading a document: %w", err)
	}
	return nil
}

func decodeMap(s string) (map[string]string, error) {
	m := map[string]string{}
	err := decode(s, &m)
	return m, err
}

func decodeTags(s string) ([]track.Tag, error) {
	m, err := decodeMap(s)
	return tagList(m), err
}

func tagList(m map[string]string) []track.Tag {
	if len(m) == 0 {
		return nil
	}
	out := make([]track.Tag, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, track.Tag{Key: k, Value: m[k]})
	}
	return out
}

func paramList(m map[string]string) []track.Param {
	if len(m) == 0 {
		return nil
	}
	out := make([]track.Param, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, track.Param{Key: k, Value: m[k]})
	}
	return out
}

// tagMap takes the last of equal keys.
func tagMap(tags []track.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

// editTags applies changes to a JSON object of tags; missing, if not nil,
// makes the error for a tag that is to be deleted and is not there.
func editTags(old string, set []track.Tag, del []string, missing func(key string) error) (string, error) {
	m, err := decodeMap(old)
	if err != nil {
		return "", err
	}
	for _, k := range del {
		if _, ok := m[k]; !ok && missing != nil {
			return "", missing(k)
		}
		delete(m, k)
	}
	maps.Copy(m, tagMap(set))
	return encode(m)
}
