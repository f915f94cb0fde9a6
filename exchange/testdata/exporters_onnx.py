#!/usr/bin/env python3
"""Networks in the form that exporters of scikit-learn and Keras write, with rows and their outputs: exporters_onnx.py FOLDER

Debian has neither exporter. The graphs are put together with the onnx package, node for node and name for name as they come from
skl2onnx (operator_converters/multilayer_perceptron.py and scaler_op.py: MatMul and Add with a bias of one row, the classes behind
the probabilities) and tf2onnx (MatMul and Add per Dense, BatchNormalization as Mul and Add, Swish as Sigmoid and Mul, Flatten as
Reshape). scikit-learn's outputs are its own, of networks that it trained; Keras's are its formulas in NumPy.
"""
import json, sys, warnings
import numpy as np
from onnx import TensorProto, TypeProto, checker, helper, numpy_helper
from sklearn.datasets import load_diabetes, load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

warnings.filterwarnings("ignore")
folder, out = sys.argv[1], {}


class Graph:
    def __init__(self, dims):
        self.nodes, self.initializers, self.dims = [], [], dims

    def const(self, name, value, dtype=np.float32):
        if isinstance(value, list) and isinstance(value[0], str):
            t = helper.make_tensor(name, TensorProto.STRING, [len(value)], [v.encode() for v in value])
        else:
            t = numpy_helper.from_array(np.asarray(value, dtype), name)
        self.initializers.append(t)
        return name

    def node(self, op, inputs, output, domain="", **attrs):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output + "_" + op, domain=domain, **attrs))
        return output

    def save(self, name, outputs, rows, want, classes=None):
        x = helper.make_tensor_value_info("X", TensorProto.FLOAT, self.dims)
        outputs = [helper.make_tensor_value_info(*o) if len(o) == 3 else helper.make_value_info(*o) for o in outputs]
        g = helper.make_graph(self.nodes, name, [x], outputs, self.initializers)
        m = helper.make_model(g, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 1)])
        checker.check_model(m)
        with open(f"{folder}/{name}.onnx", "wb") as f:
            f.write(m.SerializeToString())
        out[name] = {"x": np.asarray(rows, np.float32).ravel().tolist(), "y": np.asarray(want).ravel().tolist(), "classes": classes}


def sklearn(name, pipe, X, y):
    pipe.fit(X, y)
    scaler, net = pipe[0], pipe[-1]
    g = Graph([None, X.shape[1]])
    if isinstance(scaler, StandardScaler):
        at = g.node("Scaler", ["X"], "variable", "ai.onnx.ml", offset=scaler.mean_.tolist(), scale=(1 / scaler.scale_).tolist())
    else:
        at = g.node("Mul", ["X", g.const("Mu_Mulcst", scaler.scale_)], "Mu_C0")
        at = g.node("Add", [at, g.const("Ad_Addcst", scaler.min_)], "variable")
    at = g.node("Cast", [at], "cast_input", to=TensorProto.FLOAT)
    kinds = {"identity": "Identity", "tanh": "Tanh", "logistic": "Sigmoid", "relu": "Relu", "softmax": "Softmax"}
    for i, (w, b) in enumerate(zip(net.coefs_, net.intercepts_)):
        suffix = str(i) if i else ""
        at = g.node("MatMul", [at, g.const("coefficient" + suffix, w)], "mul_result" + suffix)
        at = g.node("Add", [at, g.const("intercepts" + suffix, b.reshape(1, -1))], "add_result" + suffix)
        if i + 1 < len(net.coefs_):
            at = g.node(kinds[net.activation], [at], "next_activations" + suffix)
    at = g.node(kinds[net.out_activation_], [at], "out_activations_result")
    if isinstance(net, MLPRegressor):
        g.node("Reshape", [at, g.const("shape_tensor", [-1, 1], np.int64)], "variable1")
        g.save(name, [("variable1", TensorProto.FLOAT, [None, 1])], X[:20], pipe.predict(X[:20].astype(np.float32)))
        return
    texts = isinstance(net.classes_[0], str)
    classes = list(map(str, net.classes_))
    if len(classes) == 2:
        less = g.node("Sub", [g.const("unity", 1), at], "negative_class_proba")
        at = g.node("Concat", [less, at], "probabilities", axis=1)
    else:
        at = g.node("Identity", [at], "probabilities")
    c = g.const("classes", classes if texts else net.classes_, np.int32)
    label = g.node("ArgMax", [at], "argmax_output", axis=1)
    label = g.node("ArrayFeatureExtractor", [c, label], "array_feature_extractor_result", "ai.onnx.ml")
    shape = g.const("shape_tensor", [-1], np.int64)
    if texts:
        label = g.node("Reshape", [label, shape], "label")
        g.node("ZipMap", [at], "output_probability", "ai.onnx.ml", classlabels_strings=classes)
        maps = TypeProto()
        maps.sequence_type.elem_type.map_type.key_type = TensorProto.STRING
        maps.sequence_type.elem_type.map_type.value_type.tensor_type.elem_type = TensorProto.FLOAT
        last = ("output_probability", maps)
    else:
        label = g.node("Cast", [g.node("Reshape", [label, shape], "reshaped_result")], "label", to=TensorProto.INT64)
        last = ("probabilities", TensorProto.FLOAT, [None, len(classes)])
    first = ("label", TensorProto.STRING if texts else TensorProto.INT64, [None])
    g.save(name, [first, last], X[::7], pipe.predict_proba(X[::7].astype(np.float32)), classes)


