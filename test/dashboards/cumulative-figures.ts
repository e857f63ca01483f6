/** What a panel of cumulative spend must show, worked out from the ledger: at each midnight, and at both ends, of the time range and of the time before. */
import type { Filter } from '../../collector/catalog/values.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import type { Figures, Moment } from './ledger-figures.ts';

const DAY = 86_400_000;

/** "spent@unix seconds" and "previous@unix seconds" -> USD. For ranges of whole days that are no period of the calendar, and are over or end now. */
export async function cumulativeFigures(reader: LedgerReader, { range, where = [] }: Moment): Promise<Figures> {
  const { fromMs = 0, toMs = 0 } = range;
  const midnights = Array.from({ length: 1 + Math.floor((toMs - fromMs) / DAY) }, (_, day) => (Math.floor(fromMs / DAY) + 1 + day) * DAY);
  const instants = [...midnights.filter((ms) => ms < toMs), toMs];
  const length = toMs - fromMs;
  const figures = await Promise.all(
    instants.map(
      async (ms): Promise<[string, number][]> => [
        [`spent@${ms / 1000}`, await spent(reader, fromMs, ms, where)],
        [`previous@${ms / 1000}`, await spent(reader, fromMs - length, ms - length, where)],
      ],
    ),
  );
  return Object.fromEntries(figures.flat());
}

async function spent(reader: LedgerReader, fromMs: number, toMs: number, where: readonly Filter[]): Promise<number> {
  const { totals } = await reader.query({ measures: ['cost'], by: [], fromMs, toMs, grain: 'total', timeZone: 'UTC', where, rowsMax: 10 });
  return Number(totals[0] ?? 0n) / 1e12;
}
