package compare

import (
	"strings"
	"unicode"
)

// GuessGoal guesses a metric's goal from the words of its name: val/loss is
// less, test_accuracy is more, neg_mean_squared_error is more. A name that says
// nothing has NoGoal.
func GuessGoal(name string) Goal {
	words := nameWords(name)
	flip := len(words) > 0 && (words[0] == "neg" || words[0] == "negative")
	goal := NoGoal
	for _, w := range words {
		if isDown(w) {
			goal = Min
			break
		}
		if goal == NoGoal && isUp(w) {
			goal = Max
		}
	}
	if flip && goal == Min {
		return Max
	}
	return goal
}

// GuessUnit guesses whether a metric is a share: its name says so and its
// values lie between 0 and 1.
func GuessUnit(name string, values ...float64) Unit {
	share := false
	for _, w := range nameWords(name) {
		share = share || isShare(w)
		if isDown(w) && w != "error" && w != "err" {
			return Number
		}
	}
	for _, v := range values {
		share = share && !(v < 0) && !(v > 1) // NaN is no reason against it
	}
	if share {
		return Share
	}
	return Number
}

// nameWords splits at everything that is no letter or digit, and where a small
// letter is followed by a capital.
func nameWords(name string) []string {
	var words []string
	var w strings.Builder
	end := func() {
		if w.Len() > 0 {
			words = append(words, strings.ToLower(w.String()))
			w.Reset()
		}
	}
	small := false
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			small = false
			continue
		}
		if small && unicode.IsUpper(r) {
			end()
		}
		small = unicode.IsLower(r)
		w.WriteRune(r)
	}
	end()
	return words
}

func isDown(w string) bool {
	switch w {
	case "loss", "logloss", "crossentropy", "nll", "bce", "error", "errors", "err", "mistakes",
		"mae", "mse", "rmse", "rmsle", "msle", "mape", "smape", "mase", "deviance", "brier", "ece",
		"perplexity", "ppl", "wer", "cer", "fpr", "fnr", "fid", "hamming",
		"latency", "time", "duration", "seconds", "ms", "memory", "size", "bytes", "cost", "flops":
		return true
	}
	return strings.HasSuffix(w, "loss")
}

func isUp(w string) bool {
	switch w {
	case "r2", "rsquared", "kappa", "mcc", "bleu", "rouge", "meteor", "chrf", "throughput", "fps",
		"score", "reward", "return", "likelihood":
		return true
	}
	return isRate(w)
}

func isShare(w string) bool { return isRate(w) || w == "error" || w == "err" }

// isRate lists metrics that are shares and better when larger.
func isRate(w string) bool {
	switch w {
	case "accuracy", "acc", "auc", "auroc", "rocauc", "auprc", "prauc", "f1", "fbeta", "f1score", "precision", "recall",
		"sensitivity", "specificity", "tpr", "tnr", "map", "ndcg", "mrr", "iou", "miou", "dice", "jaccard", "top1", "top5":
		return true
	}
	return false
}
