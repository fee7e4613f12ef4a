/** The camera that frames are taken from, or are to look as if they were taken from. */
import { UsageError } from '../../domain/errors.ts';
import type { Size } from '../../domain/frame.ts';
import { parseRegion } from '../../domain/region.ts';
import type { Device } from '../../engine/engine.ts';
import type { Card } from '../../model/card.ts';
import type { RequestedMode } from '../../model/geometry.ts';
import { viewOf, type View, type ViewRequest } from '../../model/view.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { expandFolders } from '../../video/source/expand-folders.ts';
import { probe } from '../../video/source/probe.ts';
import { pacedSource } from '../../video/source/pace.ts';
import type { SourceInfo } from '../../video/source/source-info.ts';
import { parseSource, type SourceSpec } from '../../video/source/source-spec.ts';
import { classesOf } from './class-folders.ts';

/** One source, looked at. */
export interface Material {
  readonly spec: SourceSpec;
  readonly info: SourceInfo;
  /** Class index by file, for a labelled folder. */
  readonly classes: ReadonlyMap<string, number> | undefined;
}

export interface Camera extends View {
  /** Size of its pictures, pixels. */
  readonly native: Size;
  /** All material is brought to `native` first, whatever size it has itself. */
  readonly resized: boolean;
  /** How training photographs came to their proportions: so do pictures that are brought to `native`. */
  readonly fit: Card['resize']['fit'];
  readonly materials: readonly Material[];
}

export interface CameraOptions {
  readonly card: Card;
  readonly device: Device;
  readonly geometry: RequestedMode;
  /** `auto` by default, decided in `run`. */
  readonly view?: ViewRequest | undefined;
  /** `auto`: as the first source. */
  readonly resolution: 'auto' | Size;
  /** The part of the picture that is classified, as the user wrote it; all of it by default. */
  readonly region?: string | null | undefined;
  readonly ffmpeg: Ffmpeg;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at the sources (folders of pictures, labelled folders, video files, addresses of streams)
 * and decides the geometry as `run` does.
 *
 * With a resolution, material of another size is brought to it first: stretched where the bundle
 * stretches, else covering it. Throws a UserError for a source that cannot be used, and where
 * labelled and unlabelled sources are mixed.
 */
export async function cameraOf(sources: readonly string[], options: CameraOptions): Promise<Camera> {
  const { card, device, geometry, view = 'auto', resolution, ffmpeg, signal } = options;
  const region = options.region ? parseRegion(options.region) : undefined;
  const materials: Material[] = [];
  for (const { source } of expandFolders(sources).sources) {
    const named = parseSource(source);
    const info = await probe(named, ffmpeg, signal ? { signal } : {});
    const spec = pacedSource(named, info, 'auto');
    const classes = spec.kind === 'folder' ? classesOf(spec.path, spec.files, card.output.labels) : undefined;
    materials.push({ spec, classes, info });
  }
  const [first] = materials;
  if (first === undefined)
    throw new UsageError('there must be at least one source of frames: name a folder or a video');
  if (materials.some(({ classes }) => (classes === undefined) !== (first.classes === undefined))) {
    throw new UsageError(
      'the sources must be all labelled (one sub-folder per class) or all unlabelled, but are mixed',
    );
  }
  const native = resolution === 'auto' ? first.info.display : resolution;
  const resized = resolution !== 'auto' || materials.some(({ info }) => !sameSize(info.display, native));
  const isFolder = first.spec.kind === 'folder';
  const common = { card, device, geometry, single: true };
  const seen = viewOf({ ...common, view, display: native, region, sizesDiffer: !resized && isFolder });
  const { fit } = card.resize;
  if (seen.view !== 'tiles' || !isFolder || region !== undefined || sameSize(first.info.display, native)) {
    return { native, resized, ...seen, fit, materials };
  }
  // A photograph fills a tile, as a subject before the camera does, which else had its half of it.
  const { width, height } = seen.choice.crop;
  const tile = viewOf({ ...common, view: 'tiles', display: { width, height }, region, sizesDiffer: false });
  return { native: { width, height }, resized: true, ...tile, fit, materials };
}

export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
