/** The cameras of a soak: two boxes of streams, and in front of each stream a network that can fail. */
import type { RandomNumbers } from '../../src/domain/random.ts';
import { Camera, rtspUrl, type Served } from '../../test/rig/camera.ts';
import { FaultyNetwork } from '../../test/rig/faulty-network.ts';
import { corruptPayloads, shiftTimestamps } from '../../test/rig/interleaved.ts';
import { sleep } from './waiting.ts';

interface Lane {
  readonly name: string;
  readonly box: Box;
  readonly network: FaultyNetwork;
}

/** A camera that can be replaced. */
interface Box {
  readonly names: readonly string[];
  camera: Camera;
}

export interface CamerasOptions {
  readonly usual: Served;
  /** Of another size. */
  readonly other: Served;
  readonly random: RandomNumbers;
}

export class Cameras {
  faults = 0;
  killed = 0;
  readonly #options: CamerasOptions;
  readonly #boxes: readonly Box[];
  readonly #lanes: readonly Lane[];

  private constructor(options: CamerasOptions, boxes: readonly Box[], lanes: readonly Lane[]) {
    this.#options = options;
    this.#boxes = boxes;
    this.#lanes = lanes;
  }

  static async start(names: readonly string[], options: CamerasOptions): Promise<Cameras> {
    const boxes: Box[] = [];
    const lanes: Lane[] = [];
    for (const half of [0, 1]) {
      const own = names.filter((_, index) => index % 2 === half);
      const box = { names: own, camera: await serving(own, options.usual) };
      boxes.push(box);
      for (const name of own) lanes.push({ name, box, network: await FaultyNetwork.start(() => box.camera.port) });
    }
    return new Cameras(options, boxes, lanes);
  }

  url(name: string): string {
    const lane = this.#lanes.find((each) => each.name === name);
    return rtspUrl(lane?.network.port ?? 0, name);
  }

  /** Something goes wrong with one of them, and is well again when it resolves. */
  async fail(): Promise<void> {
    this.faults++;
    const { name, box, network } = this.#pick(this.#lanes);
    const { usual, other } = this.#options;
    const ends = async (ms: number, end: () => Promise<void> | void) => {
      await sleep(ms);
      await end();
    };
    const heal = () => {
      network.mode = 'forward';
      network.edit = undefined;
    };
    const kinds: readonly (() => Promise<void>)[] = [
      () => ((network.mode = 'black hole'), ends(6000, heal)),
      () => ((network.mode = 'unauthorized'), network.cut(), ends(3000, heal)),
      () => ((network.edit = corruptPayloads(20)), ends(5000, heal)),
      () => ((network.edit = shiftTimestamps(-3600)), ends(5000, heal)),
      () => (network.cut(), ends(0, heal)),
      () => box.camera.serve(name, other).then(() => ends(8000, () => box.camera.serve(name, usual))),
      () => box.camera.serve(name, { rate: 300 }).then(() => ends(5000, () => box.camera.serve(name, usual))),
    ];
    await this.#pick(kinds)();
  }

  /** As a power cut does; it is back on its port at once. */
  async killOne(): Promise<void> {
    this.killed++;
    const box = this.#pick(this.#boxes);
    const { port } = box.camera;
    await box.camera.kill();
    box.camera = await serving(box.names, this.#options.usual, port);
  }

  async close(): Promise<void> {
    for (const { network } of this.#lanes) await network[Symbol.asyncDispose]();
    for (const { camera } of this.#boxes) await camera.kill();
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#options.random.next() * items.length)] as T;
  }
}

function serving(names: readonly string[], served: Served, port = 0): Promise<Camera> {
  return Camera.start(Object.fromEntries(names.map((name) => [name, served])), { port });
}
