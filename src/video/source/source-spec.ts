/** What the user names as a source, and what kind of thing that is. */
import { statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../domain/errors.ts';
import { redact } from '../../domain/redact.ts';
import type { Part } from '../../domain/part.ts';
import { parseAddress } from './address.ts';
import { noPicturesText } from './expand-folders.ts';
import { folderFiles } from './folder-files.ts';
import { parsePipe, type PipeSpec } from './pipe-source.ts';
import { hasImageExtension, imageCodec, isAnimatedPng } from '../picture/image-codec.ts';

/** `live` sources set the pace themselves: who is late loses frames. An address may prove to have an end (`pace.ts`). */
export type SourceSpec =
  | ({ readonly kind: 'file'; readonly live: false; readonly path: string } & Parted)
  | {
      readonly kind: 'image' | 'folder';
      readonly live: false;
      readonly path: string;
      readonly files: readonly string[];
    }
  | ({ readonly kind: 'rtsp' | 'http'; readonly live: boolean; readonly url: string } & Parted)
  | ({ readonly kind: 'device'; readonly live: true; readonly path: string } & Parted)
  | (PipeSpec & Parted);

interface Parted {
  /** What is wanted of it; the whole by default. */
  readonly part?: Part;
}

const accepted =
  'a source must be a video file, a picture, a folder of pictures, an rtsp, rtsps, http or https address, a device /dev/video*, or a pipe (- is standard input)';

/**
 * Reads what stands on the command line or in the configuration.
 *
 * Throws a UsageError for an unknown kind of address, a path that is not there, and a folder
 * without pictures. Nothing is opened: whether a camera answers is seen by `probe`.
 */
export function parseSource(text: string): SourceSpec {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'rtsp':
    case 'rtsps':
      return { kind: 'rtsp', live: true, url: checkedUrl(text) };
    case 'http':
    case 'https':
      return { kind: 'http', live: true, url: checkedUrl(text) };
    case 'file':
      return parsePath(filePath(text), text);
    case undefined:
      return parsePath(text, text);
    default:
      throw new UsageError(`${accepted}, but was an address of kind ${scheme}: ${redact(text)}`);
  }
}

/** Whether the source sets the pace itself; nothing is opened or looked for. */
export function isLive(text: string): boolean {
  return /^(?:rtsps?|https?):\/\//i.test(text) || text.startsWith('/dev/video');
}

export type PicturesSpec = Extract<SourceSpec, { readonly kind: 'image' | 'folder' }>;

/** One picture or many, which have nothing to do with each other. */
export function isPictures(spec: SourceSpec): spec is PicturesSpec {
  return spec.kind === 'image' || spec.kind === 'folder';
}

/** The host of an address, with its port; for anything else the text itself. */
export function hostOfSource(text: string): string {
  const { host = '' } = parseAddress(text) ?? {};
  return host === '' ? text : host;
}

/** How a source is called in messages: never with a password in it. */
export function describeSource(spec: SourceSpec): string {
  return 'url' in spec ? redact(spec.url) : spec.path;
}

/**
 * Passwords with raw `/`, `#` or `@` are common, so this is laxer than the URL class. What it
 * refuses would end the address in a message, and so hide only the beginning of a password.
 */
function checkedUrl(text: string): string {
  // The whole text is an address: the user's part ends at its last @, whatever is in front.
  const shown = redact(text.replace(/^([a-z]+:\/\/).*@/is, '$1***@').replace(/[\s"<>].*$/s, '…'));
  if (/^[a-z]+:\/\/[^\s/?#]/i.test(text) && !/[\s"<>]/.test(text)) {
    if (parseAddress(text) !== undefined) return text;
    throw new UsageError(
      `the address ${shown} must not have an @ both in front of its host and behind: write the one that is no end of a password as %40, a / in a password as %2F`,
    );
  }
  throw new UsageError(
    `the address ${shown} must name a host and have no spaces, quotation marks or angle brackets: write them as %20, %22, %3C and %3E`,
  );
}

function filePath(text: string): string {
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw new UsageError(`the address ${redact(text)} must be file:// followed by an absolute path`, { cause });
  }
}

function parsePath(path: string, asGiven: string): SourceSpec {
  if (path === '') throw new UsageError(`${accepted}, but was empty`);
  const pipe = parsePipe(path);
  if (pipe !== undefined) return 'file' in pipe ? parsePath(pipe.file, asGiven) : pipe;
  const absolute = resolve(path);
  const stats = statsOf(absolute);
  if (absolute.startsWith('/dev/video')) return parseDevice(absolute, stats !== undefined);
  if (stats === undefined) {
    // What is no UTF-8 in a name has no spelling here.
    const why = absolute.includes('\ufffd') ? 'its name is no valid UTF-8' : 'there is no such file, folder or device';
    throw new UsageError(`the source ${redact(asGiven)} was not found: ${why}`);
  }
  if (stats.isDirectory()) return parseFolder(absolute);
  if (!stats.isFile()) throw new UsageError(`${accepted}, but ${asGiven} is none of these`);
  if (stats.size === 0) throw new UsageError(`the source ${asGiven} is empty: 0 bytes`);
  return imageCodec(absolute) !== undefined && !isAnimatedPng(absolute)
    ? { kind: 'image', live: false, path: absolute, files: [absolute] }
    : { kind: 'file', live: false, path: absolute };
}

/** Undefined where there is nothing; a link to nothing is nothing. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = { ELOOP: 'it is a link to itself', EACCES: 'a folder on its way may not be entered' }[code] ?? code;
    throw new UsageError(`the source ${path} cannot be opened: ${why}`, { cause });
  }
}

function parseDevice(path: string, exists: boolean): SourceSpec {
  if (!exists) {
    throw new UsageError(`the device ${path} was not found; \`ls /dev/video*\` shows those that are there`);
  }
  return { kind: 'device', live: true, path };
}

/** Pictures below the folder at any depth, in the order of their names. */
function parseFolder(path: string): SourceSpec {
  const files = folderFiles(path).filter(hasImageExtension);
  if (files.length === 0) {
    throw new UsageError(noPicturesText(path));
  }
  return { kind: 'folder', live: false, path, files };
}
