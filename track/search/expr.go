// Package search is the language in which clients ask for experiments, runs,
// models and versions: MLflow's filter and order grammar, parsed into a small
// tree with positions in its errors, and evaluated against anything that can
// look up a field. It knows no store and no SQL.
package search

// Kind is what is searched for; it decides which fields there are.
type Kind int

// The kinds.
const (
	Runs Kind = iota
	Experiments
	Models
	Versions
	LoggedModels
)

// Entity is the family of a field.
type Entity string

// The entities.
const (
	Attribute Entity = "attribute"
	Metric    Entity = "metric"
	Param     Entity = "param"
	Tag       Entity = "tag"
	DatasetOf Entity = "dataset"
)

// Field names one thing that can be compared or ordered by. Attribute keys are
// canonical: run_id, run_name, status, artifact_uri, user_id, start_time,
// end_time; name, experiment_id, creation_time, last_update_time; name,
// creation_timestamp, last_updated_timestamp; version_number, run_id,
// source_path; model_id, model_type, source_run_id.
type Field struct {
	Entity Entity
	Key    string
}

// Op is a comparison.
type Op string

// The comparisons.
const (
	Eq      Op = "="
	Ne      Op = "!="
	Lt      Op = "<"
	Le      Op = "<="
	Gt      Op = ">"
	Ge      Op = ">="
	Like    Op = "LIKE"
	ILike   Op = "ILIKE"
	In      Op = "IN"
	NotIn   Op = "NOT IN"
	IsNull  Op = "IS NULL"
	NotNull Op = "IS NOT NULL"
)

// Expr is a filter: And, Or, Not or Cmp.
type Expr interface{ expr() }

// And holds if all hold.
type And []Expr

// Or holds if one holds.
type Or []Expr

// Not holds if X does not.
type Not struct{ X Expr }

// Cmp compares a field. A field that is missing makes every comparison false
// except IsNull (so != needs the field to be there, as MLflow has it).
type Cmp struct {
	Field Field
	Op    Op
	Str   string  // for string comparisons
	Num   float64 // for numeric ones
	IsNum bool
	List  []string // for In and NotIn
}

func (And) expr() {}
func (Or) expr()  {}
func (Not) expr() {}
func (Cmp) expr() {}

// Order is one key of an ordering.
type Order struct {
	Field Field
	Desc  bool
}

// Record is what a filter is evaluated against.
type Record interface {
	// Text returns a textual field, Number a numeric one; false when missing.
	Text(f Field) (string, bool)
	Number(f Field) (float64, bool)
}
