import type { Group } from './kind.ts';
import { codecs } from './kinds/codecs.ts';
import { colours } from './kinds/colours.ts';
import { dynamicRange } from './kinds/dynamic-range.ts';
import { names } from './kinds/names.ts';
import { orientation } from './kinds/orientation.ts';
import { stills } from './kinds/pictures.ts';
import { sizes } from './kinds/sizes.ts';
import { time } from './kinds/time.ts';
import { transparency } from './kinds/transparency.ts';

export const groups: readonly Group[] = [
  { title: 'Colours', kinds: colours },
  { title: 'High dynamic range and wide gamuts', kinds: dynamicRange },
  { title: 'Codecs', kinds: codecs },
  { title: 'Time', kinds: time },
  { title: 'Sizes', kinds: sizes },
  { title: 'Orientation', kinds: orientation },
  { title: 'Pictures', kinds: stills },
  { title: 'Transparency (over mid grey)', kinds: transparency },
  { title: 'Names', kinds: names },
];
