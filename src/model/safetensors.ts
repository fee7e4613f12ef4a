/**
 * The safetensors container, as far as float32 goes: 8 bytes of header length, a JSON header,
 * the values. Reference: https://github.com/huggingface/safetensors#format
 */
import type { Tensors } from '../engine/engine.ts';

export interface SafetensorsFile {
  readonly tensors: Tensors;
  readonly metadata: Readonly<Record<string, string>>;
}

const lengthBytes = 8;
const floatBytes = 4;

/** No adapter needs more; a damaged length must not make us allocate. */
const largestHeader = 1 << 20;

/** Encodes float32 tensors, in the order of their names as the reference implementation does. */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const sorted = Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1));
  let end = 0;
  for (const [name, { data, dims }] of sorted) {
    const start = end;
    end += data.length * floatBytes;
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const dataStart = lengthBytes + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + end).fill(0x20, lengthBytes, dataStart);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(dataStart - lengthBytes), true);
  bytes.set(json, lengthBytes);
  const values = sorted.flatMap(([, { data }]) => Array.from(data as Float32Array));
  values.forEach((value, i) => view.setFloat32(dataStart + i * floatBytes, value, true));
  return bytes;
}

/** Decodes; throws an `Error` whose message says what is wrong, to be put behind the file's name. */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < lengthBytes) throw new Error(`it is cut off after ${bytes.length} bytes`);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > largestHeader) throw new Error('it is not a safetensors file (its header length is absurd)');
  const dataStart = lengthBytes + Number(headerLength);
  if (dataStart > bytes.length) throw new Error(`it is cut off inside its header, after ${bytes.length} bytes`);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(lengthBytes, dataStart));
  if (!isRecord(metadata) || !isStringRecord(metadata)) throw new Error('its __metadata__ must map names to texts');
  const tensors = Object.entries(entries).map(([name, entry]) => ({ name, ...describe(name, entry) }));
  assertTiled(tensors, bytes.length - dataStart);
  return {
    metadata,
    tensors: Object.fromEntries(
      tensors.map(({ name, shape, start, end }) => [
        name,
        { dims: shape, data: readFloats(view, dataStart + start, (end - start) / floatBytes) },
      ]),
    ),
  };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Error('its header is not JSON', { cause: error });
  }
  if (!isRecord(header)) throw new Error('its header must be a JSON object');
  return header;
}

interface Description {
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

function describe(name: string, entry: unknown): Description {
  if (!isRecord(entry)) throw new Error(`the entry of ${name} must be an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32') throw new Error(`${name} must be float32 (F32), it is ${JSON.stringify(dtype)}`);
  if (!isCounts(shape)) throw new Error(`the shape of ${name} must be a list of whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2) throw new Error(`the offsets of ${name} must be two whole numbers`);
  const [start = 0, end = 0] = offsets;
  const length = shape.reduce((product, side) => product * side, floatBytes);
  if (end - start !== length) {
    throw new Error(`${name} must hold ${length} bytes for the shape [${shape.join(', ')}], it holds ${end - start}`);
  }
  return { shape, start, end };
}

/** The tensors must lie side by side and fill the file: anything else was cut off, or hides something. */
function assertTiled(tensors: readonly Description[], available: number): void {
  let place = 0;
  for (const { start, end } of [...tensors].sort((a, b) => a.start - b.start)) {
    if (start !== place) throw new Error(`its tensors leave a gap or overlap at byte ${place} of the data`);
    place = end;
  }
  if (place > available) throw new Error(`it is cut off: ${available} of ${place} bytes of data are there`);
  if (place < available) throw new Error(`${available - place} bytes follow the data`);
}

function readFloats(view: DataView, at: number, length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => view.getFloat32(at + i * floatBytes, true));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStringRecord(value: Record<string, unknown>): value is Record<string, string> {
  return Object.values(value).every((text) => typeof text === 'string');
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
