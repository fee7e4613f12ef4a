import { Gauge } from 'prom-client';
import type { GroupContext } from './group.ts';
import type { DeviceRole } from './labels.ts';
import { metricName } from './names.ts';

/** What runs where. Devices are kinds (`cpu`, `cuda`, `webgpu`, `vaapi`), not serial numbers. */
export interface DeviceMetrics {
  /** The device that is in use for the role; replaces the one before. */
  deviceInfo(role: DeviceRole, device: string): void;
  /** The device that the configuration asks for; not called for `auto`. */
  deviceRequired(role: DeviceRole, device: string): void;
  /** `gpu` is the index of the GPU, from "0". */
  gpuMemoryUsed(gpu: string, bytes: number): void;
  buildInfo(build: { readonly version: string; readonly commit: string }): void;
}

export function createDeviceMetrics({ registry }: Pick<GroupContext, 'registry'>): DeviceMetrics {
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
  const memory = new Gauge({
    name: metricName.gpuMemoryUsed,
    help: 'Memory in use on the GPU, bytes, by GPU index.',
    labelNames: ['gpu'],
    registers,
  });
  const build = new Gauge({
    name: metricName.build,
    help: 'The version and the commit that run: always 1.',
    labelNames: ['version', 'commit'],
    registers,
  });
  return {
    deviceInfo: oneDevicePerRole(inUse),
    deviceRequired: oneDevicePerRole(required),
    gpuMemoryUsed: (gpu, bytes) => memory.set({ gpu }, bytes),
    buildInfo: ({ version, commit }) => {
      build.reset();
      build.set({ version, commit }, 1);
    },
  };
}

function oneDevicePerRole(gauge: Gauge<'role' | 'device'>) {
  const current = new Map<DeviceRole, string>();
  return (role: DeviceRole, device: string) => {
    const before = current.get(role);
    if (before !== undefined) gauge.remove({ role, device: before });
    current.set(role, device);
    gauge.set({ role, device }, 1);
  };
}
