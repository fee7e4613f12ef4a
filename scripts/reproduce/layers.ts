import { adapterTensors } from '../../src/model/adapter.ts';
import type { Bundle } from '../../src/model/bundle.ts';

export interface Layer {
  readonly name: string;
  readonly output: string;
  readonly parameters: number;
  readonly trained: boolean;
}

/** The network as the paper tables it: the front end in front of the frozen classifier. */
export function layerTable({ card }: Bundle): readonly Layer[] {
  const { width, height } = card.input;
  const side = `${width}×${height}`;
  const of = (...names: (keyof typeof adapterTensors)[]) =>
    names.reduce((sum, name) => sum + adapterTensors[name].length, 0);
  const dense64 = 18_432 * 64 + 64;
  const dense1 = 64 + 1;
  return [
    { name: 'Conv 7×7, ReLU', output: `2·${side}, 3`, parameters: of('conv1.weight', 'conv1.bias'), trained: true },
    {
      name: 'Conv 3×3, stride 2, ReLU',
      output: `${side}, 3`,
      parameters: of('conv2.weight', 'conv2.bias'),
      trained: true,
    },
    { name: 'InceptionV3', output: '3×3, 2048', parameters: card.model.parameters - dense64 - dense1, trained: false },
    { name: 'Flatten, Dense 64, ReLU', output: '64', parameters: dense64, trained: false },
    { name: 'Dense 1', output: '1', parameters: dense1, trained: false },
  ];
}
