/** The Debian package: the program below /usr/lib/edge-cls, its units where packages put them. */
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { debianDirectory } from '../../src/daemon/systemd/install/debian-directory.ts';
import { wrapper } from '../../src/daemon/systemd/install/wrapper.ts';
import { oldestNode, type Release } from './target.ts';

const program = '/usr/bin/edge-cls';

export async function debianPackage(tree: string, made: string, release: Release, maintainer: string): Promise<void> {
  const { architecture, work, time } = release;
  const root = join(work, `debian-${architecture.debian}`);
  await installFiles(tree, root);
  await writeControl(root, release, maintainer);
  await execa('chmod', ['--recursive', 'u=rwX,go=rX', root]);
  await execa('find', [root, '-exec', 'touch', '--no-dereference', `--date=@${time}`, '{}', '+']);
  const name = `edge-cls_${debianVersion(release.version)}_${architecture.debian}.deb`;
  // More threads than one would give other bytes on a machine with other cores.
  const build = ['--root-owner-group', '-Zxz', '--threads-max=1', '--build', root, join(made, name)];
  await execa('dpkg-deb', build, { env: { SOURCE_DATE_EPOCH: String(time) } }).catch(absentTool);
}

async function installFiles(tree: string, root: string): Promise<void> {
  const library = join(root, debianDirectory);
  await cp(tree, library, { recursive: true });
  const put = async (path: string, text: string | Buffer, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    await chmod(join(root, path), mode);
  };
  const shipped = (path: string) => readFile(join(tree, path), 'utf8');

  await put(program, wrapper('/usr/bin/node', join(debianDirectory, 'dist/main.js')), 0o755);
  for (const unit of ['edge-cls.service', 'edge-cls-adapt@.service', 'edge-cls-adapt@.timer']) {
    const text = await shipped(`systemd/${unit}`);
    await put(`/usr/lib/systemd/system/${unit}`, text.replaceAll('/usr/local/bin/edge-cls', program));
  }
  for (const kind of ['sysusers.d', 'tmpfiles.d']) {
    await put(`/usr/lib/${kind}/edge-cls.conf`, await shipped(`systemd/${kind}/edge-cls.conf`));
  }
  await put('/usr/share/man/man1/edge-cls.1.gz', gzipSync(await shipped('dist/man/edge-cls.1'), { level: 9 }));
  await put('/usr/share/doc/edge-cls/changelog.gz', gzipSync(await shipped('CHANGELOG.md'), { level: 9 }));
  await put(
    '/usr/share/doc/edge-cls/copyright',
    `${await shipped('LICENSE')}\n\n${await shipped('dist/licences.txt')}\n`,
  );
}

async function writeControl(root: string, release: Release, maintainer: string): Promise<void> {
  const files = await filesBelow(root);
  const sums: string[] = [];
  let bytes = 0;
  for (const path of files) {
    bytes += (await stat(join(root, path))).size;
    sums.push(
      `${createHash('md5')
        .update(await readFile(join(root, path)))
        .digest('hex')}  ${path}`,
    );
  }
  const control = join(root, 'DEBIAN');
  await mkdir(control);
  await writeFile(join(control, 'md5sums'), `${sums.join('\n')}\n`);
  await writeFile(join(control, 'control'), controlText(release, maintainer, Math.ceil(bytes / 1024)));
  for (const script of ['postinst', 'prerm', 'postrm']) {
    await cp(join(import.meta.dirname, 'debian', script), join(control, script));
    await chmod(join(control, script), 0o755);
  }
}

function controlText({ version, architecture }: Release, maintainer: string, kibibytes: number): string {
  return `Package: edge-cls
Version: ${debianVersion(version)}
Architecture: ${architecture.debian}
Maintainer: ${maintainer}
Installed-Size: ${kibibytes}
Depends: nodejs (>= ${oldestNode}), ffmpeg (>= 7:5.0), libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8)
Recommends: fonts-dejavu-core, perl-base | python3
Section: video
Priority: optional
Description: watches video streams and classifies what is on them
 A daemon for edge boxes: video of files and cameras, decoded by ffmpeg, goes
 through a frozen classifier; events, metrics and a page come out. Learned
 front ends fit any camera to the classifier.
 .
 The service is neither enabled nor started by the installation.
`;
}

/** What Debian takes in the field Maintainer: a name without a comma, and an address. */
export function isMaintainer(text: string): boolean {
  return /^[^\s<>,@](?:[^<>,@\n]*[^\s<>,@])? <[^\s<>@]+@[^\s<>@]+>$/.test(text);
}

/** Of npm's versions `1.0.0-rc.1` comes before `1.0.0`; of Debian's `1.0.0~rc.1` does. */
export function debianVersion(version: string): string {
  return version.replace('-', '~');
}

/** Sorted, relative to `root`. */
async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .sort();
}

function absentTool(cause: unknown): never {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
    throw new Error(
      'A .deb is made by the program dpkg-deb, which is not here: install the package dpkg, or --only tar',
    );
  }
  throw cause;
}
