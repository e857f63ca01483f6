/** The table of docs/guard.md: overshoot past a hard limit, for the client's intervals and numbers of sessions. */
import { overshoot, type Setting } from './overshoot-model.ts';

const SESSIONS = [1, 10, 100];
const RUNS = 200;
const [BEGIN, END] = ['<!-- overshoot: npm run overshoot -- --write -->', '<!-- overshoot end -->'];

/** As the collector and guard.sh have them. */
const REAL = { watch: 1, fresh: { usual: 15, near: 5 }, grace: 30 };
const SETTINGS: Readonly<Record<string, Setting>> = {
  'none: only what is under way': { metrics: undefined, events: 0, watch: 0, fresh: { usual: 0, near: 0 }, grace: 0 },
  'metrics 1 s, events 0.5 s': { metrics: 1, events: 0.5, ...REAL },
  'metrics 60 s, events 5 s (default)': { metrics: 60, events: 5, ...REAL },
  'metrics 60 s, no events': { metrics: 60, events: undefined, ...REAL },
  'default; spend read every 30 s': { metrics: 60, events: 5, ...REAL, watch: 30 },
};

const part = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);

function row(name: string, setting: Setting): string {
  const cells = SESSIONS.flatMap((sessions) => {
    const sorted = Array.from({ length: RUNS }, (_, run) => overshoot(sessions, setting, run * 1_000 + sessions)).sort((a, b) => a - b);
    return [part(sorted, 0.5), part(sorted, 0.9), part(sorted, 1)];
  });
  return `| ${[name, ...cells].join(' | ')} |`;
}

export function overshootSection(): string {
  const titles = SESSIONS.flatMap((sessions) => [`${sessions} session${sessions === 1 ? '' : 's'}: p50`, 'p90', 'max']);
  const head = [`| delays | ${titles.join(' | ')} |`, `| --- | ${titles.map(() => '---:').join(' | ')} |`];
  return [...head, ...Object.entries(SETTINGS).map(([name, setting]) => row(name, setting))].join('\n');
}

/** @throws where the page has no place for it. */
export function replaceSection(page: string, section: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/guard.md has no "${BEGIN}" with "${END}" below it.`);
  return `${page.slice(0, from)}${BEGIN}\n\n${section}\n\n${page.slice(to)}`;
}
