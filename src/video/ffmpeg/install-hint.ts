/** How to get ffmpeg on this system, in words that can be typed. */
import { readFileSync } from 'node:fs';

export function installHint(platform: NodeJS.Platform = process.platform, osRelease = readOsRelease()): string {
  if (platform === 'darwin') return 'brew install ffmpeg';
  if (platform === 'win32') return 'winget install Gyan.FFmpeg';
  const family = new Set(
    [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(([, ids = '']) => ids.split(' ')),
  );
  if (family.has('alpine')) return 'apk add ffmpeg';
  if (family.has('fedora') || family.has('rhel')) return 'dnf install ffmpeg (from RPM Fusion)';
  if (family.has('arch')) return 'pacman -S ffmpeg';
  if (family.has('debian') || family.has('ubuntu')) return 'apt install ffmpeg';
  return 'install the package ffmpeg of your distribution';
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
