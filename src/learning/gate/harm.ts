/** Whether a front end does harm where it runs: what is gained is not asked, since frames may be good just now. */
import { agreementCheck, confidenceCheck, farOff, verdict, type Check, type GateInput, type Verdict } from './gate.ts';

/** The statistics' distance may grow by this share, and by this much, which chance explains over some dozen frames. */
const slack = { share: 0.1, distance: 0.02 };
/** Mean confidence may fall by this much; by more beside a front end that is far off, whose confidence is worth less. */
const confidenceSlack = { near: 0.02, far: 0.05 };

/**
 * `previous`: the front end beside it, which it is to replace or has replaced; both of the same frames. Adopted
 * unless it takes the statistics away from their target, is less confident, or contradicts sure answers.
 */
export function judgeRunning(input: GateInput): Verdict {
  const allowed = confidenceSlack[farOff(input.previous) ? 'far' : 'near'];
  return verdict([distanceCheck(input), confidenceCheck(input, allowed), agreementCheck(input)]);
}

/** Share of the frames that both give the same label, 0 to 1. */
export function agreement({ previous, candidate }: GateInput): number {
  const same = previous.predictions.filter(({ label }, i) => candidate.predictions[i]?.label === label).length;
  return same / previous.predictions.length;
}

function distanceCheck({ previous, candidate }: GateInput): Check {
  const passed = candidate.distance <= (1 + slack.share) * previous.distance + slack.distance;
  return {
    name: 'statistics',
    passed,
    text:
      `the statistics' distance is ${candidate.distance.toFixed(3)}, beside ${previous.distance.toFixed(3)}` +
      (passed ? '' : ', and must not be larger'),
  };
}
