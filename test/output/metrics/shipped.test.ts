import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/output/metrics/metrics.ts';
import { metricName } from '../../../src/output/metrics/names.ts';
import { available } from './programs.ts';
import { asked, dashboard, queries, rules } from './shipped.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');
const rulesTest = 'test/output/metrics/rules/edge-cls.test.yaml';

/** Names that may be queried: those in the exposition, and those that a rule records. */
async function existing(): Promise<Set<string>> {
  const text = await createMetrics().text();
  const names = new Set(['up']);
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) names.add(`${name}_${part}`);
    else names.add(name);
  }
  for (const { record } of rules) if (record !== undefined) names.add(record);
  return names;
}

describe('alert rules and dashboard', () => {
  it('ask for metrics that exist', async () => {
    const names = await existing();
    expect(asked(queries).filter((name) => !names.has(name))).toEqual([]);
    expect(asked(rules.map(({ expr }) => expr)).filter((name) => !names.has(name))).toEqual([]);
    expect(asked(queries).length).toBeGreaterThan(30);
  });

  it('show every metric of the daemon on the dashboard but the two that only rules need', () => {
    const shown = asked(queries).join(' ');
    expect(Object.values(metricName).filter((name) => !shown.includes(name))).toEqual([
      'edge_cls_device_required_info',
      'edge_cls_config_last_reload_success_timestamp_seconds',
    ]);
  });

  it('lay panels out without overlap, within 24 columns', () => {
    const cells = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x, title).toBeLessThan(24);
          expect(cells.has(`${x},${y}`), title).toBe(false);
          cells.add(`${x},${y}`);
        }
      }
    }
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('test every alert', () => {
    const tests = read(rulesTest);
    for (const { alert } of rules) {
      if (alert === undefined) continue;
      expect(tests.match(new RegExp(`alertname: ${alert}\\b`, 'g'))?.length, alert).toBeGreaterThanOrEqual(2);
    }
  });

  const promtool = available('promtool');
  const absent = promtool ? '' : ' (promtool is absent)';

  it.skipIf(!promtool)(`pass promtool test rules${absent}`, () => {
    const run = spawnSync('promtool', ['test', 'rules', rulesTest], { cwd: root, encoding: 'utf8' });
    expect(run.stdout + run.stderr).toContain('SUCCESS');
    expect(run.status).toBe(0);
  });

  it.skipIf(!promtool)(`have queries that Prometheus can parse${absent}`, () => {
    const plain = queries.map((expr) => expr.replaceAll('$__rate_interval', '5m'));
    const folder = mkdtempSync(join(tmpdir(), 'edge-cls-dashboard-'));
    const file = join(folder, 'rules.yaml');
    const text = JSON.stringify({
      groups: [{ name: 'dashboard', rules: plain.map((expr, i) => ({ record: `query_${i}`, expr })) }],
    });
    writeFileSync(file, text);
    const run = spawnSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(run.stdout + run.stderr).toContain('SUCCESS');
    expect(run.status).toBe(0);
  });
});
