/** ffmpeg: the one in use, what it decodes, and what it could decode in hardware. */
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { listHardwareMethods } from '../../video/ffmpeg/capabilities.ts';
import { configuredFfmpeg } from '../../daemon/configured-parts.ts';
import type { Finding } from './finding.ts';

/** What cameras and files have beyond the decoders without which `findFfmpeg` refuses; the first that is there counts. */
const further = { AV1: ['libdav1d', 'av1'], VP9: ['vp9', 'libvpx-vp9'], VP8: ['vp8', 'libvpx'], 'MPEG-4': ['mpeg4'] };

/** Throws as `findFfmpeg` does. */
export async function ffmpegFinding(configured: string): Promise<Omit<Finding, 'check'>> {
  const ffmpeg = await configuredFfmpeg({ ffmpeg: { path: configured } });
  const methods = await listHardwareMethods(ffmpeg.path);
  const says =
    `${ffmpeg.version.join('.')} at ${ffmpeg.path} (${ffmpeg.report}); ` +
    `built for hardware decoding by ${methods.join(', ') || 'nothing'}`;
  const lacks = lacking(ffmpeg);
  return lacks.length === 0
    ? { verdict: 'ok', says }
    : { verdict: 'note', says: `${says}; it lacks ${lacks.join(', ')}` };
}

function lacking({ decoders, encoders }: Ffmpeg): string[] {
  const codecs = Object.entries(further).filter(([, names]) => !names.some((name) => decoders.has(name)));
  return [
    ...codecs.map(([codec]) => `a decoder of ${codec}`),
    ...(encoders.has('libx264') ? [] : ['libx264, which run --annotate uses']),
  ];
}
