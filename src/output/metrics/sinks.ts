import { Counter } from 'prom-client';
import { sinkFailures, type Sink, type SinkCounts } from '../sinks/sink.ts';
import type { GroupContext } from './group.ts';
import { metricName } from './names.ts';

/** What sinks did with the records that they took. */
export interface SinkMetrics {
  /** At each scrape these are asked for their counts; nobody else counts for them. */
  read(sinks: CountedSinks): void;
}

interface CountedSinks {
  readonly all: readonly Pick<Sink, 'name' | 'counts'>[];
}

/** `sink` is a configured name, never an address. */
export function createSinkMetrics({ registry }: Pick<GroupContext, 'registry'>): SinkMetrics {
  let sinks: CountedSinks = { all: [] };
  const counter = (name: string, help: string, reasons: boolean, values: (counts: SinkCounts) => Values) =>
    new Counter({
      name,
      help,
      labelNames: ['sink', ...(reasons ? ['reason'] : [])],
      registers: [registry],
      collect() {
        this.reset();
        for (const sink of sinks.all) {
          for (const [labels, value] of values(sink.counts())) this.inc({ sink: sink.name, ...labels }, value);
        }
      },
    });
  counter(
    metricName.eventsPublished,
    'Events, and predictions where they are wanted, that a sink has delivered.',
    false,
    ({ delivered }) => [[{}, delivered]],
  );
  counter(
    metricName.eventsFailed,
    'Events and predictions that a sink tried to deliver in vain, by reason.',
    true,
    ({ failed }) => sinkFailures.map((reason) => [{ reason }, failed[reason]]),
  );
  counter(
    metricName.eventsLost,
    'Events and predictions that a sink did not try to deliver, as its reader was too slow or had gone.',
    false,
    ({ lost }) => [[{}, lost]],
  );
  return {
    read: (counted) => {
      sinks = counted;
    },
  };
}

type Values = readonly (readonly [Readonly<Record<string, string>>, number])[];
