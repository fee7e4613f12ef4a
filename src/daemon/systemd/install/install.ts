import { applyPlan } from './apply.ts';
import { describeStep } from './describe.ts';
import { installPlan, type PlanOptions } from './plan.ts';

export interface InstallOptions extends PlanOptions {
  /** Files go below this directory; `/` is the box itself. */
  readonly root: string;
  /** Say what would be done, and change nothing. */
  readonly dryRun: boolean;
  readonly print: (line: string) => void;
}

/**
 * `edge-cls install`: wrapper, groups, directories, configuration and units of the service.
 * The service is neither enabled nor started, and a configuration that is there is kept.
 *
 * @throws ConfigurationError when the service could not see Node.js or the package.
 * @throws UserError naming the step that failed, or that the Debian package has done it.
 */
export async function install({ root, dryRun, print, ...plan }: InstallOptions): Promise<void> {
  const steps = await installPlan(plan);
  if (dryRun) for (const step of steps) print(describeStep(step));
  else await applyPlan(steps, { root, onStep: (step, outcome) => print(describeStep(step, outcome)) });
  print('Next: put streams into /etc/edge-cls/config.yaml, then systemctl enable --now edge-cls');
}
