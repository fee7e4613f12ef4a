/** Transparent at the right, red under it. */
import { encoded, ffv1, type Kind } from '../kind.ts';
import { pictures } from './pictures.ts';

const right = (r: number, g: number, b: number) =>
  `r='if(lt(X,W*0.7),r(X,Y),${r})':g='if(lt(X,W*0.7),g(X,Y),${g})':b='if(lt(X,W*0.7),b(X,Y),${b})'`;
const seeThrough = `format=gbrap,geq=${right(255, 0, 0)}:a='if(lt(X,W*0.7),255,0)'`;
const plain = encoded('over-grey.mkv', `format=gbrp,geq=${right(128, 128, 128)}`, ffv1);

function transparent(name: string, file: string, encoder: readonly string[], format: string): Kind {
  return { name, plain, make: encoded(file, `${seeThrough},format=${format}`, encoder) };
}

export const transparency: readonly Kind[] = [
  transparent('FFV1 with alpha', 'alpha.mkv', ffv1, 'gbrap'),
  transparent('QuickTime Animation with alpha', 'alpha.mov', ['-c:v', 'qtrle'], 'argb'),
  transparent('ProRes 4444', 'alpha4444.mov', ['-c:v', 'prores_ks', '-profile:v', '4'], 'yuva444p10le'),
  transparent('VP9 with alpha', 'alpha.webm', '-c:v libvpx-vp9 -lossless 1 -cpu-used 8'.split(' '), 'yuva420p'),
  transparent('APNG', 'alpha.apng', ['-c:v', 'apng', '-plays', '1'], 'rgba'),
  { ...pictures('PNG with alpha', 'png', [], `${seeThrough},format=rgba`), plain },
];
