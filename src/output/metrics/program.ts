import { Counter, Gauge } from 'prom-client';
import type { Clock } from '../../domain/clock.ts';
import { logLevels, reloadResults } from '../../domain/happening.ts';
import type { GroupContext, MetricGroup } from './group.ts';
import { metricName } from './names.ts';

/** The program itself: its configuration and its log. */
export function createProgramMetrics(
  { registry }: Pick<GroupContext, 'registry'>,
  clock: Pick<Clock, 'date'>,
): MetricGroup {
  const registers = [registry];
  const reloads = new Counter({
    name: metricName.configReloads,
    help: 'Times that the configuration was read again, by result.',
    labelNames: ['result'],
    registers,
  });
  const lastSuccess = new Gauge({
    name: metricName.configLastReloadSuccess,
    help: 'When the configuration was last read without an error, seconds since 1970.',
    registers,
  });
  const messages = new Counter({
    name: metricName.logMessages,
    help: 'Log messages, by level.',
    labelNames: ['level'],
    registers,
  });
  for (const result of reloadResults) reloads.inc({ result }, 0);
  for (const level of logLevels) messages.inc({ level }, 0);
  return {
    handlers: {
      config_reloaded: ({ result }) => {
        reloads.inc({ result });
        if (result !== 'rejected') lastSuccess.set(clock.date().getTime() / 1000);
      },
      logged: ({ level }) => messages.inc({ level }),
    },
  };
}
