/** From frames to a front end that may be used, or to the reason why the old one stays. */
import { readFile } from 'node:fs/promises';
import { evidenceOf, type Evidence } from '../gate/evidence.ts';
import { judge, undamagedDistance, type Verdict } from '../gate/gate.ts';
import { ranking } from '../gate/ranking.ts';
import { sceneProblem } from '../gate/scene.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { GraphModel } from '../../onnx/model.ts';
import { decodeModel } from '../../onnx/wire.ts';
import { Observer, type Observation } from '../statistics/observe.ts';
import { closedFormCandidates, noiseOf, otherContrasts, type NamedWeights } from './candidates.ts';
import type { FitDirectory } from './fit-directory.ts';
import { DivergedError, type LearningRate } from './fit.ts';
import { splitFrames, type Split } from './split.ts';
import { runStage, type DecidedStage, type Objective, type StageParts, type StageSettings } from './stages.ts';

export interface AdaptOptions extends StageParts {
  readonly targetKind: 'labels' | 'baseline' | 'card';
  /** Class rates of the stream's good time, where a baseline has them. */
  readonly expectedRates?: readonly number[] | undefined;
  /** The front end that is in use. */
  readonly previous: AdapterWeights;
  /** Where fitting begins; undefined: at the closed form, by way of the candidates in closed form. */
  readonly init?: AdapterWeights | undefined;
  /** Stages in their order; none: the candidates in closed form alone. */
  readonly stages: readonly Objective[];
  readonly settings: StageSettings;
  /** Of stages, in multiples of the steps of `settings`; 1 where there is none. */
  readonly lengths?: Readonly<Partial<Record<Objective, number>>> | undefined;
  /** Of stages whose rate is known, where `settings` has none. */
  readonly learningRates?: Readonly<Partial<Record<Objective, LearningRate>>> | undefined;
  readonly budgetSeconds: number;
  /** Of each stage, in a fit that is repeated. */
  readonly decided?: Readonly<Partial<Record<Objective, DecidedStage>>> | undefined;
  /** Fit and adopt whatever the gate says. */
  readonly force: boolean;
  readonly directory: FitDirectory;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: AdaptProgress) => void;
}

export interface AdaptProgress {
  /** What is being done. */
  readonly what: string;
  readonly done?: number;
  readonly total?: number;
  readonly seconds?: number;
  readonly loss?: number;
  /** Steps are on the disk, from which the same fit goes on. */
  readonly kept?: boolean;
}

export interface Candidate extends NamedWeights {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

export interface StageOutcome extends DecidedStage {
  readonly stage: Objective;
  readonly framesPerSecond: number;
}

export interface AdaptOutcome {
  readonly adopted: Candidate | undefined;
  readonly reason: string;
  readonly before: Evidence;
  readonly candidates: readonly Candidate[];
  readonly stages: readonly StageOutcome[];
  readonly split: Split;
}

/** Frames in each run of the observers. */
const observedBatch = 4;
const checkpointSteps = 10;

/** Looks, fits and judges. Throws a UserError for what cannot be, and the signal's reason. */
export async function adapt(options: AdaptOptions): Promise<AdaptOutcome> {
  const { engine, bundle, geometry } = options;
  const classifier = decodeModel(await readFile(bundle.modelPath));
  const common = { classifier, card: bundle.card, geometry, batch: observedBatch };
  await using whole = await Observer.load(engine, { ...common, logits: true });
  await using stem = await Observer.load(engine, { ...common, logits: false });
  return await new Adaptation({ ...options, classifier }, whole, stem).run();
}

class Adaptation {
  readonly #options: AdaptOptions & { readonly classifier: GraphModel };
  readonly #whole: Observer;
  readonly #stem: Observer;
  readonly #split: Split;
  readonly #startedAt: number;
  readonly #candidates: Candidate[] = [];
  readonly #stages: StageOutcome[] = [];
  #lookSeconds = 0;
  #noise: ReturnType<typeof noiseOf> | undefined;

