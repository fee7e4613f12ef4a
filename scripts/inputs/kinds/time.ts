import { readFileSync, writeFileSync } from 'node:fs';
import { clear264, encoded, ffv1, good264, rounding, type Kind } from '../kind.ts';
import { sceneRate } from '../workshop.ts';

const withoutB = [...clear264, '-bf', '0'];

/** Some of the scene's frames, from time 0 on. */
function part(file: string, condition: string, encoder: readonly string[]): Kind['make'] {
  return encoded(file, `select='${condition}',setpts=N/${sceneRate}/TB`, ['-r', String(sceneRate), ...encoder]);
}

const variableRate: Kind = {
  name: 'variable frame rate',
  make: encoded('vfr.mp4', "setpts='(N+0.4*mod(N,3)+3*gt(N,11))/12/TB'", [
    ...clear264,
    ...'-fps_mode vfr -video_track_timescale 90000'.split(' '),
  ]),
};

const editList: Kind = {
  name: 'edit list that cuts the beginning',
  make: (workshop) => {
    const whole = encoded('edit-whole.mp4', 'null', [...clear264, '-g', '100'])(workshop);
    const path = workshop.path('edit.mp4');
    // A copy from between two key frames: the frames before it are in the file, and hidden by the list.
    workshop.ffmpeg(['-ss', '0.75', '-i', whole, '-c', 'copy', path]);
    return path;
  },
  plain: part('edit-plain.mkv', 'gte(n,9)', ffv1),
};

const jump: Kind = {
  name: 'MPEG-TS with a jump of the clock by an hour',
  make: (workshop) => {
    const halves = [
      part('jump-0.ts', 'lt(n,12)', withoutB)(workshop),
      part('jump-1.ts', 'gte(n,12)', [...withoutB, '-output_ts_offset', '3600'])(workshop),
    ];
    const path = workshop.path('jump.ts');
    writeFileSync(path, Buffer.concat(halves.map((half) => readFileSync(half))));
    return path;
  },
  times: 'scene',
};

export const time: readonly Kind[] = [
  variableRate,
  editList,
  {
    name: 'presentation times near 1e6 s',
    make: encoded('late.mkv', 'null', [...ffv1, '-output_ts_offset', '1000000']),
  },
  {
    name: 'MPEG-TS whose 33 bits wrap',
    // 2^33 / 90000 s is 95443.7 s: the clock begins anew after a second.
    make: encoded('wrap.ts', 'null', [
      ...withoutB,
      ...'-output_ts_offset 95442.717 -muxdelay 0 -muxpreload 0'.split(' '),
    ]),
    times: 'scene',
  },
  jump,
  {
    name: 'interlaced flags on whole pictures',
    make: encoded('psf.mp4', 'setfield=tff', [...good264, '-flags', '+ildct+ilme', '-x264-params', 'tff=1']),
  },
  {
    name: 'interlaced 4:2:0, fields of one moment',
    make: encoded('interlaced.mkv', `setfield=tff,scale=interl=1:flags=${rounding},format=yuv420p`, [
      ...ffv1,
      ...'-field_order tt -top 1'.split(' '),
    ]),
  },
];
