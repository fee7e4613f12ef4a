/** The golden test on the device in use: before a classifier is taken, and then as a heartbeat. */
import { ConfigurationError } from '../../domain/errors.ts';
import { goldenInput, judgeGolden } from '../../model/verify-bundle.ts';
import type { Candidate, Classifier, Devices } from './devices.ts';

/** So many heartbeats that fail one after the other say that the device will not come back by itself. */
const hopeless = 3;

export class DeviceCheck {
  readonly #devices: Pick<Devices, 'eachInUse'>;
  readonly #passed = new WeakSet<Classifier>();
  #heartbeats = 0;
  #failures = 0;
  #trouble: string | undefined;
  #verified = false;

  constructor(devices: Pick<Devices, 'eachInUse'>) {
    this.#devices = devices;
  }

  /** Heartbeats that the device has given, counted. */
  get heartbeats(): number {
    return this.#heartbeats;
  }

  /** What is wrong with the device, a sentence. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** A candidate has passed all its golden tests. */
  get verified(): boolean {
    return this.#verified;
  }

  /**
   * Throws a ConfigurationError where a classifier does not answer on this device as it did when it was made.
   * Those that have passed before are not asked again.
   */
  async verify({ classifiers }: Pick<Candidate, 'classifiers'>): Promise<void> {
    for (const classifier of classifiers) {
      if (this.#passed.has(classifier)) continue;
      for (const index of classifier.bundle.card.golden.keys()) {
        const wrong = await wrongAnswer(classifier, index);
        if (wrong !== undefined)
          throw new ConfigurationError(`${wrong}: choose another device, or copy the bundle again`);
      }
      this.#passed.add(classifier);
    }
    this.#verified = true;
  }

  /** A real operation on the device. Rejects when it has failed so often that only a new process can help. */
  async beat(): Promise<void> {
    try {
      await this.#devices.eachInUse(async (classifier) => {
        const wrong = await wrongAnswer(classifier, 0);
        if (wrong !== undefined) throw new Error(wrong);
      });
      this.#heartbeats++;
      this.#failures = 0;
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = `The device does not work: ${error instanceof Error ? error.message : String(error)}`;
      if (++this.#failures >= hopeless) throw error;
    }
  }
}

async function wrongAnswer({ bundle: { card }, session }: Classifier, index: number): Promise<string | undefined> {
  const golden = card.golden[index];
  if (!golden) return undefined;
  const { width, height } = card.input;
  const { logits } = await session.classify([goldenInput(golden.input, 3 * width * height)]);
  const { passed, difference, tolerance } = judgeGolden(card, golden, logits[0] ?? new Float32Array());
  if (passed) return undefined;
  return `the golden test of ${card.name} must agree to ${tolerance}, but differs by ${difference.toPrecision(3)} on this device`;
}
