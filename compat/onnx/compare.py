"""Runs ONNX models of the demo in onnxruntime and compares with our answers.

usage: compare.py FOLDER

FOLDER holds cases.json: [{"model": file, "inputs": [[64 numbers], ...],
"probabilities": [[10 numbers], ...]}, ...]. Each model must pass onnx.checker
(full check, with shape inference). Prints one line per model; exits 1 if a
probability differs by more than 1e-5.

It also writes FOLDER/reference.onnx, a network made with onnx.helper (MatMul,
Add, Relu, Gemm, Softmax), and FOLDER/reference.json with onnxruntime's answers
for the first case's inputs, for the evaluator to be compared the other way.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-5


def run(path, inputs):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    if entry.name != "input" or entry.type != "tensor(float)" or entry.shape[1] != 64 or not isinstance(entry.shape[0], str):
        raise SystemExit(f"{path.name}: the input is {entry}")
    return session.run(["probabilities"], {"input": inputs})[0]


def compare(folder, case):
    path = folder / case["model"]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    if "labels" not in {p.key for p in model.metadata_props}:
        raise SystemExit(f"{path.name}: no metadata property labels")
    got = run(path, np.array(case["inputs"], dtype=np.float32))
    want = np.array(case["probabilities"], dtype=np.float32)
    worst = float(np.abs(got - want).max())
    same = int((got.argmax(1) == want.argmax(1)).sum())
    print(f"{path.name}: {len(want)} inputs, {same} same answers, largest difference {worst:.3g}")
    return worst <= TOLERANCE and same == len(want)


def reference(folder, inputs):
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(1)
    tensors = {
        "w1": rng.normal(0, 0.05, (64, 16)),
        "b1": rng.normal(0, 0.1, (1, 16)),
        "w2": rng.normal(0, 0.5, (16, 10)),
        "b2": rng.normal(0, 0.1, (10,)),
    }
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["input", "w1"], ["a"]),
            helper.make_node("Add", ["a", "b1"], ["b"]),
            helper.make_node("Relu", ["b"], ["c"]),
            helper.make_node("Gemm", ["c", "w2", "b2"], ["d"], alpha=1.0, beta=1.0, transB=0),
            helper.make_node("Softmax", ["d"], ["probabilities"], axis=1),
        ],
        "reference",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 64])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(v.astype(np.float32), k) for k, v in tensors.items()],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.save(model, folder / "reference.onnx")
    answers = run(folder / "reference.onnx", inputs)
    (folder / "reference.json").write_text(json.dumps(answers.tolist()))


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = json.loads((folder / "cases.json").read_text())
    good = [compare(folder, case) for case in cases]
    reference(folder, np.array(cases[0]["inputs"], dtype=np.float32))
    sys.exit(0 if all(good) else 1)


main()
