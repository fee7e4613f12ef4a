import { describe, expect, test } from 'vitest';
import { defaults } from '../../../src/config/defaults.ts';
import { DeviceCheck } from '../../../src/daemon/device/device-check.ts';
import { Devices } from '../../../src/daemon/device/devices.ts';
import { Happenings } from '../../../src/domain/happenings.ts';
import { loadBundle, type Bundle } from '../../../src/model/bundle.ts';
import { inlineEngine } from '../../support/inline-engine.ts';

const bundle = await loadBundle('efficientnet-lite0-imagenet');

/** The same classifier under a card that expects other answers: what a device that computes wrongly looks like. */
const wrong: Bundle = {
  ...bundle,
  card: {
    ...bundle.card,
    golden: bundle.card.golden.map((each) => ({ ...each, logits: each.logits.map((x) => x + 1) })),
  },
};

async function checked(of: Bundle): Promise<DeviceCheck> {
  const devices = new Devices(inlineEngine(), { batch: () => defaults.batch, happenings: new Happenings() });
  await devices.classifier(of);
  return new DeviceCheck(devices);
}

describe('the golden test of the device in use', () => {
  test('passes, and every heartbeat is counted', async () => {
    const check = await checked(bundle);
    expect(check.verified).toBe(false);
    await check.verify();
    await check.beat();
    await check.beat();
    expect(check).toMatchObject({ verified: true, heartbeats: 2, trouble: undefined });
  });

  test('does not pass on a device that computes otherwise; the third such heartbeat gives it up', async () => {
    const check = await checked(wrong);
    await expect(check.verify()).rejects.toThrow(/golden test of efficientnet-lite0-imagenet must agree/);
    expect(check.verified).toBe(false);
    await check.beat();
    await check.beat();
    expect(check.trouble).toMatch(/does not work/);
    await expect(check.beat()).rejects.toThrow(/differs by/);
    expect(check.heartbeats).toBe(0);
  });
});
