import { copyFileSync } from 'node:fs';
import type { Kind } from '../kind.ts';

const files = [
  `it's "quoted".mkv`,
  'two\nlines.mkv',
  '100%d %03d.mkv',
  '-leading-dash.mkv',
  'a:b|c,d;e[0].mkv',
  'кошка 猫.mkv',
];

/** Without a directory in front, which would hide a dash or a colon. */
export const names: readonly Kind[] = files.map((file) => ({
  name: `named ${JSON.stringify(file)}`,
  make: (workshop) => {
    copyFileSync(workshop.scene(), workshop.path(file));
    return file;
  },
}));
