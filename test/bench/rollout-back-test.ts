/**
 * Prints how forecasts of a roll-out did over four months of the demo's organization: what was forecast from one part of it against what the rest then cost.
 *   npm run back-test
 */
import { configSchema } from '../../collector/config/config.ts';
import type { CalendarOptions } from '../../collector/core/calendar.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { type Band, forecastRollout } from '../../collector/query/rollout/forecast.ts';
import { readPilot } from '../../collector/query/rollout/pilot.ts';
import { createDemoFeed } from '../support/demo-feed.ts';
import { openTestLedger } from '../support/sqlite-ledger.ts';

const PEOPLE = 60;
const CALENDAR: CalendarOptions = { timeZone: 'UTC', weekStart: 'monday' };
const FIRST = '2026-07-01';
const MONTHS = ['2026-07', '2026-08', '2026-09', '2026-10'];
const WHOLE_PICO = 1_000_000_000_000n;

const ms = (date: Temporal.PlainDate): number => date.toZonedDateTime('UTC').epochMilliseconds;
const firstOf = (month: string): Temporal.PlainDate => Temporal.PlainDate.from(`${month}-01`);

interface Case {
  readonly pilot: readonly string[];
  readonly planned: readonly string[];
  readonly from: Temporal.PlainDate;
  readonly start: Temporal.PlainDate;
}

interface Outcome {
  readonly band: Band;
  readonly actual: bigint;
}

async function outcomeOf(ledger: LedgerReader, { pilot: names, planned, from, start }: Case): Promise<Outcome | undefined> {
  const pilot = await readPilot(ledger, {
    where: [{ dimension: 'user', values: names }],
    range: { fromMs: ms(from), toMs: ms(start) },
    calendar: CALENDAR,
    headcount: names.length,
  });
  const plan = { users: planned.length, start, ramp: [], mix: [], headcount: undefined, timeZone: 'UTC' };
  const { forecast, schedule } = await forecastRollout(pilot, plan);
  const [band, month] = [forecast?.months[0], schedule.months[0]];
  if (band === undefined || month === undefined) return undefined;
  const { totals } = await ledger.query({
    ...{ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', rowsMax: 1, where: [{ dimension: 'user', values: planned }] },
    ...{ fromMs: ms(month.first), toMs: ms(month.last.add({ days: 1 })) },
  });
  return { band, actual: totals[0] ?? 0n };
}

function report(title: string, outcomes: readonly (Outcome | undefined)[]): void {
  const known = outcomes.filter((outcome) => outcome !== undefined);
  const share = (is: (outcome: Outcome) => boolean): string => `${known.filter(is).length} of ${known.length}`;
  const ratios = known.map(({ band, actual }) => Number(actual) / Number(band.p50)).sort((a, b) => a - b);
  const at = (rank: number): string => (ratios[Math.floor((ratios.length - 1) * rank)] ?? Number.NaN).toFixed(2);
  const width = known.reduce((sum, { band }) => sum + Number(band.p90) / Number(band.p50), 0) / known.length;
  console.log(
    `| ${title} | ${share(({ band, actual }) => actual <= band.p90)} | ${share(({ band, actual }) => actual <= band.p50)} | ${width.toFixed(2)} | ${at(0)} to ${at(1)} | ${outcomes.length - known.length} |`,
  );
  if (process.argv.includes('--all')) {
    for (const { band, actual } of known) console.log(`  ${band.p50 / WHOLE_PICO} ${band.p90 / WHOLE_PICO} ${actual / WHOLE_PICO}`);
  }
}

const ledger = await openTestLedger();
try {
  const feed = createDemoFeed({ config: configSchema.parse({}), ledger: ledger.writer, people: PEOPLE, fromMs: ms(firstOf(MONTHS[0] ?? FIRST)) });
  for (let day = Temporal.PlainDate.from(FIRST); ms(day) <= ms(firstOf('2026-11')); day = day.add({ days: 1 })) await feed.sendUntil(ms(day));
  const { rows } = await ledger.reader.query({
    ...{ measures: ['cost'], by: ['user', 'team'], grain: 'total', timeZone: 'UTC', rowsMax: 1_000, where: [] },
  });
  const known = rows.map(({ key: [user = '', team = ''] }) => ({ user, team })).filter(({ user }) => user !== '');
  const users = [...new Set(known.map(({ user }) => user))].sort();
  const teams = [...Map.groupBy(known, ({ team }) => team).values()].map((own) => own.map(({ user }) => user));
  const all = async (title: string, cases: readonly Case[]): Promise<void> => {
    const outcomes: (Outcome | undefined)[] = [];
    for (const one of cases) outcomes.push(await outcomeOf(ledger.reader, one));
    report(title, outcomes);
  };
  console.log(`${users.length} users, teams of ${teams.map(({ length }) => length).join(', ')}`);
  console.log('| Case | Below p90 | Below p50 | p90 / p50 | Actual / p50 | Refused |\n| --- | --- | --- | --- | --- | --- |');
  const halves = (groups: readonly (readonly string[])[]): Case[] =>
    MONTHS.flatMap((month) => groups.map((pilot) => ({ pilot, planned: pilot, from: firstOf(month), start: firstOf(month).add({ days: 15 }) })));
  await all('A team: the rest of its month, from the first 15 days', halves(teams));
  await all('Everybody: the rest of the month, from the first 15 days', halves([users]));
  for (const parts of [10, 6, 3, 2]) {
    const cases = MONTHS.slice(2).flatMap((month) =>
      Array.from({ length: parts }, (_, part): Case => {
        const pilot = users.filter((_user, index) => index % parts === part);
        return { pilot, planned: users.filter((user) => !pilot.includes(user)), from: firstOf(month).subtract({ days: 56 }), start: firstOf(month) };
      }),
    );
    await all(
      `${Math.floor(users.length / parts)} users: the next month of the other ${users.length - Math.floor(users.length / parts)}, from 8 weeks`,
      cases,
    );
  }
} finally {
  await ledger.destroy();
}