def layers(*sizes):
    r = np.random.default_rng(7)
    return [(r.normal(size=s) / np.sqrt(s[0]), 0.3 * r.normal(size=s[1])) for s in zip(sizes, sizes[1:])]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def keras_table():
    """Normalization, Dense relu, BatchNormalization, Dense linear, BatchNormalization, swish, Dropout, Dense, softmax."""
    (w0, b0), (w1, b1), (w2, b2) = layers(5, 8, 6, 3)
    r = np.random.default_rng(8)
    mean, deviation = r.normal(size=(1, 5)), 0.5 + r.random((1, 5))
    s0, t0, s1, t1 = 0.5 + r.random(8), r.normal(size=8), 0.5 + r.random(6), r.normal(size=6)
    g = Graph(["unk__1", 5])
    p = "model/"
    at = g.node("Sub", ["X", g.const(p + "normalization/sub/y", mean)], p + "normalization/sub:0")
    at = g.node("Div", [at, g.const(p + "normalization/Sqrt", deviation)], p + "normalization/truediv:0")
    at = g.node("MatMul", [at, g.const(p + "dense/MatMul/ReadVariableOp:0", w0)], p + "dense/MatMul:0")
    at = g.node("Add", [at, g.const(p + "dense/BiasAdd/ReadVariableOp:0", b0)], p + "dense/BiasAdd:0")
    at = g.node("Relu", [at], p + "dense/Relu:0")
    at = g.node("Mul", [at, g.const(p + "batch_normalization/batchnorm/mul:0", s0)], p + "batch_normalization/batchnorm/mul_1:0")
    at = g.node("Add", [at, g.const(p + "batch_normalization/batchnorm/sub:0", t0)], p + "batch_normalization/batchnorm/add_1:0")
    at = g.node("MatMul", [at, g.const(p + "dense_1/MatMul/ReadVariableOp:0", w1)], p + "dense_1/MatMul:0")
    at = g.node("Add", [at, g.const(p + "dense_1/BiasAdd/ReadVariableOp:0", b1)], p + "dense_1/BiasAdd:0")
    at = g.node("Mul", [at, g.const(p + "batch_normalization_1/batchnorm/mul:0", s1)], p + "batch_normalization_1/batchnorm/mul_1:0")
    at = g.node("Add", [at, g.const(p + "batch_normalization_1/batchnorm/sub:0", t1)], p + "batch_normalization_1/batchnorm/add_1:0")
    gate = g.node("Sigmoid", [at], p + "activation/Sigmoid:0")
    at = g.node("Mul", [at, gate], p + "activation/mul:0")
    at = g.node("MatMul", [at, g.const(p + "dense_2/MatMul/ReadVariableOp:0", w2)], p + "dense_2/MatMul:0")
    at = g.node("Add", [at, g.const(p + "dense_2/BiasAdd/ReadVariableOp:0", b2)], p + "dense_2/BiasAdd:0")
    g.node("Softmax", [at], "dense_2", axis=-1)
    x = np.random.default_rng(9).normal(size=(20, 5))
    y = np.maximum((x - mean) / deviation @ w0 + b0, 0) * s0 + t0
    y = (y @ w1 + b1) * s1 + t1
    y = np.exp(y * sigmoid(y) @ w2 + b2)
    g.save("keras_table", [("dense_2", TensorProto.FLOAT, ["unk__2", 3])], x, y / y.sum(1, keepdims=True))


