import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../domain/clock.ts';
import type { DisposeStack } from '../../domain/dispose-stack.ts';
import type { Happenings } from '../../domain/happenings.ts';
import { serviceLog, type Log } from '../../output/log-happenings.ts';
import { createLogger } from '../../output/logger.ts';

/** The log of a service, on standard error: what happens, and what nobody has caught, which ends the program (`main.ts`). */
export function openServiceLog({ level, format }: Config['log'], happenings: Happenings, stack: DisposeStack): Log {
  const automatic = process.env['JOURNAL_STREAM'] !== undefined ? 'journal' : process.stderr.isTTY ? 'text' : 'json';
  const log = createLogger({
    level,
    clock: systemClock,
    format: format === 'auto' ? automatic : format,
    write: (line) => process.stderr.write(line),
    onMessage: (written) => happenings.tell({ type: 'logged', level: written }),
  });
  happenings.subscribe(serviceLog(log));
  const fault = (error: unknown) => log.fatal({ err: error }, 'a fault of edge-cls, please report it');
  process.prependListener('uncaughtException', fault);
  stack.defer(() => process.off('uncaughtException', fault));
  return log;
}
