/** Which devices this machine really has, found by running a small convolution on each. */
import './telemetry.ts';
import { availableParallelism, cpus } from 'node:os';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { UserError } from '../../domain/errors.ts';
import { floats, ints, node } from '../../onnx/build.ts';
import { dataType } from '../../onnx/model.ts';
import { encodeModel } from '../../onnx/wire.ts';
import type { Device, DeviceReport, DeviceRequest } from '../engine.ts';
import { sessionOptions } from './session-options.ts';

/** What runs at the same time there is for the engine to decide. */
export type ChosenDevice = Omit<DeviceReport, 'parallelRuns'>;

/** `auto` takes the first of these that answers. */
const preference: readonly Device[] = ['tensorrt', 'cuda', 'webgpu', 'cpu'];

const remedy: Record<Exclude<Device, 'cpu'>, string> = {
  webgpu:
    'install a Vulkan driver for the GPU (Debian: mesa-vulkan-drivers for Intel and AMD, nvidia-driver for NVIDIA)',
  cuda: 'install the NVIDIA driver, CUDA 12 and cuDNN 9, then run "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node"',
  tensorrt:
    'install the NVIDIA driver, CUDA 12 and TensorRT 10, then run "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node"',
};

/**
 * Decides on what the sessions run.
 *
 * Throws a `UserError` where a device was asked for and is not there: nothing falls back
 * silently. Only `auto` chooses, and its report says why.
 */
export async function chooseDevice(request: DeviceRequest, threads = availableParallelism()): Promise<ChosenDevice> {
  if (request === 'cpu') return cpuReport('asked for', threads);
  if (request !== 'auto') {
    const problem = await probe(request);
    if (problem !== undefined) {
      throw new UserError(
        `the device must be present, but ${request} cannot be used here (${problem}); ` +
          `${remedy[request]}, or choose --device cpu or auto`,
      );
    }
    return { device: request, name: request, reason: 'asked for', threads };
  }
  const refused: string[] = [];
  for (const device of preference) {
    if (device === 'cpu') break;
    const problem = device === 'webgpu' && !hasGpuNode() ? 'the system shows no GPU' : await probe(device);
    const reason = ['auto: it is the fastest that answers', ...refused].join('; ');
    if (problem === undefined) return { device, name: device, reason, threads };
    refused.push(`no ${device}: ${problem}`);
  }
  return cpuReport(`auto: ${refused.join('; ')}`, threads);
}

function cpuReport(reason: string, threads: number): ChosenDevice {
  return { device: 'cpu', name: cpus()[0]?.model.trim() ?? 'CPU', reason, threads };
}

/** Runs a 3×3 convolution of ones on the device; returns what went wrong, if anything. */
async function probe(device: Device): Promise<string | undefined> {
  if (!listSupportedBackends().some(({ name }) => name === device)) {
    return `this build of onnxruntime has no ${device} support`;
  }
  if (device !== 'webgpu' && !hasProviderLibrary(device))
    return `the ${device} library of onnxruntime is not installed`;
  try {
    env.logLevel = 'fatal'; // what goes wrong is in the error, too
    const session = await InferenceSession.create(
      probeModel(),
      sessionOptions({ device, threads: 1 }, { exclusive: true }),
    );
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array(9).fill(1), [1, 1, 3, 3]) });
    await session.release();
    return y?.data[0] === 9
      ? undefined
      : `it computes wrong results (a sum of nine ones came out as ${String(y?.data[0])})`;
  } catch (error) {
    return firstSentence(error instanceof Error ? error.message : String(error));
  }
}

/** CUDA and TensorRT are not in the npm package; asking without their library only fills the log. */
function hasProviderLibrary(device: Device): boolean {
  const packageRoot = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..');
  const library = `onnxruntime_providers_${device}`;
  const name = process.platform === 'win32' ? `${library}.dll` : `lib${library}.so`;
  const binaries = join(packageRoot, 'bin');
  return readdirSync(binaries).some((napi) => existsSync(join(binaries, napi, process.platform, process.arch, name)));
}

/** On Linux a GPU that a driver serves has a device node; elsewhere the probe alone decides. */
function hasGpuNode(): boolean {
  if (process.platform !== 'linux') return true;
  const named = (directory: string, pattern: RegExp) =>
    existsSync(directory) && readdirSync(directory).some((entry) => pattern.test(entry));
  return named('/dev/dri', /^renderD/) || named('/dev', /^(nvidia\d+|dxg|mali\d*)$/);
}

function probeModel(): Uint8Array {
  return encodeModel({
    name: 'probe',
    opset: 17,
    nodes: [node('Conv', ['x', 'w'], ['y'], { kernel_shape: ints(3, 3) })],
    initializers: [floats('w', new Float32Array(9).fill(1), [1, 1, 3, 3])],
    inputs: [{ name: 'x', dataType: dataType.float, dims: [1, 1, 3, 3] }],
    outputs: [{ name: 'y', dataType: dataType.float, dims: [1, 1, 1, 1] }],
  });
}

/** onnxruntime's messages carry build paths and expressions in front of what they say. */
function firstSentence(message: string): string {
  const said = message.split(' was false. ').at(-1) ?? message;
  return (said.trim().split('\n')[0] ?? '').replace(/\.$/, '');
}
