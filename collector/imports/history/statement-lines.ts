/** Statement lines as history needs them: what the store has, and in a dry run what an import has just read instead. */
import { daysAfter } from '../days.ts';
import type { StatementLine, StatementText } from '../statement-line.ts';
import type { NewDay, StatementReader, StatementStore } from '../statements.ts';
import type { HistoryLine } from './amounts.ts';

const TEXTS = [
  ...(['user', 'workspace', 'model', 'region', 'provider', 'costType'] as const),
  ...(['tokenClass', 'serviceTier', 'speed', 'contextWindow', 'inferenceGeo'] as const),
] satisfies readonly StatementText[];

/** What `runImport` uses of a store. */
export type ImportStore = Pick<StatementStore, 'days' | 'beginRun' | 'replaceDay' | 'putNames' | 'endRun'>;

/** Days that an import has read. */
export class ReadDays {
  readonly #days = new Map<string, NewDay>();

  /** The same store, watched. */
  watching(store: ImportStore): ImportStore {
    return {
      days: (range) => store.days(range),
      beginRun: (...begun) => store.beginRun(...begun),
      endRun: (...ended) => store.endRun(...ended),
      putNames: (names) => store.putNames(names),
      replaceDay: (given) => {
        const day = { ...given, lines: [...given.lines] };
        this.#days.set(keyOf(day), day);
        return store.replaceDay(day);
      },
    };
  }

  has = (day: { readonly account: string; readonly day: string }): boolean => this.#days.has(keyOf(day));
  all = (): readonly NewDay[] => [...this.#days.values()];
}

const keyOf = ({ account, day }: { readonly account: string; readonly day: string }): string => `${account}\n${day}`;

export interface SourceDays {
  /** Days in UTC of which all that the source will say is there, in order. */
  readonly days: readonly string[];
  readonly linesOf: (day: string) => Promise<readonly HistoryLine[]>;
}

/** Of all accounts of a source. `read`: goes before what the store has. */
export async function sourceDays(source: string, store: Pick<StatementReader, 'days' | 'sums'>, read: ReadDays): Promise<SourceDays> {
  const isComplete = new Map<string, boolean>();
  const know = (day: string, complete: boolean): unknown => isComplete.set(day, complete && isComplete.get(day) !== false);
  for (const day of await store.days({ from: '', to: '~', sources: [source] })) if (!read.has(day)) know(day.day, day.isComplete);
  for (const { day, isComplete: complete } of read.all()) know(day, complete);
  return {
    days: [...isComplete].flatMap(([day, complete]) => (complete ? [day] : [])).sort(),
    linesOf: async (day) => [
      ...(await storedLines(source, store, read, day)),
      ...read.all().flatMap((one) => (one.day === day ? [...one.lines].map((line) => ({ ...line, day })) : [])),
    ],
  };
}

async function storedLines(source: string, store: Pick<StatementReader, 'sums'>, read: ReadDays, day: string): Promise<HistoryLine[]> {
  const by = ['account', ...TEXTS] as const;
  const to = daysAfter(day, 1);
  const sums = await store.sums({ from: day, to, sources: [source], by });
  return sums.flatMap(({ key: [account = '', ...texts], totals }) => {
    if (read.has({ account, day })) return [];
    const said = TEXTS.flatMap((name, index) => (texts[index] === '' ? [] : [[name, texts[index]]]));
    const { estimated, tokens, requests } = totals;
    const line: StatementLine = { ...Object.fromEntries(said), estimated, tokens: numberOf(tokens), requests: numberOf(requests) };
    return [{ ...line, day }];
  });
}

const numberOf = (count: bigint | undefined): number | undefined => (count === undefined ? undefined : Number(count));
