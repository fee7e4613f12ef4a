/** Frames from photographs, videos and streams, through the decoder that `run` uses. */
import { systemClock } from '../../domain/clock.ts';
import { UserError } from '../../domain/errors.ts';
import { incompleteText } from '../../domain/incomplete.ts';
import type { DecoderSettings } from '../../model/decoder-settings.ts';
import { cutRecords } from '../../video/decode/cut-records.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { rawVideoArguments } from '../../video/decode/raw-video.ts';
import { sourceFrames } from '../../video/source/source-frames.ts';
import { openSource, type Exit } from '../../video/source/source.ts';
import { describeSource } from '../../video/source/source-spec.ts';
import { throughFfmpeg } from '../../video/child/through-ffmpeg.ts';
import { sameSize, type Camera } from './camera.ts';
import { frameSet, type FrameSet } from './frame-set.ts';
import { portions, type Portion } from './portions.ts';
import { RecordFile } from './record-file.ts';

/** Changes a camera's pictures, planar gbrp uint8 of the native size; as many of them where they have labels. */
export type Change = (pictures: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** One change after the other; undefined for none. */
export function inTurn(changes: readonly Change[]): Change | undefined {
  if (changes.length === 0) return undefined;
  return (pictures) => changes.reduce((all, change) => change(all), pictures);
}

export interface LoadOptions {
  readonly ffmpeg: Ffmpeg;
  /** Frames at most, spread evenly over the material; 300 by default. */
  readonly limit?: number | undefined;
  /** Numbers in [0, 1) that choose among the pictures. */
  readonly random: () => number;
  /** What is done to the pictures at the camera's size, before the decoder brings them to the grid. */
  readonly change?: Change | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what is missing of a source, a sentence. */
  readonly onMissing?: ((sentence: string) => void) | undefined;
}

const defaultLimit = 300;
const slots = 4;
/** A file that gives nothing for so long is given up. */
const stallSeconds = 60;

/**
 * Loads frames into a temporary file, in the order of the sources; pictures that cannot be read are
 * left out. The caller disposes of the set.
 *
 * Throws a UserError where no frame came, and the signal's reason when aborted.
 */
export async function loadFrames(camera: Camera, options: LoadOptions): Promise<FrameSet> {
  const { decoder } = camera;
  const records = await RecordFile.create(3 * decoder.grid.width * decoder.grid.height);
  try {
    const labels: number[] = [];
    for await (const pixels of gridFrames(camera, options, (label) => labels.push(label))) await records.append(pixels);
    options.signal?.throwIfAborted();
    if (records.length === 0) throw new UserError('the sources must give at least one frame, but gave none');
    const labelled = camera.materials[0]?.classes !== undefined;
    return frameSet(records, decoder.grid, labelled ? labels : undefined);
  } catch (error) {
    await records[Symbol.asyncDispose]();
    throw error;
  }
}

/** Straight to the grid where nothing is done at the camera's size; else through a second decoder. */
function gridFrames(camera: Camera, options: LoadOptions, onLabel: (label: number) => void): AsyncIterable<Uint8Array> {
  const { decoder, native } = camera;
  if (!camera.resized && options.change === undefined) return pictures(camera, options, decoder, onLabel);
  const { change, ffmpeg, signal } = options;
  const unchanged = pictures(camera, options, nativeSettings(camera), onLabel);
  const changed = change ? change(unchanged) : unchanged;
  if (sameSize(native, decoder.grid) && decoder.crop === undefined) return changed;
  const bytes = throughFfmpeg(changed, { path: ffmpeg.path, args: rawVideoArguments(native, decoder), signal });
  return cutRecords(bytes, 3 * decoder.grid.width * decoder.grid.height);
}

/** A camera's own pictures: what a sensor of that size would have delivered of the photograph. */
function nativeSettings({ native, fit }: Camera): DecoderSettings {
  return {
    grid: native,
    crop: fit === 'stretch' ? undefined : { centreShare: 1 },
    scaler: 'bicubic',
  };
}

/** Each is a copy that the caller may keep. */
async function* pictures(
  camera: Camera,
  options: LoadOptions,
  settings: DecoderSettings,
  onLabel: (label: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const portion of portions(camera.materials, options.limit ?? defaultLimit, options.random)) {
    if (portion.count === 0) continue;
    const { classes } = portion.material;
    let taken = 0;
    const source = openPortion(portion, settings, options);
    for await (const { pixels, source: file } of sourceFrames(source)) {
      const copy = pixels.slice();
      source.release(pixels);
      onLabel(classes?.get(file ?? '') ?? -1);
      yield copy;
      if (++taken === portion.count) break;
    }
    for (const sentence of missingOf(portion, await source.exited)) options.onMissing?.(sentence);
  }
}

/** Nothing of what was left before its end. */
function missingOf({ spec }: Portion, { seen, unreadable }: Exit): string[] {
  const [first] = unreadable;
  const left =
    unreadable.length === 1 ? '1 picture is left out' : `${unreadable.length} pictures are left out, the first`;
  return [
    ...(seen && !seen.complete ? [`${describeSource(spec)} ${incompleteText(seen)}`] : []),
    ...(first ? [`${left}: ${first.path} ${first.reason}`] : []),
  ];
}

function openPortion({ spec, material, framesPerSecond }: Portion, settings: DecoderSettings, options: LoadOptions) {
  const { ffmpeg, signal } = options;
  return openSource({
    ...settings,
    stream: 'frames',
    spec,
    info: material.info,
    framesPerSecond,
    lossless: true,
    slots,
    stallSeconds,
    clock: systemClock,
    ffmpeg,
    onDrop: () => undefined,
    signal,
  });
}
