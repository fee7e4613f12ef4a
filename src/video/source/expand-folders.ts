/** A folder as sources: each of its videos is one, its pictures together are another. */
import { basename, dirname, resolve } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import { hasImageExtension } from '../picture/image-codec.ts';
import { folderFiles, statsOf } from './folder-files.ts';
import { isVideoFile } from './video-file.ts';

export interface ExpandOptions {
  /** Whether videos in sub-folders are taken, too; pictures are at any depth. */
  readonly recursive?: boolean;
  /** What the user writes to have them; nothing where a verb has no such option. */
  readonly recursiveOption?: string;
}

export interface ExpandedSources {
  /** As `parseSource` reads them. */
  readonly sources: readonly ExpandedSource[];
  /** What is passed over, a sentence for each folder. */
  readonly notices: readonly string[];
}

export interface ExpandedSource {
  readonly source: string;
  /** It is on the disk, by this name. */
  readonly isPath: boolean;
}

/**
 * What is no folder, and a folder in which there is no video, stays as it is.
 *
 * Throws a UsageError for a folder whose videos all lie in sub-folders, where those were not asked for.
 */
export function expandFolders(sources: readonly string[], options: ExpandOptions = {}): ExpandedSources {
  const notices: string[] = [];
  const expanded = sources.flatMap((source): ExpandedSource[] => {
    const kind = statsOf(source);
    if (kind?.isDirectory() !== true) return [{ source, isPath: kind !== undefined }];
    const contents = folderContents(resolve(source), options.recursive ?? false);
    const { videos, pictures } = contents;
    const passedOver = passedOverText(contents, options);
    if (videos.length === 0 && pictures === 0) {
      if (contents.deeper === 0) return [{ source, isPath: true }];
      throw new UsageError(`the folder ${source} must hold videos or pictures, but there are only ${passedOver}`);
    }
    if (passedOver !== '') notices.push(`of the folder ${source} are passed over: ${passedOver}`);
    return [
      ...(pictures > 0 ? [{ source, isPath: true }] : []),
      ...videos.map((video) => ({ source: video, isPath: true })),
    ];
  });
  return { sources: expanded, notices };
}

interface FolderContents {
  readonly videos: readonly string[];
  readonly pictures: number;
  /** Videos in sub-folders that are not taken. */
  readonly deeper: number;
  /** Files that are neither. */
  readonly others: number;
}

function folderContents(folder: string, recursive: boolean): FolderContents {
  const files = folderFiles(folder);
  const rest = files.filter((file) => !hasImageExtension(file));
  const all = rest.filter(isVideoFile);
  const videos = all.filter((file) => recursive || dirname(file) === folder);
  return {
    videos,
    pictures: files.length - rest.length,
    deeper: all.length - videos.length,
    others: rest.length - all.length,
  };
}

function passedOverText({ deeper, others }: FolderContents, { recursiveOption }: ExpandOptions): string {
  const hint = recursiveOption === undefined ? 'name those folders to take them' : `${recursiveOption} takes them`;
  return [
    ...(deeper > 0 ? [`${count(deeper, 'video')} in sub-folders (${hint})`] : []),
    ...(others > 0 ? [`${count(others, 'file')} that ${others === 1 ? 'is' : 'are'} neither video nor picture`] : []),
  ].join(', ');
}

/** Why a folder without pictures is no single source. */
export function noPicturesText(folder: string): string {
  const [video, ...more] = folderFiles(folder).filter(isVideoFile);
  if (video === undefined) {
    return `the folder ${folder} must hold pictures (jpg, png, webp, bmp, tiff) or videos, but holds none`;
  }
  return (
    `the folder ${folder} must hold pictures to be one source, but holds ${count(more.length + 1, 'video')}: ` +
    `name one, such as ${basename(video)}; edge-cls run takes the folder, too`
  );
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
