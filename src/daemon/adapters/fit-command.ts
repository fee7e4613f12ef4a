import type { Config } from '../../config/schema.ts';
import type { FitCommand } from './fit-queue.ts';

export interface FitSettings {
  /** Directory with adapters, baselines and fits. */
  readonly state: string;
  readonly device: Config['device'];
  readonly configPath: string;
}

/** The device and the state are those of the service, also where its command line or the environment said so. */
export function fitCommand(stream: string, { state, device, configPath }: FitSettings): FitCommand {
  const options = ['--config', configPath, '--stream', stream, '--state', state];
  return {
    path: process.execPath,
    args: [...process.execArgv, process.argv[1] ?? '', 'adapt', '--offer', ...options],
    env: { ...process.env, EDGE_CLS_DEVICE: device },
  };
}
