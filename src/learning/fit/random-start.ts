import { seededRandom } from '../../domain/random.ts';
import { adapterTensors, type AdapterWeights } from '../../model/adapter.ts';

/**
 * Weights as a network that knows nothing starts with: uniform in ±√(6 / (fan in + fan out)), biases 0.
 *
 * Reference: Glorot and Bengio 2010, equation 16 (Keras' default).
 */
export function randomStart(seed: number): AdapterWeights {
  const random = seededRandom(seed);
  const kernel = ({
    dims: [outputs, inputs, height, width],
    length,
  }: (typeof adapterTensors)['conv1.weight' | 'conv2.weight']) => {
    const limit = Math.sqrt(6 / ((inputs + outputs) * height * width));
    return Float32Array.from({ length }, () => limit * (2 * random.next() - 1));
  };
  return {
    conv1Weight: kernel(adapterTensors['conv1.weight']),
    conv1Bias: new Float32Array(3),
    conv2Weight: kernel(adapterTensors['conv2.weight']),
    conv2Bias: new Float32Array(3),
  };
}
