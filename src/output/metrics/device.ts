import { Gauge } from 'prom-client';
import type { GroupContext, MetricGroup } from './group.ts';
import { metricName } from './names.ts';

export interface Build {
  readonly version: string;
  readonly commit: string;
}

/** What runs where. Devices are kinds (`cpu`, `cuda`, `webgpu`, `vaapi`), not serial numbers. */
export function createDeviceMetrics({ registry }: Pick<GroupContext, 'registry'>, build: Build): MetricGroup {
  const registers = [registry];
  const inUse = new Gauge({
    name: metricName.device,
    help: 'The device in use, by role: always 1.',
    labelNames: ['role', 'device'],
    registers,
  });
  const required = new Gauge({
    name: metricName.deviceRequired,
    help: 'The device that the configuration requires, by role: always 1; absent when any will do.',
    labelNames: ['role', 'device'],
    registers,
  });
  new Gauge({
    name: metricName.build,
    help: 'The version and the commit that run: always 1.',
    labelNames: ['version', 'commit'],
    registers,
  }).set({ version: build.version, commit: build.commit }, 1);
  const setInUse = oneDevicePerRole(inUse);
  const setRequired = oneDevicePerRole(required);
  return {
    handlers: {
      decoder_chosen: ({ hardware }) => setInUse('decode', hardware),
      device_chosen: ({ device, required: wanted }) => {
        setInUse('infer', device);
        if (wanted !== undefined) setRequired('infer', wanted);
      },
    },
  };
}

type DeviceRole = 'decode' | 'infer';

function oneDevicePerRole(gauge: Gauge<'role' | 'device'>) {
  const current = new Map<DeviceRole, string>();
  return (role: DeviceRole, device: string) => {
    const before = current.get(role);
    if (before !== undefined) gauge.remove({ role, device: before });
    current.set(role, device);
    gauge.set({ role, device }, 1);
  };
}
