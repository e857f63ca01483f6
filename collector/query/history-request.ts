/** History that an import brings: what users spent on days without telemetry, as adjustments. What a request says, and the entries it becomes. */
import { z } from 'zod';
import { DIMENSION_NAMES, MEASURE_NAMES, MEASURES, type MeasureName } from '../catalog/measures.ts';
import { SOURCE_COSTS } from '../catalog/sources.ts';
import { normalizeUser } from '../catalog/values.ts';
import { HOUR_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { PICO_PER_USD, type PicoUsd, parseUsd, RECORD_USD_MAX } from '../core/money.ts';
import type { Directory } from '../directory/directory.ts';
import { adjustmentIdentity } from '../ledger/adjustments.ts';
import type { Amounts, AppendOutcome, Entry } from '../ledger/entry.ts';
import { importId } from '../ledger/session-owners.ts';

/** In one request: with all they may say they fit into its body. */
const ADJUSTMENTS_MAX = 100;
const TEXT_MAX = 200;
const COST_MAX = BigInt(RECORD_USD_MAX) * PICO_PER_USD;
/** Noon UTC is of the same day in nearly all time zones. */
const NOON_MS = 12 * HOUR_MS;

const OWN_FIELDS: readonly MeasureName[] = ['cost', ...SOURCE_COSTS, 'cost_list'];
/** Latencies are of single requests, and counted by the ledger. */
const isAmount = (name: MeasureName): boolean => !OWN_FIELDS.includes(name) && !/_le_\d+_ms$/.test(name);
const AMOUNTS = MEASURE_NAMES.filter(isAmount);
/** `user` and `origin` are said once for all. */
const DIMENSIONS = DIMENSION_NAMES.filter((name) => name !== 'user' && name !== 'origin');

const usd = z.string().regex(/^-?\d{1,7}(\.\d{1,12})?$/, 'must be a decimal string in USD, such as "-1.25"');
const text = z.string().max(TEXT_MAX);

const adjustmentSchema = z.strictObject({
  id: text.min(1).describe('What makes it recognizable within its source: sent again, it has no effect. Another amount is another id.'),
  day: z.iso
    .date()
    .describe('UTC.')
    .meta({ examples: ['2026-10-03'] }),
  user: text.optional().describe('Omitted: not known.'),
  cost: usd.optional().describe('To book; negative takes back.'),
  list: usd.optional().describe('At list price.'),
  amounts: z
    .partialRecord(z.enum(AMOUNTS), z.union([z.int(), usd]))
    .optional()
    .describe('By measure: whole numbers, decimal strings for money. Negative takes back.'),
  dimensions: z.partialRecord(z.enum(DIMENSIONS), text).optional().describe('Under which it is booked, beside user and origin.'),
});

export const historySchema = z
  .strictObject({
    source: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'must be a name such as "litellm"')
      .describe('Which import brings it: the dimension origin.'),
    adjustments: z.array(adjustmentSchema).min(1).max(ADJUSTMENTS_MAX),
  })
  .meta({ id: 'ImportedHistory' });
type History = z.infer<typeof historySchema>;

export const historyAnswer = z
  .object({
    appended: z.int(),
    duplicates: z.int().describe('Known before: without effect.'),
    conflicts: z.int().describe('Known before with other amounts: without effect.'),
    expired: z.int().describe('Of days whose entries were removed because of their age: without effect.'),
  })
  .meta({ id: 'ImportedHistoryOutcome' });

export const HISTORY_EXAMPLE =
  '{"source": "litellm", "adjustments": [{"id": "2026-10-03 ada", "day": "2026-10-03", "user": "ada@example.com", "cost": "1.25", "dimensions": {"model": "claude-opus-5-5"}}]}';

/** How the ledger knows users. */
export interface HistoryNames {
  /** As the ledger spells a user. */
  readonly storedUser: (user: string) => string;
  /** See Directory. */
  readonly canonical: Directory['canonical'];
}

/** Throws `invalid`, naming the place. */
export function historyEntries(body: unknown, names: HistoryNames): readonly Entry[] {
  const { data, error } = historySchema.safeParse(body);
  if (data !== undefined) return data.adjustments.map((one) => entryOf(data.source, one, names));
  const { path, message } = error.issues[0] ?? { path: [], message: 'is not understood' };
  throw refused(`${path.join('.') || 'The body'}: ${message}.`);
}

export const historyOutcome = ({ appended, duplicates, conflicts, expired }: AppendOutcome) => ({ appended, duplicates, conflicts, expired });

function entryOf(
  source: string,
  { id, day, user = '', cost, list, ...rest }: History['adjustments'][number],
  { storedUser, canonical }: HistoryNames,
): Entry {
  const named = normalizeUser(user);
  const timeMs = Date.parse(day) + NOON_MS;
  const owner = named === '' ? '' : storedUser(canonical(named, timeMs));
  return {
    // By the name that is given, so that an alias that is known later makes nothing new of it.
    sessionId: importId(source, named === '' ? '' : storedUser(named), day),
    identity: adjustmentIdentity('history', `${source}\n${id}`),
    timeMs,
    source: 'events',
    cost: moneyOf(cost),
    listCost: moneyOf(list),
    amounts: amountsOf(rest.amounts),
    dimensions: { ...rest.dimensions, ...(owner !== '' && { user: owner }), origin: source },
    isAdjustment: true,
  };
}

function moneyOf(text = '0'): PicoUsd {
  const amount = parseUsd(text);
  if (amount === undefined || amount > COST_MAX || amount < -COST_MAX) throw refused(`${text} is beyond ${RECORD_USD_MAX} USD.`);
  return amount;
}

function amountsOf(given: History['adjustments'][number]['amounts'] = {}): Amounts {
  const amounts: Amounts = {};
  for (const name of AMOUNTS) {
    const value = given[name];
    if (value === undefined) continue;
    if ((typeof value === 'string') !== (MEASURES[name].unit === 'usd'))
      throw refused(`amounts.${name}: money is a decimal string, all else a number.`);
    const amount = typeof value === 'string' ? Number(moneyOf(value)) : value;
    if (!Number.isSafeInteger(amount)) throw refused(`amounts.${name}: ${value} is too much for one adjustment.`);
    amounts[name] = amount;
  }
  return amounts;
}

const refused = (message: string): LedgerlineError => new LedgerlineError('invalid', message, { hint: `Example: ${HISTORY_EXAMPLE}` });
