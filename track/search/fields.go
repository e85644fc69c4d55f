package search

import (
	"slices"
	"strings"
)

// entities are the words for the families of fields.
var entities = map[string]Entity{
	"metric": Metric, "metrics": Metric,
	"param": Param, "params": Param, "parameter": Param, "parameters": Param,
	"tag": Tag, "tags": Tag,
	"attribute": Attribute, "attributes": Attribute, "attr": Attribute, "run": Attribute,
	"dataset": DatasetOf, "datasets": DatasetOf,
}

// vocabulary is what one kind has.
type vocabulary struct {
	entities []Entity
	texts    []string
	numbers  []string
	aliases  map[string]string
}

func vocabularyOf(kind Kind) vocabulary {
	switch kind {
	case Runs:
		return vocabulary{
			entities: []Entity{Attribute, Metric, Param, Tag, DatasetOf},
			texts:    []string{"run_id", "run_name", "status", "artifact_uri", "user_id"},
			numbers:  []string{"start_time", "end_time"},
			aliases: map[string]string{
				"run name": "run_name", "Run name": "run_name", "Run Name": "run_name", "name": "run_name",
				"created": "start_time", "Created": "start_time", "run_uuid": "run_id", "user": "user_id",
			},
		}
	case Experiments:
		return vocabulary{
			entities: []Entity{Attribute, Tag},
			texts:    []string{"name"},
			numbers:  []string{"creation_time", "last_update_time", "experiment_id"},
		}
	case Models:
		return vocabulary{
			entities: []Entity{Attribute, Tag},
			texts:    []string{"name"},
			numbers:  []string{"creation_timestamp", "last_updated_timestamp"},
			aliases:  map[string]string{"timestamp": "last_updated_timestamp"},
		}
	case Versions:
		return vocabulary{
			entities: []Entity{Attribute, Tag},
			texts:    []string{"name", "run_id", "source_path"},
			numbers:  []string{"version_number", "creation_timestamp", "last_updated_timestamp"},
		}
	}
	return vocabulary{
		entities: []Entity{Attribute, Metric, Param, Tag},
		texts:    []string{"name", "model_id", "model_type", "status", "source_run_id"},
		numbers:  []string{"creation_timestamp", "last_updated_timestamp", "experiment_id"},
		aliases: map[string]string{
			"creation_time": "creation_timestamp", "creation_timestamp_ms": "creation_timestamp",
			"last_updated_timestamp_ms": "last_updated_timestamp",
			"last_updated_time":         "last_updated_timestamp",
		},
	}
}

// typedField is a field and whether it is a number.
type typedField struct {
	Field
	numeric bool
}

func (f typedField) String() string { return string(f.Entity) + " " + f.Key }

// field reads an identifier: key, entity.key, entity.`key`, "key".
func (p *parser) field() (typedField, error) {
	at := p.tok.at
	entity, key, err := p.identifier()
	if err != nil {
		return typedField{}, err
	}
	v := vocabularyOf(p.kind)
	e, known := entities[entity]
	if entity == "" {
		e, known = Attribute, true
	}
	if !known || !slices.Contains(v.entities, e) {
		return typedField{}, p.wrongAt(at, "Invalid entity type '%s'. Valid values are %s", entity, entityWords(v))
	}
	if key == "" {
		return typedField{}, p.wrongAt(at, "the key is empty")
	}
	f := typedField{Field: Field{e, key}, numeric: e == Metric}
	switch e {
	case Attribute:
		if alias, ok := v.aliases[key]; ok {
			f.Key = alias
		}
		f.numeric = slices.Contains(v.numbers, f.Key)
		if !f.numeric && !slices.Contains(v.texts, f.Key) {
			return f, p.wrongAt(at, "Invalid attribute key '%s' specified. Valid keys are %s",
				key, strings.Join(slices.Concat(v.texts, v.numbers), ", "))
		}
	case DatasetOf:
		if key != "name" && key != "digest" && key != "context" {
			return f, p.wrongAt(at, "Invalid dataset key '%s' specified. Valid keys are name, digest, context", key)
		}
	}
	return f, p.advance()
}

// identifier splits the token into entity and key.
func (p *parser) identifier() (entity, key string, err error) {
	switch p.tok.kind {
	case name:
		return p.tok.entity, p.tok.text, nil
	case quoted:
		if p.text[p.tok.at] == '"' {
			return "", p.tok.text, nil
		}
	case word:
		entity, key, dotted := strings.Cut(p.tok.text, ".")
		if dotted {
			return entity, key, nil
		}
		for _, keyword := range []string{"AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "ILIKE", "ASC", "DESC"} {
			if strings.EqualFold(keyword, p.tok.text) {
				return "", "", p.wrong("expected a field, found %s", p.tok)
			}
		}
		return "", p.tok.text, nil
	}
	return "", "", p.wrong("expected a field, found %s", p.tok)
}

func entityWords(v vocabulary) string {
	words := make([]string, len(v.entities))
	for i, e := range v.entities {
		words[i] = string(e)
	}
	return strings.Join(words, ", ")
}
