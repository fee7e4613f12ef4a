/** All packages of a release, those that the bundle holds and those beside it, as CycloneDX. */
import { createHash } from 'node:crypto';
import { execa } from 'execa';
import type { Release } from './target.ts';

interface Bom {
  serialNumber: string;
  metadata: { timestamp: string };
  components: { 'bom-ref': string }[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

/** `npm sbom` stamps the hour and a random number: here they follow from the commit and the contents. */
export async function billOfMaterials(dependencies: string, { version, time }: Release): Promise<string> {
  await execa('npm', ['pkg', 'set', `version=${version}`], { cwd: dependencies });
  const { stdout } = await execa('npm', ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'], {
    cwd: dependencies,
  });
  const bom = JSON.parse(stdout) as Bom;
  bom.metadata.timestamp = new Date(time * 1000).toISOString();
  bom.serialNumber = '';
  bom.components.sort(({ 'bom-ref': left }, { 'bom-ref': right }) => compare(left, right));
  bom.dependencies.sort(({ ref: left }, { ref: right }) => compare(left, right));
  for (const { dependsOn } of bom.dependencies) dependsOn?.sort(compare);
  bom.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(bom))}`;
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

/** Version 8 of RFC 9562: bits of the maker's own choosing. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** By code units, whatever the locale. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
