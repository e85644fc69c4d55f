package track

import "github.com/assay-ml/assay/track/search"

// RunQuery asks for runs.
type RunQuery struct {
	ExperimentIDs []int64
	Filter        search.Expr    // nil: all
	Order         []search.Order // then start time descending, id
	View          View
	Max           int
	Token         string
}

// ExperimentQuery asks for experiments.
type ExperimentQuery struct {
	Filter search.Expr
	Order  []search.Order // default creation time descending, id
	View   View
	Max    int
	Token  string
}

// ModelQuery asks for registered models, or versions.
type ModelQuery struct {
	Filter search.Expr
	Order  []search.Order
	Max    int
	Token  string
}

// LoggedModelQuery asks for logged models.
type LoggedModelQuery struct {
	ExperimentIDs []int64
	Filter        search.Expr
	// Datasets, if any, are those on which the metrics of Filter, and those of
	// Order that name none, must have been measured.
	Datasets []DatasetFilter
	Order    []LoggedModelOrder
	Max      int
	Token    string
}

// DatasetFilter names a dataset; an empty digest is any.
type DatasetFilter struct{ Name, Digest string }

// Has says whether a metric was measured on the dataset. The zero filter is
// any dataset, or none.
func (d DatasetFilter) Has(m Metric) bool {
	return (d.Name == "" || m.DatasetName == d.Name) && (d.Digest == "" || m.DatasetDigest == d.Digest)
}

// LoggedModelOrder is one key of an ordering; a metric's may be of one
// dataset.
type LoggedModelOrder struct {
	search.Order
	Dataset DatasetFilter
}