  constructor(options: AdaptOptions & { readonly classifier: GraphModel }, whole: Observer, stem: Observer) {
    this.#options = options;
    this.#whole = whole;
    this.#stem = stem;
    this.#split = splitFrames(options.frames.length);
    this.#startedAt = options.clock.now();
  }

  async run(): Promise<AdaptOutcome> {
    const { previous, reference, force, targetKind, frames } = this.#options;
    const observation = await this.#look('the front end in use', previous);
    const before = this.#evidence(observation);
    const problem =
      sceneProblem(observation, { totalFrames: frames.length, target: targetKind }) ?? this.#nothingToGain(before);
    if (problem !== undefined && !force) return this.#outcome(undefined, problem, before);
    if (previous !== reference) await this.#add([{ name: 'closed form', weights: reference }], before);
    for (const candidate of await this.#starts()) await this.#add([candidate], before);
    const stages = await this.#worthwhile();
    for (const [i, objective] of stages.entries()) {
      const fitted = await this.#stage(objective, 1 / (stages.length - i));
      if (fitted !== undefined) await this.#add([fitted, ...(await this.#otherContrasts(objective, fitted))], before);
    }
    return this.#decide(before);
  }

  #nothingToGain({ distance }: Evidence): string | undefined {
    if (this.#options.targetKind === 'labels' || this.#options.init !== undefined) return undefined;
    if (distance > undamagedDistance) return undefined;
    return (
      `there is nothing to gain: the statistics are ${distance.toFixed(3)} from their target, ` +
      `and up to ${undamagedDistance} is what undamaged frames have`
    );
  }

  async #starts(): Promise<NamedWeights[]> {
    const { init, reference, frames, target, signal, onProgress } = this.#options;
    if (init !== undefined) return [{ name: 'start', weights: init }];
    onProgress?.({ what: 'closed forms' });
    const parts = { observer: this.#stem, frames, indices: this.#split.fit, target, signal };
    const closedForms = await closedFormCandidates(reference, { ...parts, noise: await this.#noiseOf() });
    return closedForms.length > 0 ? closedForms : [{ name: 'closed form', weights: reference }];
  }

  /** Restoration teaches to undo noise: on other damage it was seen to make the front end worse, unless it is asked for. */
  async #worthwhile(): Promise<readonly Objective[]> {
    const { stages } = this.#options;
    if (stages.length < 2 || !stages.includes('restore')) return stages;
    return (await this.#noiseOf()) ? stages : stages.filter((stage) => stage !== 'restore');
  }

  #noiseOf(): ReturnType<typeof noiseOf> {
    return (this.#noise ??= noiseOf({ frames: this.#options.frames, indices: this.#split.fit }));
  }

  /** Goes on from the best candidate so far, for a share of the time that is left; undefined where it was not worth it, or diverged. */
  async #stage(objective: Objective, share: number): Promise<NamedWeights | undefined> {
    const { directory, settings, learningRates, signal, stages, onProgress } = this.#options;
    const start = this.#best();
    if (start === undefined) return undefined;
    const home = start.evidence.distance <= undamagedDistance;
    if (objective === 'restore' && home && stages.length > 1) return undefined;
    const decided = this.#options.decided?.[objective] ?? (await directory.decided(objective));
    const most = Math.ceil(settings.steps * (this.#options.lengths?.[objective] ?? 1));
    let steps = decided?.steps ?? most;
    const from = await directory.resume(objective);
    let kept = from !== undefined;
    try {
      const result = await runStage(this.#options, {
        objective,
        start: start.weights,
        indices: this.#split.fit,
        settings: { ...settings, steps: most, learningRate: settings.learningRate ?? learningRates?.[objective] },
        signal,
        secondsLeft: () => share * (this.#options.budgetSeconds - this.#seconds() - 1.3 * this.#lookSeconds),
        decided,
        onDecided: async (now) => {
          steps = now.steps;
          await directory.decide(objective, now);
        },
        from,
        onStep: async (record, state, seconds) => {
          directory.record({ stage: objective, ...record, seconds });
          if (record.step % checkpointSteps === 0 || record.step === steps) {
            await directory.save(objective, state);
            kept = true;
          }
          onProgress?.({ what: objective, done: record.step, total: steps, seconds, loss: record.loss, kept });
        },
      });
      const { weights, ...rest } = result;
      this.#stages.push({ stage: objective, ...rest });
      return { name: `${start.name} + ${objective}`, weights };
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      onProgress?.({ what: `${objective}: ${error.message}` });
      return undefined;
    }
  }

  /**
   * Alignment gives noisy frames the contrast of undamaged ones, the noise that is left included; labels need no such
   * help.
   */
  async #otherContrasts(objective: Objective, fitted: NamedWeights): Promise<NamedWeights[]> {
    if (objective === 'labels' || objective === 'match' || !(await this.#noiseOf())) return [];
    return otherContrasts(fitted, this.#options.target);
  }

  #decide(before: Evidence): AdaptOutcome {
    const adopted = this.#best(({ verdict }) => verdict.adopted || this.#options.force);
    if (adopted !== undefined) {
      const { adopted: passed, reason } = adopted.verdict;
      return this.#outcome(adopted, passed ? reason : `forced, where the gate says: ${reason}`, before);
    }
    const nearest = this.#best();
    const reason = nearest ? `${nearest.name}: ${nearest.verdict.reason}` : 'no candidate could be made';
    return this.#outcome(undefined, reason, before);
  }

  #best(allowed: (candidate: Candidate) => boolean = () => true): Candidate | undefined {
    const { expectedRates, bundle } = this.#options;
    const rates = expectedRates ?? bundle.card.statistics.labelRates;
    return best(this.#candidates.filter(allowed), ({ evidence }) => ranking(evidence, rates));
  }

  /** One front end, at one contrast or several: its statistics are those of the contrast at which they come nearest. */
  async #add(contrasts: readonly NamedWeights[], before: Evidence): Promise<void> {
    const { expectedRates } = this.#options;
    const seen: { candidate: NamedWeights; evidence: Evidence }[] = [];
    for (const candidate of contrasts) {
      seen.push({ candidate, evidence: this.#evidence(await this.#look(candidate.name, candidate.weights)) });
    }
    const distance = Math.min(...seen.map(({ evidence }) => evidence.distance));
    for (const { candidate, evidence } of seen) {
      const verdict = judge({ previous: before, candidate: { ...evidence, distance }, expectedRates });
      this.#candidates.push({ ...candidate, evidence, verdict });
    }
  }

  async #look(name: string, weights: AdapterWeights): Promise<Observation> {
    const { frames, signal, onProgress, clock } = this.#options;
    onProgress?.({ what: `looking: ${name}` });
    const from = clock.now();
    const observation = await this.#whole.observe(frames, this.#split.held, weights, signal);
    this.#lookSeconds = (clock.now() - from) / 1000;
    return observation;
  }

  #evidence(observation: Observation): Evidence {
    const { target, bundle, frames } = this.#options;
    const labels = frames.labels && this.#split.held.map((index) => frames.labels?.[index] ?? -1);
    return evidenceOf(observation, target, bundle.card.output, labels);
  }

  #outcome(adopted: Candidate | undefined, reason: string, before: Evidence): AdaptOutcome {
    return { adopted, reason, before, candidates: this.#candidates, stages: this.#stages, split: this.#split };
  }

  #seconds(): number {
    return (this.#options.clock.now() - this.#startedAt) / 1000;
  }
}

function best<T>(items: readonly T[], score: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (leader, item) => (leader === undefined || score(item) > score(leader) ? item : leader),
    undefined,
  );
}
