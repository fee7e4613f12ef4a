/** The report as a browser lays it out; needs `chromium` on the PATH and says so where it is absent. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { escape } from '../../../src/output/report/html.ts';
import { reportHtml } from '../../../src/output/report/report.ts';
import { example } from './example.ts';

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);
const where = chromium === undefined ? 'in Chromium (skipped: chromium is not installed)' : 'in Chromium';

/** Width that the page needs in a window of `width`; a frame, since a window has a least width. */
function neededWidth(html: string, width: number): number {
  const directory = mkdtempSync(join(tmpdir(), 'edge-cls-chromium-'));
  try {
    const path = join(directory, 'frame.html');
    const measure = 'document.body.dataset.width = frame.contentDocument.documentElement.scrollWidth';
    writeFileSync(
      path,
      `<iframe id="frame" style="border:0;width:${width}px;height:800px" srcdoc="${escape(html)}"></iframe>` +
        `<script>frame.onload = () => { ${measure} }</script>`,
    );
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--user-data-dir=${join(directory, 'profile')}`,
    ];
    const dom = execFileSync(chromium!, [...flags, '--virtual-time-budget=5000', '--dump-dom', `file://${path}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 28,
    });
    return Number(/data-width="(\d+)"/.exec(dom)?.[1]);
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

describe.skipIf(chromium === undefined)(where, () => {
  it.each([360, 1280])('should fit a screen %i wide', async (width) => {
    expect(neededWidth(await reportHtml(example), width)).toBe(width);
  });
});
