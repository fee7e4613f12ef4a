/** The front end as the graph that is quickest for what the adapter is: its 528 values are constants there. */
import { dataType, type GraphModel } from '../../onnx/model.ts';
import type { AdapterWeights } from '../adapter.ts';
import type { Geometry } from '../geometry.ts';
import type { Tiles } from '../tiles.ts';
import { compositeOf } from './composite.ts';
import { cutTiles } from './cut-tiles.ts';
import { mergedCost, mergedForm } from './merged.ts';
import type { FormOptions } from './options.ts';
import type { Phases } from './phases.ts';
import { joined, type Piece } from './piece.ts';
import { separableCost, separableForm, separablePhases, separated } from './separable.ts';
import {
  fitsTwoConvolutions,
  phasesBetween,
  plainTwoConvolutionsCost,
  plainTwoConvolutionsForm,
  twoConvolutionsCost,
  twoConvolutionsForm,
} from './two-convolutions.ts';

export type FormName = 'separable' | 'merged' | 'two convolutions';

/** One way of computing what the two convolutions are. */
export interface Form {
  readonly name: FormName;
  /** Rows and columns that the first convolution computes together; (1, 1) where it is as it was. */
  readonly phases: Phases;
  /** For each pixel of the image; see `cost.ts`. */
  readonly cost: number;
  /**
   * Input: `pixels` uint8 [N, 3, height, width] of the grid, planes G, B, R, or one sheet of N tiles, [1, 3, …].
   * Output: `image` float32 [N, 3, height, width] of the classifier's input, R, G, B, from 0 up.
   */
  readonly graph: () => GraphModel;
}

export interface FormRequest {
  readonly adapter: AdapterWeights;
  readonly geometry: Geometry;
  /** How a frame is cut into images; it is one where nothing is said. */
  readonly tiles?: Tiles | undefined;
  /** In phases, and large pictures in strips, as a CPU wants it; true by default. */
  readonly forCpu?: boolean;
  /** Above twice of this, as floats, pixels are convolved a strip at a time. */
  readonly stripBytes?: number;
}

/** Beyond this, pixels as floats leave the cache before they are used: 1.3 to 1.5 times as fast at 4K. */
const cachedBytes = 1.5e6;

const single: Phases = { y: 1, x: 1 };
/** Of equal cost the one of more rows first: rows are together in memory. */
const blocks: readonly Phases[] = [1, 2].flatMap((x) => [1, 2, 4].map((y) => ({ y, x })));

/** The cheapest of those that equal the two convolutions, for pixels of 0 to 1. */
export function chooseForm(request: FormRequest): Form {
  return equalForms(request).reduce((best, form) => (form.cost < best.cost ? form : best));
}

/** All of them. */
export function equalForms(request: FormRequest): [Form, ...Form[]] {
  const { adapter, geometry, tiles, forCpu = true, stripBytes } = request;
  const cut = tiles && cutTiles(geometry, tiles);
  const options: FormOptions = {
    pixels: cut?.output ?? 'pixels',
    padding: geometry.padding,
    stripBytes: stripBytes ?? (forCpu ? cachedBytes : Infinity),
  };
  const form = (name: FormName, phases: Phases, cost: number, piece: () => Piece): Form => {
    return { name, phases, cost, graph: () => graphOf(request, cut ? joined([cut, piece()]) : piece()) };
  };
  const plain = form('two convolutions', single, plainTwoConvolutionsCost(geometry), () =>
    plainTwoConvolutionsForm(adapter, geometry, options),
  );
  const phased = (forCpu ? blocks : []).filter((block) => fitsTwoConvolutions(geometry, block));
  const two = phased.map((block) =>
    form('two convolutions', phasesBetween(geometry, block), twoConvolutionsCost(geometry, block), () =>
      twoConvolutionsForm(adapter, geometry, block, options),
    ),
  );
  const composite = compositeOf(adapter, geometry);
  if (!composite) return [plain, ...two];
  const merged = (forCpu ? blocks : [single]).map((block) =>
    form('merged', block, mergedCost(composite, block), () => mergedForm(composite, block, options)),
  );
  const separate = forCpu ? separated(composite) : undefined;
  if (!separate) return [plain, ...two, ...merged];
  const separable = form('separable', separablePhases, separableCost(separate), () => separableForm(separate, options));
  return [plain, ...two, ...merged, separable];
}

function graphOf({ geometry: { grid, input }, tiles }: FormRequest, { nodes, initializers }: Piece): GraphModel {
  const { height, width } = tiles?.sheet ?? grid;
  return {
    name: 'front-end',
    opset: 17,
    nodes,
    initializers,
    inputs: [{ name: 'pixels', dataType: dataType.uint8, dims: [tiles ? 1 : 'N', 3, height, width] }],
    outputs: [{ name: 'image', dataType: dataType.float, dims: ['N', 3, input.height, input.width] }],
  };
}
