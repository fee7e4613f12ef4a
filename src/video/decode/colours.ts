/** Colours that are not those of photographs (sRGB), made so: HDR and wide gamuts, in filters that every build of ffmpeg has. */

/** As ffmpeg names them; `unknown` where a stream does not say. */
export interface Colours {
  readonly transfer: string;
  readonly primaries: string;
  readonly matrix: string;
  readonly range: string;
}

export const colourFilterNames = ['lutrgb', 'colorchannelmixer', 'split', 'blend'] as const;

/** Reference white, cd/m²: ITU-R BT.2408, 2.1. What is brighter, in highlights and lamps, is clipped. */
const white = 203;

/** To BT.709's primaries, by those of the source; both with the white D65. */
const toBt709: Readonly<Record<string, readonly number[]>> = {
  bt2020: [1.660491, -0.587641, -0.07285, -0.12455, 1.1329, -0.008349, -0.018151, -0.100579, 1.11873],
  smpte432: [1.22494, -0.22494, 0, -0.042057, 1.042057, 0, -0.019638, -0.078636, 1.098274],
};

const signal = 'val/65535';

/** The part of `ceiling` times white that a signal stands for, both in [0, 1]. */
interface Curve {
  readonly ceiling: number;
  readonly filters: readonly string[];
}

function smpte2084(): Curve {
  // Reference: SMPTE ST 2084, 5.1.
  const root = `pow(${signal},1/78.84375)`;
  const nits = `10000*pow(max(${root}-0.8359375,0)/(18.8515625-18.6875*${root}),1/0.1593017578125)`;
  const ceiling = 4;
  return { ceiling, filters: [curve(`${nits}/${white * ceiling}`)] };
}

/**
 * Scene light by the inverse OETF, then the OOTF of a display of 1000 cd/m²: its gamma is of the luminance, the same for
 * all three colours. White is at three quarters of the signal.
 *
 * Reference: ITU-R BT.2100, table 5.
 */
function hybridLogGamma(): Curve {
  const scene = `if(lte(${signal},0.5),${signal}*${signal}/3,(exp((${signal}-0.55991073)/0.17883277)+0.28466892)/12)`;
  const gray = [0, 1, 2].flatMap(() => [0.2627, 0.678, 0.0593]);
  const luminance = [mixer(gray), curve(`pow(${signal},0.2)`)].join(',');
  const gain = `split[scene][light];[light]${luminance}[gain];[scene][gain]blend=all_mode=multiply`;
  return { ceiling: 1000 / white, filters: [curve(scene), gain] };
}

/** Videos for ordinary displays share the curve of photographs, near enough. */
const ordinary: Curve = {
  ceiling: 1,
  filters: [curve(`if(lte(${signal},0.04045),${signal}/12.92,pow((${signal}+0.055)/1.055,2.4))`)],
};

/** Nothing where the colours are those of photographs, or not told. */
export function colourFilters({ transfer, primaries }: Pick<Colours, 'transfer' | 'primaries'>): string[] {
  const matrix = toBt709[primaries];
  const { ceiling, filters } =
    transfer === 'smpte2084' ? smpte2084() : transfer === 'arib-std-b67' ? hybridLogGamma() : ordinary;
  if (matrix === undefined && ceiling === 1) return [];
  const light = `min(1,${ceiling}*${signal})`;
  // Reference: IEC 61966-2-1 (sRGB).
  const encoded = curve(`if(lte(${light},0.0031308),12.92*${light},1.055*pow(${light},1/2.4)-0.055)`);
  return ['format=gbrp16le', ...filters, ...(matrix ? [mixer(matrix)] : []), encoded];
}

function curve(expression: string): string {
  const value = `'65535*min(1,${expression})+0.5'`;
  return `lutrgb=r=${value}:g=${value}:b=${value}`;
}

function mixer(matrix: readonly number[]): string {
  const names = ['rr', 'rg', 'rb', 'gr', 'gg', 'gb', 'br', 'bg', 'bb'];
  return `colorchannelmixer=${names.map((name, i) => `${name}=${matrix[i] ?? 0}`).join(':')}`;
}

/** Reads the line in which showinfo tells a frame's colours. */
export function parseColours(log: string): Colours | undefined {
  const line = /color_range:(\S+) color_space:(\S+) color_primaries:(\S+) color_trc:(\S+)/.exec(log);
  if (!line) return undefined;
  const [, range = '', matrix = '', primaries = '', transfer = ''] = line;
  return { transfer, primaries, matrix, range };
}
