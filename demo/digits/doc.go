// Package digits is the machine learning of Assay's demonstration: a trainer
// and an evaluator for handwritten digits of 8×8 pixels, small enough to train
// in a few seconds on one core and real enough to be judged by statistics.
//
// It holds the data ([Default], [ReadCSV], [Split]), the trainer ([Train]), the
// model and its ONNX form ([Model.ONNX]), the evaluator that an application
// uses ([Load]), the way from pen strokes to the model's input ([FromStrokes])
// and a page to draw on ([Handler]).
//
// It is not a framework: one architecture, one loss, one data set. It knows
// nothing of runs, servers or forges; who wants to log gives [Hooks].
//
// # Same numbers everywhere
//
// Training is deterministic: the same parameters and data give the same weights,
// bit for bit. Go does not fuse multiplication and addition on amd64, and the
// products here are wrapped in explicit float64 conversions, which by the
// language specification forbids fusing on arm64 and others too. [math.Exp] and
// [math.Log] are not used in training, for they choose their instructions by
// processor; see exp and log in this package.
package digits
