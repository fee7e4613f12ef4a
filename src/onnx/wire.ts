/** ONNX models in the bytes of their files. */
import protobuf from 'protobufjs';
import { dataType, type Attribute, type DataType, type GraphModel, type Initializer, type ValueInfo } from './model.ts';
import { onnxProto } from './schema.ts';

/** `AttributeProto.AttributeType`. */
const attributeType = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

const modelProto = protobuf.parse(onnxProto, { keepCase: true }).root.lookupType('onnx.ModelProto');

interface RawTensor {
  dims?: unknown[];
  data_type?: number;
  name?: string;
  raw_data?: Uint8Array;
  float_data?: number[];
  int32_data?: number[];
  int64_data?: unknown[];
  double_data?: number[];
  data_location?: number;
}

interface RawAttribute {
  name: string;
  type?: number;
  f?: number;
  i?: unknown;
  s?: Uint8Array;
  t?: RawTensor;
  floats?: number[];
  ints?: unknown[];
}

interface RawValueInfo {
  name: string;
  type?: { tensor_type?: { elem_type?: number; shape?: { dim?: { dim_value?: unknown; dim_param?: string }[] } } };
}

interface RawModel {
  opset_import?: { domain?: string; version?: unknown }[];
  graph?: {
    name?: string;
    node?: {
      name?: string;
      op_type?: string;
      domain?: string;
      input?: string[];
      output?: string[];
      attribute?: RawAttribute[];
    }[];
    initializer?: RawTensor[];
    input?: RawValueInfo[];
    output?: RawValueInfo[];
  };
}

/** The same without what tensors hold, and of nodes the operator alone; the rest is skipped. */
const outlineProto = protobuf
  .parse(
    onnxProto
      .replace(/message NodeProto \{[^}]*\}/, 'message NodeProto { string op_type = 4; }')
      .replace(/message TensorProto \{[^}]*\}/, 'message TensorProto { string name = 8; }'),
    { keepCase: true },
  )
  .root.lookupType('onnx.ModelProto');

/**
 * What an ONNX model takes and gives, in a few milliseconds: weights are neither copied nor looked at.
 * Throws where the bytes are no model.
 */
export function decodeOutline(bytes: Uint8Array): Pick<GraphModel, 'inputs' | 'outputs'> {
  const { graph } = outlineProto.decode(bytes) as unknown as RawModel;
  if (!graph?.node?.length) throw new Error('the file holds no ONNX graph');
  const constants = new Set((graph.initializer ?? []).map(({ name }) => name));
  return {
    inputs: (graph.input ?? []).map(valueInfoOf).filter(({ name }) => !constants.has(name)),
    outputs: (graph.output ?? []).map(valueInfoOf),
  };
}

/**
 * Whether activations are quantised, not weights alone; as fast as the outline. False for bytes that are no model,
 * which the runtime has better words for.
 */
export function quantisesActivations(bytes: Uint8Array): boolean {
  try {
    const { graph } = outlineProto.decode(bytes) as unknown as RawModel;
    return (graph?.node ?? []).some(({ op_type }) => op_type === 'QuantizeLinear');
  } catch {
    return false;
  }
}

/** Decodes the bytes of an ONNX model. Throws where they are not one. */
export function decodeModel(bytes: Uint8Array): GraphModel {
  const raw = modelProto.decode(bytes) as unknown as RawModel;
  const graph = raw.graph;
  if (!graph?.node?.length) throw new Error('the file holds no ONNX graph');
  const initializers = (graph.initializer ?? []).map(tensorOf);
  const constants = new Set(initializers.map(({ name }) => name));
  return {
    name: graph.name ?? '',
    opset: Number((raw.opset_import ?? []).find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 0),
    nodes: graph.node.map((node) => ({
      name: node.name ?? '',
      opType: node.op_type ?? '',
      domain: node.domain ?? '',
      inputs: node.input ?? [],
      outputs: node.output ?? [],
      attributes: Object.fromEntries(
        (node.attribute ?? []).map((attribute) => [attribute.name, attributeOf(attribute)]),
      ),
    })),
    initializers,
    inputs: (graph.input ?? []).map(valueInfoOf).filter(({ name }) => !constants.has(name)),
    outputs: (graph.output ?? []).map(valueInfoOf),
  };
}

/** Encodes a model; the inverse of `decodeModel`. */
export function encodeModel(model: GraphModel): Uint8Array<ArrayBuffer> {
  const raw = {
    ir_version: 8,
    producer_name: 'edge-cls',
    opset_import: [{ domain: '', version: model.opset }],
    graph: {
      name: model.name || 'graph',
      node: model.nodes.map((node) => ({
        name: node.name,
        op_type: node.opType,
        domain: node.domain,
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes).map(([name, attribute]) => rawAttribute(name, attribute)),
      })),
      initializer: model.initializers.map(rawTensor),
      input: model.inputs.map(rawValueInfo),
      output: model.outputs.map(rawOutput),
    },
  };
  return new Uint8Array(modelProto.encode(raw).finish());
}

