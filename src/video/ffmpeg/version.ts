/** Version of an ffmpeg, from its banner. */
export type FfmpegVersion = readonly [major: number, minor: number];

export const oldestVersion: FfmpegVersion = [5, 0];

/** libavformat 59 came with ffmpeg 5, 60 with 6, and so on: builds from git name no release. */
const formatMajorOffset = 54;

/** Reads the output of `ffmpeg -version`; undefined where it is not one. */
export function parseVersion(banner: string): FfmpegVersion | undefined {
  const release = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(banner);
  if (release) return [Number(release[1]), Number(release[2])];
  if (!banner.startsWith('ffmpeg version ')) return undefined;
  const library = /^libavformat\s+(\d+)\./m.exec(banner);
  return library ? [Number(library[1]) - formatMajorOffset, 0] : undefined;
}

export function isAtLeast(version: FfmpegVersion, least: FfmpegVersion): boolean {
  return version[0] > least[0] || (version[0] === least[0] && version[1] >= least[1]);
}
