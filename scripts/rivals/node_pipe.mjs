/**
 * What one would write oneself: ffmpeg crops and scales, two workers of one thread classify.
 *
 *     node node_pipe.mjs VIDEO MODEL.onnx WIDTH HEIGHT CROP [BATCH]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

if (isMainThread) {
  const [video, model, width, height, crop, batch = '1'] = process.argv.slice(2);
  const shape = [Number(batch), 3, Number(height), Number(width)];
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(import.meta.filename ?? new URL(import.meta.url), { workerData: { model, shape } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const filters = `crop=${crop},scale=${width}:${height}:flags=area`;
  const ffmpeg = spawn(
    'ffmpeg',
    ['-v', 'error', '-i', video, '-vf', filters, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const size = 3 * Number(width) * Number(height);
  const idle = [...workers];
  let [frames, filled, pixels] = [0, 0, new Uint8Array(size * shape[0])];
  const classify = async (count) => {
    if (idle.length === 0) await Promise.race(workers.map((worker) => once(worker, 'message')));
    const worker = idle.pop();
    worker.once('message', () => idle.push(worker));
    worker.postMessage({ pixels, count }, [pixels.buffer]);
    frames += count;
    [filled, pixels] = [0, new Uint8Array(size * shape[0])];
  };
  for await (let chunk of ffmpeg.stdout) {
    while (chunk.length > 0) {
      const part = chunk.subarray(0, pixels.length - filled);
      pixels.set(part, filled);
      filled += part.length;
      chunk = chunk.subarray(part.length);
      if (filled === pixels.length) await classify(shape[0]);
    }
  }
  if (filled > 0) await classify(filled / size);
  while (idle.length < workers.length) await Promise.race(workers.map((worker) => once(worker, 'message')));
  console.log(JSON.stringify({ frames, versions: { node: process.version } }));
  process.exit();
} else {
  const { model, shape } = workerData;
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [plane, image] = [shape[2] * shape[3], new Float32Array(shape[0] * 3 * shape[2] * shape[3])];
  parentPort.on('message', async ({ pixels, count }) => {
    for (let n = 0, to = 0, from = 0; n < count; n++, to += 3 * plane)
      for (let i = 0; i < plane; i++, from += 3)
        for (let c = 0; c < 3; c++) image[to + c * plane + i] = pixels[from + c] / 255;
    await session.run({
      [session.inputNames[0]]: new Tensor('float32', image.subarray(0, count * 3 * plane), [count, ...shape.slice(1)]),
    });
    parentPort.postMessage('done');
  });
  parentPort.postMessage('ready');
}
