/** Node.js, memory and clock. */
import type { Finding } from './finding.ts';

const mebibyte = 1024 ** 2;
/** What a fit with a large classifier may take. */
const comfortableMemory = 1536 * mebibyte;
/** Time zones and files that were copied without their times explain this much. */
const clockToleranceMs = 24 * 3600 * 1000;

/** `needed`: the range of package.json, such as `>=20.19`. */
export function nodeFinding(version: string, needed: string, cores: number): Finding {
  const least = needed.replace(/^\D+/, '');
  const says = `Node.js ${version} on ${process.platform} ${process.arch}, ${cores} ${cores === 1 ? 'core' : 'cores'}`;
  return isAtLeast(version, least)
    ? { check: 'node', verdict: 'ok', says }
    : { check: 'node', verdict: 'failed', says: `${says}; it must be ${least} or newer: install a newer one` };
}

/** Bytes that this process could still take, under a container's limit too. */
export function memoryFinding(available: number): Finding {
  const says = `${Math.floor(available / mebibyte)} MiB of memory are available`;
  return available >= comfortableMemory
    ? { check: 'memory', verdict: 'ok', says }
    : {
        check: 'memory',
        verdict: 'note',
        says: `${says}; fitting an adapter may take ${comfortableMemory / mebibyte} MiB: close other programs before it`,
      };
}

/** A box without a battery starts in 1970 or at its last shutdown; then times in events are wrong and TLS fails. */
export function clockFinding(now: Date, programFrom: Date): Finding {
  const time = now.toISOString();
  return now.getTime() >= programFrom.getTime() - clockToleranceMs
    ? { check: 'clock', verdict: 'ok', says: time }
    : {
        check: 'clock',
        verdict: 'failed',
        says: `the clock must be right, but it says ${time}, before this program was installed (${programFrom.toISOString()}): set it, or start a time service (systemd-timesyncd, chrony)`,
      };
}

function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
