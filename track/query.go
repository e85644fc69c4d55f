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
	Order         []search.Order
	Max           int
	Token         string
}
