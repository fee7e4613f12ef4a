import type { DropReason } from '../../domain/frame.ts';

/**
 * The closed sets of label values. Whatever is open (URLs, addresses, process ids, classes)
 * is never a label: it would grow the number of series without end, and leak.
 */

export const dropReasons = [
  'stale',
  'backpressure',
  'corrupt',
  'decode_error',
  'rate_limit',
  'geometry',
] as const satisfies readonly DropReason[];

export const connectFailureReasons = [
  'dns',
  'refused',
  'timeout',
  'auth',
  'tls',
  'not_found',
  'codec',
  'busy',
  'eof',
  'other',
] as const;
export type ConnectFailureReason = (typeof connectFailureReasons)[number];

export const decoderRestartReasons = ['exited', 'stalled', 'resolution_change', 'requested', 'other'] as const;
export type DecoderRestartReason = (typeof decoderRestartReasons)[number];

export const streamStates = ['connecting', 'live', 'stalled', 'backing_off', 'disabled', 'failed'] as const;
export type StreamState = (typeof streamStates)[number];

export const stages = ['decode', 'frontend', 'backbone', 'postprocess', 'publish'] as const;
export type Stage = (typeof stages)[number];

export const eventFailureReasons = ['refused', 'timeout', 'rejected', 'full', 'io', 'other'] as const;
export type EventFailureReason = (typeof eventFailureReasons)[number];

export const adapterSwapResults = ['applied', 'rejected', 'rolled_back'] as const;
export type AdapterSwapResult = (typeof adapterSwapResults)[number];

export const reloadResults = ['applied', 'unchanged', 'rejected'] as const;
export type ReloadResult = (typeof reloadResults)[number];

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export const deviceRoles = ['decode', 'infer'] as const;
export type DeviceRole = (typeof deviceRoles)[number];
