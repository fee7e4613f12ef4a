import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Gauges of prom-client whose names end in `_total`, which Prometheus keeps for counters. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** `process_*` and `nodejs_*`: CPU, memory, descriptors, heap, garbage collection, event-loop lag. */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 });
  for (const name of misnamed) registry.removeSingleMetric(name);
}
