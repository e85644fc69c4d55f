// Package onnx writes small feed-forward networks as ONNX files and evaluates
// such files, whoever wrote them: with the operators Gemm, MatMul, Add, Relu,
// Softmax and Identity over one float input of shape [N, k].
//
// It is not a general runtime. A file that uses anything else is refused by
// [Load] with an error that names what; nothing is skipped silently. Files may
// come from anywhere: sizes, names, shapes and the amount of arithmetic are
// bounded before memory is spent.
//
// Sources: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field
// numbers), docs/IR.md (graphs, order of nodes) and docs/Operators.md (what
// operators compute, versions 13 and later); the protobuf encoding is that of
// https://protobuf.dev/programming-guides/encoding/.
package onnx

// Versions written by [Encode], and the range of operator sets that [Load]
// reads: within it the operators used here have not changed their meaning.
const (
	irVersion  = 8
	opset      = 13
	maxOpset   = 26
	minIR      = 3
	maxIR      = 64
	floatType  = 1 // TensorProto.DataType.FLOAT
	attrFloat  = 1 // AttributeProto.AttributeType.FLOAT
	attrInt    = 2 // AttributeProto.AttributeType.INT
	rawStorage = 0 // TensorProto.DataLocation.DEFAULT: in the file itself
)

// Bounds on what [Load] accepts.
const (
	MaxBytes     = 16 << 20 // of a file
	maxName      = 256      // bytes of a name
	maxText      = 64 << 10 // bytes of a metadata value
	maxNodes     = 256
	maxTensors   = 256
	maxMetadata  = 64
	maxDimension = 1 << 16
	maxElements  = 4 << 20 // numbers in all tensors together
	maxWork      = 4 << 20 // multiplications for one row
)

// Field numbers of onnx.proto.
const (
	modelIR       = 1
	modelProducer = 2
	modelProdVer  = 3
	modelDoc      = 6
	modelGraph    = 7
	modelOpset    = 8
	modelMetadata = 14
	modelFunction = 25

	opsetDomain  = 1
	opsetVersion = 2
	pairKey      = 1
	pairValue    = 2

	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12
	graphSparse      = 15

	nodeInput     = 1
	nodeOutput    = 2
	nodeName      = 3
	nodeOp        = 4
	nodeAttribute = 5
	nodeDomain    = 7

	attrName  = 1
	attrF     = 2
	attrI     = 3
	attrType  = 20
	attrRefer = 21

	tensorDims     = 1
	tensorType     = 2
	tensorSegment  = 3
	tensorFloats   = 4
	tensorName     = 8
	tensorRaw      = 9
	tensorExternal = 13
	tensorLocation = 14

	valueName      = 1
	valueType      = 2
	typeTensor     = 1
	typeElement    = 1
	typeShape      = 2
	shapeDimension = 1
	dimensionValue = 1
	dimensionName  = 2
)
