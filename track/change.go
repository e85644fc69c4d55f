package track

// ChangeRunsQuery asks for the runs of one merge request: those tagged
// assay.project and assay.change, the candidates and baselines of its reviews,
// and those whose mlflow.source.git.commit is a commit that was reviewed, of
// whatever experiment. Newest first; what was softly deleted is left out.
type ChangeRunsQuery struct {
	Project string
	Number  int
	Max     int // runs a page, at most 1,000; 0: 100
	Token   string
}

// ChangeRun is a run of a merge request.
type ChangeRun struct {
	Run
	ExperimentName string
}

// ChangesQuery asks for merge requests that have runs or reviews, those with
// the newest of them first.
type ChangesQuery struct {
	Max   int // a page, at most 1,000; 0: 100
	Token string
}

// ChangeSummary is what is known of one merge request.
type ChangeSummary struct {
	Project string
	Number  int
	At      int64   // of the newest run or review, Unix time in milliseconds
	Newest  *Review // without its document; nil before the first review
	Reviews int
	Runs    int // those that ChangeRunsQuery finds
	Running int // those of them that are under way
}
