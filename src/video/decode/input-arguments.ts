/** ffmpeg's arguments up to and with `-i`. */
import { encodedAddress } from '../source/address.ts';
import type { SourceSpec } from '../source/source-spec.ts';
import type { ImageCodec } from '../picture/image-codec.ts';

/**
 * Where ffmpeg itself gives up on a silent network, seconds. Our own limits are shorter by default: they know that it
 * was silence, while ffmpeg speaks of invalid data.
 */
const networkTimeoutSeconds = 20;

/** Pictures of one codec under names that ffmpeg cannot misread: `000000.img`, `000001.img`, … */
export interface ImageSequence {
  readonly directory: string;
  readonly codec: ImageCodec;
}

export function inputArguments(spec: SourceSpec, images?: ImageSequence): string[] {
  switch (spec.kind) {
    case 'file':
      // The prefix keeps names with a colon, a percent sign or a leading dash what they are.
      return ['-i', `file:${spec.path}`];
    case 'image':
    case 'folder':
      return images ? imageArguments(images) : ['-i', `file:${spec.path}`];
    case 'rtsp':
      // TCP: lost UDP packets make smeared pictures, which a classifier would believe.
      return [
        ...(spec.live ? live : []),
        '-rtsp_transport',
        'tcp',
        '-timeout',
        microseconds(networkTimeoutSeconds),
        '-i',
        encodedAddress(spec.url),
      ];
    case 'http':
      return [
        ...(spec.live ? live : []),
        '-rw_timeout',
        microseconds(networkTimeoutSeconds),
        '-i',
        encodedAddress(spec.url),
      ];
    case 'pipe':
      return ['-i', 'pipe:0'];
    case 'device':
      return ['-f', 'v4l2', '-i', spec.path];
  }
}

/**
 * Damaged packets are thrown away, and so are frames whose references are missing. Without
 * `nobuffer`: it throws away what was read to recognise the stream, which may be all there is. No
 * frames are read to find out the rate: at 5 a second that alone takes three seconds of each start.
 */
const live = ['-fflags', '+discardcorrupt', '-flags:v', '-output_corrupt', '-fpsprobesize', '0'];

/**
 * One picture a second: the presentation time of a frame is then the number of its file. One that can be decoded in part
 * only gives no frame.
 */
function imageArguments({ directory, codec }: ImageSequence): string[] {
  if (codec === 'heif') return ['-err_detect', 'explode', '-f', 'mov', '-i', `${directory}/000000.img`];
  return [
    // TIFF: a tag that is not known, such as the orientation, would be an error; what is cut off is one in any case.
    ...(codec === 'tiff' ? [] : ['-err_detect', 'explode']),
    '-f',
    'image2',
    '-framerate',
    '1',
    '-start_number',
    '0',
    '-c:v',
    codec,
    '-i',
    `${directory}/%06d.img`,
  ];
}

function microseconds(seconds: number): string {
  return String(seconds * 1_000_000);
}
