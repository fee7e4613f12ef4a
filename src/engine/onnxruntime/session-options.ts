import type { InferenceSession } from 'onnxruntime-node';
import type { WorkerSettings } from './protocol.ts';

/**
 * Session options for a device. `integers`: activations are quantised, and the CPU computes with them as integers.
 * `exclusive` forbids onnxruntime to place any node on the CPU
 * instead, which is how a device is probed: a session that loads then really runs there.
 */
export function sessionOptions(
  { device, threads }: WorkerSettings,
  { exclusive = false, integers = false } = {},
): InferenceSession.SessionOptions {
  const session = {
    // Threads that spin between operators take the cores from the decoders.
    intra_op: { allow_spinning: '0' },
    // Where weights alone are stored as int8, they become floats at load, not in every run.
    ...(!(integers && device === 'cpu') && { disable_quant_qdq: '1' }),
    ...(exclusive && { disable_cpu_ep_fallback: '1' }),
  };
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    extra: { session },
  };
}
