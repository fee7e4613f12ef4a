/** What the rules and the dashboard that ship ask Prometheus for. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');
export const rulesFile = 'config/prometheus/edge-cls.rules.yaml';

interface Rules {
  groups: { rules: { alert?: string; record?: string; expr: string }[] }[];
}
interface Dashboard {
  templating: { list: { name: string; query: unknown }[] };
  panels: { id: number; title: string; gridPos: Grid; targets?: { expr: string }[] }[];
}
interface Grid {
  x: number;
  y: number;
  w: number;
  h: number;
}

export const rules = (parse(read(rulesFile)) as Rules).groups.flatMap((group) => group.rules);
export const dashboard = JSON.parse(read('config/grafana/edge-cls.json')) as Dashboard;
export const queries = dashboard.panels.flatMap((panel) => panel.targets ?? []).map(({ expr }) => expr);

/** The names in these expressions. */
export const asked = (expressions: readonly string[]) =>
  expressions.flatMap((expression) => expression.match(/\b(?:stream:)?(?:edge_cls|process|nodejs)_[\w:]+/g) ?? []);