function tensorOf(raw: RawTensor): Initializer {
  const name = raw.name ?? '';
  const type = (raw.data_type ?? 0) as DataType;
  const dims = (raw.dims ?? []).map(Number);
  if (raw.data_location === 1) throw new Error(`tensor ${name} is stored in another file`);
  const make = arrays[type as keyof typeof arrays] as (typeof arrays)[keyof typeof arrays] | undefined;
  if (make === undefined) throw new Error(`tensor ${name} has element type ${String(type)}, which is not supported`);
  if (raw.raw_data !== undefined && raw.raw_data.length > 0) {
    const copy = new Uint8Array(raw.raw_data); // a Buffer's own slice would stay unaligned
    return { name, dataType: type, dims, data: make(copy.buffer) };
  }
  return { name, dataType: type, dims, data: typedFields(raw, type) };
}

const arrays = {
  [dataType.float]: (buffer: ArrayBuffer) => new Float32Array(buffer),
  [dataType.double]: (buffer: ArrayBuffer) => new Float64Array(buffer),
  [dataType.uint8]: (buffer: ArrayBuffer) => new Uint8Array(buffer),
  [dataType.bool]: (buffer: ArrayBuffer) => new Uint8Array(buffer),
  [dataType.int8]: (buffer: ArrayBuffer) => new Int8Array(buffer),
  [dataType.int32]: (buffer: ArrayBuffer) => new Int32Array(buffer),
  [dataType.int64]: (buffer: ArrayBuffer) => new BigInt64Array(buffer),
};

function typedFields(raw: RawTensor, type: DataType): Initializer['data'] {
  if (type === dataType.int64) return BigInt64Array.from(raw.int64_data ?? [], (value) => BigInt(String(value)));
  if (type === dataType.double) return Float64Array.from(raw.double_data ?? []);
  if (type === dataType.float) return Float32Array.from(raw.float_data ?? []);
  if (type === dataType.int8) return Int8Array.from(raw.int32_data ?? []);
  if (type === dataType.int32) return Int32Array.from(raw.int32_data ?? []);
  return Uint8Array.from(raw.int32_data ?? []);
}

function rawTensor(tensor: Initializer): RawTensor {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return {
    name: tensor.name,
    data_type: tensor.dataType,
    dims: [...tensor.dims],
    raw_data: new Uint8Array(buffer, byteOffset, byteLength),
  };
}

function attributeOf(raw: RawAttribute): Attribute {
  switch (raw.type) {
    case attributeType.float:
      return { kind: 'float', value: raw.f ?? 0 };
    case attributeType.int:
      return { kind: 'int', value: Number(raw.i ?? 0) };
    case attributeType.string:
      return { kind: 'string', value: new TextDecoder().decode(raw.s) };
    case attributeType.floats:
      return { kind: 'floats', value: raw.floats ?? [] };
    case attributeType.ints:
      return { kind: 'ints', value: (raw.ints ?? []).map(Number) };
    case attributeType.tensor:
      return { kind: 'tensor', value: tensorOf(raw.t ?? {}) };
    case undefined:
    default:
      throw new Error(`attribute ${raw.name} is of a kind (${String(raw.type)}) that is not supported`);
  }
}

function rawAttribute(name: string, attribute: Attribute): RawAttribute {
  const type = attributeType[attribute.kind];
  switch (attribute.kind) {
    case 'float':
      return { name, type, f: attribute.value };
    case 'int':
      return { name, type, i: attribute.value };
    case 'string':
      return { name, type, s: new TextEncoder().encode(attribute.value) };
    case 'floats':
      return { name, type, floats: [...attribute.value] };
    case 'ints':
      return { name, type, ints: [...attribute.value] };
    case 'tensor':
      return { name, type, t: rawTensor(attribute.value) };
  }
}

function valueInfoOf(raw: RawValueInfo): ValueInfo {
  const tensor = raw.type?.tensor_type;
  return {
    name: raw.name,
    dataType: (tensor?.elem_type ?? 0) as DataType,
    // Not `??`: protobufjs answers '' for a name that is not there.
    // eslint-disable-next-line @typescript-eslint/prefer-nullish-coalescing
    dims: (tensor?.shape?.dim ?? []).map((dim) => (dim.dim_param ? dim.dim_param : Number(dim.dim_value ?? 0))),
  };
}

/** Without dimensions the shape is left for the runtime to infer; that of a scalar is inferred, too. */
function rawOutput(info: ValueInfo): RawValueInfo {
  if (info.dims.length > 0) return rawValueInfo(info);
  return { name: info.name, type: { tensor_type: { elem_type: info.dataType } } };
}

function rawValueInfo(info: ValueInfo): RawValueInfo {
  const dim = info.dims.map((value) => (typeof value === 'number' ? { dim_value: value } : { dim_param: value }));
  return { name: info.name, type: { tensor_type: { elem_type: info.dataType, shape: { dim } } } };
}
