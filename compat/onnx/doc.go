// Package onnx holds the demo's ONNX files and evaluator against the reference:
// onnx.checker must accept the files, and onnxruntime must give the same
// probabilities for every held-out digit, within 1e-5. It also
// loads a file that the onnx package itself wrote. Run it with
//
//	python3 -m venv /tmp/venv && /tmp/venv/bin/pip install onnx onnxruntime
//	ASSAY_COMPAT_PYTHON=/tmp/venv/bin/python go test -tags compat ./compat/onnx/
//
// Without the build tag there is nothing to run; without onnx and onnxruntime
// the test is skipped and says so.
package onnx
