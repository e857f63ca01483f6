/**
 * `npm run bench:query`: how long each question of the registry takes over a ledger of ten million entries, for who sees everything and for who
 * sees one team, and how fast all rows come out of it. `npm run bench:query -- --help` lists the flags.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchExports } from './export-rows.ts';
import { fill } from './fill.ts';
import { machine } from './page.ts';
import { openQuestions } from './question-setup.ts';
import { type Timed, timeQuestions } from './question-times.ts';
import { megabytes, ms, Report, whole } from './report.ts';

const HELP = `npm run bench:query -- [--quick] [--entries N] [--ledger FILE] [--times N]
  --quick        a small ledger and each question twice: to see that it runs, not to quote
  --entries N    entries of the ledger (10,000,000; 200,000 with --quick)
  --ledger FILE  keeps the ledger there, and asks one that is there already; its finest roll-up is made larger for the exports
  --times N      how often each question is put (9)`;

const PEOPLE = 2_000;
const DAYS = 90;
/** Noon of a working day. */
const NOW = Date.parse('2026-11-27T12:07:00Z');
const DAY_END = Date.parse('2026-11-27T23:59:59Z');
const EVERY_MS = 1_000;
const FAST_MS = 50;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    entries: { type: 'string' },
    ledger: { type: 'string' },
    times: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-bench-query-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const report = new Report();
const about = machine(folder);
const file = values.ledger ?? join(folder, 'ledger.sqlite');
fillOnce(Number(values.entries ?? (values.quick ? 200_000 : 10_000_000)));
await ask(Number(values.times ?? (values.quick ? 2 : 9)));
await benchExports({ file, rowsWanted: values.quick ? 200_000 : 10_000_000 }, report);
console.log(`## Aims, at work\n\n${report.aims}\n\n${about.join('\n')}\n- Load of the machine at the end: ${loadavg()[0]?.toFixed(1)}`);

function fillOnce(entries: number): void {
  if (existsSync(file)) return;
  let said = 0;
  const filled = fill(file, { people: PEOPLE, days: DAYS, entries, endMs: DAY_END }, ({ entries: done, seconds }) => {
    if (seconds - said < 10) return;
    said = seconds;
    report.say(`${whole(done)} of ${whole(entries)} entries`);
  });
  report.note(
    `${whole(filled.entries)} entries, ${whole(filled.sessions)} sessions: ${megabytes(statSync(file).size)} MB, filled in ${whole(filled.seconds)} s.`,
  );
}

async function ask(times: number): Promise<void> {
  const questions = await openQuestions(file, folder, NOW);
  const timed = await timeQuestions(questions, times);
  await questions.close();
  report.table(
    'Questions',
    ['ms', 'all: median', 'slowest', 'at work', 'one team: median', 'slowest', 'at work', 'over the floor'],
    timed.map(({ name, all, team, floorMs }) => [
      ...[name, ms(all.medianMs), ms(all.slowestMs), ms(all.busyMs), ms(team.medianMs), ms(team.slowestMs), ms(team.busyMs)],
      ...[(all.busyMs / floorMs).toFixed(1)],
    ]),
  );
  report.note(
    `Median of ${times}, with the first among them, in process. At work: what the whole process was, without waiting for a core that others hold. The floor is a query by team of this month, ${ms(timed[0]?.floorMs ?? 0)} ms at work.`,
  );
  for (const one of timed) report.aim(aimOf(one));
}

function aimOf({ name, isFast, all, team }: Timed) {
  const aimMs = isFast ? FAST_MS : EVERY_MS;
  const worst = Math.max(all.busyMs, team.busyMs);
  return { name, aim: `under ${whole(aimMs)} ms`, measured: `${ms(worst)} ms`, isMet: worst < aimMs };
}
