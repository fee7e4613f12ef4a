/**
 * Colours of the report, in pairs, light and dark. The series' hues are Okabe and Ito's
 * (https://jfly.uni-koeln.de/color/), told apart with colour-blind eyes too; darkened or lightened
 * until each stands out 3 : 1 from its ground (WCAG 2.2, 1.4.11).
 */
export interface Palette {
  readonly ground: string;
  readonly card: string;
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly good: string;
  readonly bad: string;
  readonly series: readonly string[];
}

export const light: Palette = {
  ground: '#f6f7f8',
  card: '#ffffff',
  text: '#1a1d21',
  dim: '#5b6570',
  line: '#dde2e7',
  good: '#127a3d',
  bad: '#b3261e',
  series: ['#0072b2', '#c44e00', '#008060', '#a8408a', '#7a6a00', '#5b6570'],
};

export const dark: Palette = {
  ground: '#111417',
  card: '#1a1e23',
  text: '#e8ebee',
  dim: '#9aa5b1',
  line: '#2c333a',
  good: '#5fd08b',
  bad: '#ff8a80',
  series: ['#56b4e9', '#ff9348', '#2fc79a', '#e695c6', '#e6d23c', '#aab4be'],
};

/** Which shape and which dashes go with a colour, so that no line is known by its colour alone. */
const dashes = [undefined, '6 3', '2 2', '8 3 2 3', '12 3', '1 3'] as const;
const symbols = ['circle', 'triangle', 'square', 'diamond', 'star', 'cross'] as const;

export interface SeriesStyle {
  /** A CSS colour, `var(--series-1)`, which the page sets. */
  readonly colour: string;
  readonly dash: (typeof dashes)[number];
  readonly symbol: (typeof symbols)[number];
}

export function seriesStyle(index: number): SeriesStyle {
  const i = index % symbols.length;
  return { colour: `var(--series-${i + 1})`, dash: dashes[i], symbol: symbols[i] ?? 'circle' };
}

/** The palette's colours as CSS custom properties. */
export function customProperties({ series, ...named }: Palette): string {
  return [
    ...Object.entries(named as Record<string, string>).map(([name, value]) => `--${name}:${value}`),
    ...series.map((value, i) => `--series-${i + 1}:${value}`),
  ].join(';');
}
