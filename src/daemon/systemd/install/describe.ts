import type { Outcome } from './apply.ts';
import type { Step } from './plan.ts';

/** One line for a step that would be, or was, carried out. */
export function describeStep(step: Step, outcome?: Outcome): string {
  const prefix = outcome === undefined ? '' : `${outcome.padEnd(9)} `;
  switch (step.kind) {
    case 'directory':
      return `${prefix}directory ${step.path} (mode ${octal(step.mode)})`;
    case 'file':
      return `${prefix}file      ${step.path} (mode ${octal(step.mode)}${step.keep ? ', kept if it is there' : ''})`;
    case 'command':
      return `${prefix}command   ${step.command.join(' ')} (${step.why})`;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
