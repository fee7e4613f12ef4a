/** What a report says, as plain data; `report.ts` makes one HTML file of it. */

export interface Report {
  readonly title: string;
  /** What matters most, in a sentence or two. */
  readonly summary?: string;
  readonly sections: readonly Section[];
}

export interface Section {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | FactsBlock
  | TableBlock
  | ChartBlock
  | ReliabilityBlock
  | ConfusionBlock
  | FiltersBlock
  | ImagesBlock;

/** Names and values: digests, seeds, versions, settings. */
export interface FactsBlock {
  readonly kind: 'facts';
  readonly facts: readonly (readonly [name: string, value: Cell])[];
}

/** A number with its confidence interval, as `evaluation/` gives it. */
export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** `percent` holds a fraction of 1 and shows hundredths of it; the others show the unit's sign. */
export type Unit = 'percent' | 'seconds' | 'bytes';

/** Undefined is shown as a dash: not known, or not asked for. */
export type Cell = string | number | boolean | undefined | (Estimate & { readonly unit?: Unit });

export interface TableBlock {
  readonly kind: 'table';
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Axis {
  readonly label: string;
  /** Linear unless told; values that are not above 0 are left out of a log scale. */
  readonly scale?: 'linear' | 'log';
  readonly unit?: Unit;
  /** Least and greatest value shown; by default those of the data. */
  readonly domain?: readonly [low: number, high: number];
}

export interface Point {
  readonly x: number;
  /** Values that are not finite are left out, and the report says how many. */
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ChartBlock {
  readonly kind: 'chart';
  readonly title: string;
  /** Joined by lines (in the order of the points), or points alone. */
  readonly mark: 'line' | 'point';
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** One bin of confidence; `confidence` and `accuracy` are means over its frames, 0 to 1. */
export interface ReliabilityBin {
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

export interface ReliabilityBlock {
  readonly kind: 'reliability';
  readonly title: string;
  /** One series of bins each, such as before and after. */
  readonly series: readonly { readonly name: string; readonly bins: readonly ReliabilityBin[] }[];
}

export interface ConfusionBlock {
  readonly kind: 'confusion';
  readonly title: string;
  readonly labels: readonly string[];
  /** Frames: [actual][predicted]. */
  readonly counts: readonly (readonly number[])[];
}

/** The 528 values of a front end; the fields are those of `model/adapter.ts`. */
export interface FiltersBlock {
  readonly kind: 'filters';
  readonly title: string;
  readonly weights: {
    /** [3, 3, 7, 7], output channel first */
    readonly conv1Weight: ArrayLike<number>;
    /** [3] */
    readonly conv1Bias: ArrayLike<number>;
    /** [3, 3, 3, 3] */
    readonly conv2Weight: ArrayLike<number>;
    /** [3] */
    readonly conv2Bias: ArrayLike<number>;
  };
}

/** Rows of small pictures: frames before and after, right and wrong. */
export interface ImagesBlock {
  readonly kind: 'images';
  readonly caption?: string;
  readonly rows: readonly { readonly caption?: string; readonly images: readonly ReportImage[] }[];
}

export interface ReportImage {
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  /** Pixels, R G B after each other, 3 · width · height bytes; see `pixels.ts` for other layouts. */
  readonly rgb: Uint8Array;
  /** Marks the picture; by word and sign, not by colour alone. */
  readonly verdict?: 'right' | 'wrong';
}
