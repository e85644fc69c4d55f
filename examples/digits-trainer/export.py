"""Writes a fitted MLPClassifier as ONNX: pixels [n, 64] in, scores [n, 10] out."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save


def to_onnx(net, path):
    nodes, weights, last = [], [], "pixels"
    layers = list(zip(net.coefs_, net.intercepts_))
    for i, (w, b) in enumerate(layers):
        weights += [
            numpy_helper.from_array(w.astype(np.float32), f"w{i}"),
            numpy_helper.from_array(b.astype(np.float32), f"b{i}"),
        ]
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [f"sum{i}"]))
        end = i == len(layers) - 1
        last = "scores" if end else f"out{i}"
        nodes.append(helper.make_node("Softmax" if end else "Relu", [f"sum{i}"], [last], **({"axis": 1} if end else {})))
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 64])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 10])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="digits-trainer")
    checker.check_model(model)
    save(model, path)
