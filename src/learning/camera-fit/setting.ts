/** What a fit to a camera works with: frames and pictures, the engine, and the front end that is in use. */
import { adapterDigest } from '../../model/card.ts';
import { systemClock } from '../../domain/clock.ts';
import { DisposeStack } from '../../domain/dispose-stack.ts';
import { seededRandom } from '../../domain/random.ts';
import type { DeviceRequest, Engine } from '../../engine/engine.ts';
import { onnxruntimeEngine } from '../../engine/onnxruntime/engine.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { AdapterStore, type ActivationTarget, type StoredAdapter } from '../../model/adapter-store.ts';
import type { Bundle } from '../../model/bundle.ts';
import { closedForm } from '../../model/closed-form.ts';
import { geometryKey, type Geometry } from '../../model/geometry.ts';
import { parseResolution } from '../../model/resolution.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { cameraOf } from '../data/camera.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { loadFrames } from '../data/load-frames.ts';
import type { AdaptProgress } from '../fit/adapt.ts';
import type { FitRecord, FitRequest } from '../fit/fit-record.ts';
import { runsAtOnce } from '../fit/usual-settings.ts';
import { undamagedPictures } from '../simulation/undamaged-pictures.ts';
import type { ColourStatistics } from '../statistics/feature-statistics.ts';

export interface CameraFitContext {
  /** The one that the request names. */
  readonly bundle: Bundle;
  readonly ffmpeg: Ffmpeg;
  readonly stateDirectory: string;
  readonly device: DeviceRequest;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AdaptProgress) => void;
  /** Told what is missing of a source, a sentence. */
  readonly onMissing?: (sentence: string) => void;
  /** The record of a fit to do again. */
  readonly replayed?: FitRecord | undefined;
}

/** The caller disposes of it. */
export interface Setting extends AsyncDisposable {
  readonly engine: Engine;
  readonly bundle: Bundle;
  readonly geometry: Geometry;
  readonly frames: FrameSet;
  /** Undamaged pictures of what is to be told apart, where the user has some. */
  readonly photographs: FrameSet | undefined;
  /** Those that ship, in these colours; loaded when they are first asked for. */
  readonly shipped: (colours: ColourStatistics) => Promise<FrameSet>;
  readonly store: AdapterStore;
  /** What the adapter is kept and activated for. */
  readonly target: ActivationTarget;
  readonly reference: AdapterWeights;
  /** The front end that is in use, and its id unless that is the closed form. */
  readonly previous: { readonly weights: AdapterWeights; readonly id: string | null };
}

/** Undamaged pictures that a fit is taught on, at most. */
const photographCount = 96;

/** Throws a `UserError` for a request that cannot be met, and the signal's reason. */
export async function openSetting(request: FitRequest, context: CameraFitContext): Promise<Setting> {
  const { bundle, ffmpeg, signal, onProgress } = context;
  await using opened = new DisposeStack();
  const engine = opened.use(await onnxruntimeEngine({ device: context.device, workers: runsAtOnce }));
  const cameraOptions = {
    card: bundle.card,
    device: engine.report.device,
    geometry: request.geometry,
    view: request.view,
    region: request.region,
    ffmpeg,
    signal,
  };
  const resolution = request.resolution === 'auto' ? 'auto' : parseResolution(request.resolution);
  const camera = await cameraOf(request.sources, { ...cameraOptions, resolution });
  const { geometry } = camera.choice;
  onProgress({ what: `loading up to ${request.frames} frames` });
  const numbers = seededRandom(request.seed);
  const loading = { ffmpeg, random: () => numbers.next(), signal, onMissing: context.onMissing };
  const frames = opened.use(await loadFrames(camera, { ...loading, limit: request.frames }));
  // Whatever they are pictures of, they are seen as the camera's.
  const pictureCamera = { ...cameraOptions, resolution: camera.native, view: camera.view };
  const pictureLoading = { ...loading, limit: photographCount };
  const photographs =
    request.photographs === null
      ? undefined
      : opened.use(await loadFrames(await cameraOf([request.photographs], pictureCamera), pictureLoading));
  let shipped: Promise<FrameSet> | undefined;
  // Where they could not be loaded, who asked for them has heard of it.
  opened.defer(() =>
    shipped?.then(
      (pictures) => pictures[Symbol.asyncDispose](),
      () => undefined,
    ),
  );
  const store = new AdapterStore(context.stateDirectory, systemClock);
  const target = {
    stream: request.stream,
    bundleDigest: adapterDigest(bundle.card),
    geometryKey: geometryKey(geometry),
  };
  const reference = closedForm(geometry, bundle.card.resize.kernel).weights;
  const inUse = await frontEndInUse(store, target, context.replayed);
  const held = opened.move();
  return {
    engine,
    bundle,
    geometry,
    frames,
    photographs,
    shipped: (colours) => (shipped ??= undamagedPictures(pictureCamera, colours, pictureLoading)),
    store,
    target,
    reference,
    previous: inUse ? { weights: inUse.adapter.weights, id: inUse.id } : { weights: reference, id: null },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/** Of a fit that is repeated the one that was in use then. Undefined: the closed form. */
async function frontEndInUse(
  store: AdapterStore,
  target: ActivationTarget,
  replayed: FitRecord | undefined,
): Promise<StoredAdapter | undefined> {
  if (replayed === undefined) return (await store.active(target)).stored;
  return replayed.previous.adapter === null ? undefined : await store.find(replayed.previous.adapter);
}
