/** Writes and activates one adapter after the other in the directory that is named, until it is killed. */
import { AdapterStore } from '../../src/model/adapter-store.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { geometryOf, randomAdapter } from './front-end.ts';

const store = new AdapterStore(process.argv[2] ?? '', systemClock);
const geometry = geometryOf(150, 150, [1, 2], [1, 2], 'zero');
const bundleDigest = `sha256:${'ab'.repeat(32)}`;
const target = { stream: 'door', bundleDigest, geometryKey: geometryKey(geometry) };

for (let seed = 1; ; seed++) {
  const { id } = await store.add({ weights: randomAdapter(seed), bundleDigest, geometry, provenance: { seed } });
  await store.activate(target, id, 'a test');
  if (seed === 3) process.stdout.write('running\n');
}
