/** Reports as one HTML file that needs nothing else: charts as SVG, pictures within, no network. */
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import type { Report } from './data.ts';

/** The whole file as text. The charting library is loaded only now: no other verb waits for it. */
export async function reportHtml(report: Report): Promise<string> {
  const { page } = await import('./page.ts');
  return page(report);
}

/** Throws what the file system throws; see `writeFileAtomic`. */
export async function writeReport(path: string, report: Report): Promise<void> {
  await writeFileAtomic(path, await reportHtml(report));
}