def keras_images():
    """Rescaling, Flatten, Dense, BatchNormalization between two activations, Dense with tanh, and its output in other units."""
    (w0, b0), (w1, b1) = layers(12, 7, 1)
    r = np.random.default_rng(10)
    s, t = r.normal(size=7), r.normal(size=7)
    g = Graph(["unk__1", 4, 3, 1])
    at = g.node("Mul", ["X", g.const("rescaling/Cast/x:0", 1 / 255)], "rescaling/mul:0")
    at = g.node("Add", [at, g.const("rescaling/Cast_1/x:0", -0.5)], "rescaling/add:0")
    at = g.node("Reshape", [at, g.const("flatten/Const:0", [-1, 12], np.int64)], "flatten/Reshape:0")
    w = g.node("Transpose", [g.const("dense/kernel/transposed", w0.T)], "dense/kernel:0", perm=[1, 0])
    at = g.node("Gemm", [at, w, g.const("dense/bias", b0)], "dense/BiasAdd:0")
    at = g.node("Tanh", [at], "dense/Tanh:0")
    at = g.node("Mul", [at, g.const("bn/mul", s)], "bn/mul_1:0")
    at = g.node("Add", [g.const("bn/sub", t), at], "bn/add_1:0")
    at = g.node("Relu", [at], "re_lu/Relu:0")
    at = g.node("MatMul", [at, g.const("dense_1/kernel", w1)], "dense_1/MatMul:0")
    at = g.node("Add", [at, g.const("dense_1/bias", b1)], "dense_1/BiasAdd:0")
    at = g.node("Tanh", [at], "dense_1/Tanh:0")
    at = g.node("Sub", [g.const("offset", 3), at], "tf.math.subtract/Sub:0")
    g.node("Squeeze", [at, g.const("axes", [1], np.int64)], "squeeze")
    x = r.integers(0, 256, (20, 12))
    y = np.maximum(np.tanh((x / 255 - 0.5) @ w0 + b0) * s + t, 0) @ w1 + b1
    g.save("keras_images", [("squeeze", TensorProto.FLOAT, ["unk__2"])], x, 3 - np.tanh(y))


X, y = load_iris(return_X_y=True)
names = np.array(["setosa", "versicolor", "virginica"])
sklearn("sklearn_names", make_pipeline(StandardScaler(), MLPClassifier((8, 5), max_iter=60, random_state=1)), X, names[y])
sklearn("sklearn_three", make_pipeline(MinMaxScaler(), MLPClassifier(6, activation="tanh", max_iter=60, random_state=1)), X, y)
sklearn("sklearn_two", make_pipeline(StandardScaler(), MLPClassifier(6, activation="logistic", max_iter=60, random_state=1)), X[:100], y[:100])
X, y = load_diabetes(return_X_y=True)
sklearn("sklearn_number", make_pipeline(StandardScaler(), MLPRegressor((9, 4), max_iter=60, random_state=1)), X, y)
keras_table()
keras_images()
print(json.dumps(out))
