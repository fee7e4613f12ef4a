import { Counter, Gauge } from 'prom-client';
import type { GroupContext } from './group.ts';
import { logLevels, reloadResults, type LogLevel, type ReloadResult } from './labels.ts';
import { metricName } from './names.ts';

/** The program itself: its configuration and its log. */
export interface ProgramMetrics {
  /** A reload ended at `unixSeconds` (wall clock, seconds since 1970). */
  configReloaded(result: ReloadResult, unixSeconds: number): void;
  logged(level: LogLevel): void;
}

export function createProgramMetrics({ registry }: Pick<GroupContext, 'registry'>): ProgramMetrics {
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
    configReloaded: (result, unixSeconds) => {
      reloads.inc({ result });
      if (result !== 'rejected') lastSuccess.set(unixSeconds);
    },
    logged: (level) => messages.inc({ level }),
  };
}
