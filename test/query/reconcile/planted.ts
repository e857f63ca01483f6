/** A few days made up with known differences: what every cause has to come to. Everything is planted, so nothing may remain. */
import type { Cause } from '../../../collector/query/reconcile/causes.ts';
import { type ByClass, NO_TOKENS, TOKEN_CLASSES, type TokenClass } from '../../../collector/query/reconcile/cell.ts';
import type { Mapping, Records, TelemetryRow } from '../../../collector/query/reconcile/cells.ts';
import type { EdgeLimit } from '../../../collector/query/reconcile/day-edge.ts';
import type { RatesOf, RecordLine } from '../../../collector/query/reconcile/records.ts';
import type { RecordDay } from '../../../collector/query/reconcile/sources.ts';
import type { Random } from '../../support/random.ts';

/** Pico-dollars for one token. */
export const RATES: ByClass = { input: 4_000_000n, output: 20_000_000n, cacheRead: 200_000n, cacheWrite5m: 5_000_000n, cacheWrite1h: 8_000_000n };

const BASES = ['cache_lifetime', 'price_date', 'promotion', 'iteration_bands', 'surcharge', 'client_version', 'advisor', 'unexplained'] as const;
const WORKSPACES = ['api', 'web'];
const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5'];
export const DAYS = ['2026-10-01', '2026-10-02', '2026-10-03', '2026-10-04'] as const;

/** What the provider's record says: lists and products, or amounts and tokens alone. */
export type RecordKind = 'analytics' | 'reports';

export interface Planted {
  readonly rows: readonly TelemetryRow[];
  readonly records: Records;
  readonly mapping: Mapping;
  readonly expected: ReadonlyMap<Cause, bigint>;
  readonly reported: bigint;
  readonly list: bigint;
  readonly billed: bigint;
  /** Something moves over the midnight before the third day alone. */
  readonly limitOf: EdgeLimit;
}

interface Place {
  readonly day: string;
  readonly workspace: string;
  readonly model: string;
}

const worth = (tokens: ByClass): bigint => TOKEN_CLASSES.reduce((sum, name) => sum + tokens[name] * RATES[name], 0n);
const plus = (one: ByClass, other: ByClass): ByClass =>
  Object.fromEntries(TOKEN_CLASSES.map((name) => [name, one[name] + other[name]])) as Record<TokenClass, bigint>;

/** Whole thousands: a tenth of every amount is whole, and a tenth of that. */
const someTokens = (random: Random, classes: readonly TokenClass[] = TOKEN_CLASSES): ByClass => ({
  ...NO_TOKENS,
  ...Object.fromEntries(classes.map((name) => [name, BigInt(1 + random.below(900)) * 1_000n])),
});

export class Planting {
  readonly #random: Random;
  readonly #kind: RecordKind;
  readonly #rows: TelemetryRow[] = [];
  readonly #lines: RecordLine[] = [];
  readonly #expected = new Map<Cause, bigint>();
  /** What the provider counts, by place. */
  readonly #counted = new Map<string, Place & { readonly tokens: ByClass }>();
  #reported = 0n;
  #list = 0n;
  #billed = 0n;

  constructor(random: Random, kind: RecordKind) {
    this.#random = random;
    this.#kind = kind;
  }

  plant(): Planted {
    for (const workspace of WORKSPACES) for (const model of MODELS) this.#plantDays(workspace, model);
    for (const place of this.#counted.values()) this.#bill(place);
    this.#plantOtherUsage();
    const sources = this.#kind === 'analytics' ? ['anthropic-analytics'] : ['anthropic-cost', 'anthropic-usage'];
    const days: RecordDay[] = DAYS.flatMap((day) =>
      sources.map((source) => ({
        source,
        account: '',
        day,
        hasBilled: source !== 'anthropic-usage',
        hasTokens: source !== 'anthropic-cost',
        isEmpty: false,
        isComplete: true,
      })),
    );
    return {
      ...{ rows: this.#random.shuffle(this.#rows), records: { lines: this.#random.shuffle(this.#lines), days } },
      mapping: { workspaceOf: (name) => (name.startsWith('wrkspc_') ? name.slice(7) : undefined), products: ['claude_code'], ratesOf },
      expected: new Map([...this.#expected].filter(([, amount]) => amount !== 0n)),
      ...{ reported: this.#reported, list: this.#list, billed: this.#billed },
      limitOf: (day) => (day === DAYS[2] ? 10n ** 20n : 0n),
    };
  }

  /** Of what moves money between list and bill, a day has nothing that another difference of its could be taken for. */
  #plantDays(workspace: string, model: string): void {
    const hasEdge = this.#random.chance(0.3);
    for (const day of DAYS) {
      const place = { day, workspace, model };
      for (let count = 1 + this.#random.below(3); count > 0; count -= 1) this.#plantRequests(place);
      if (hasEdge && (day === DAYS[1] || day === DAYS[2])) continue;
      if (this.#random.chance(0.4)) this.#plantMetricsAlone(place);
      if (this.#random.chance(0.3)) this.#plantMissing(place);
      else if (this.#random.below(10) < 3) this.#plantCovered(place);
    }
    if (hasEdge) this.#plantEdge(workspace, model);
  }

  #plantRequests(place: Place): void {
    const tokens = someTokens(this.#random);
    const isOdd = this.#random.chance(0.5);
    const basis = isOdd ? this.#random.pick(BASES) : 'list';
    const difference = isOdd ? BigInt(this.#random.below(2_000_000)) * 1_000_000n - 10n ** 12n : 0n;
    this.#row(place, { basis, tokens, events: worth(tokens) + difference, reported: worth(tokens) + difference });
    if (basis !== 'list') this.#expect(basis, -difference);
    this.#count(place, tokens);
  }

  /** An interrupted request: the metric has its cost and its tokens, and there is no event. */
  #plantMetricsAlone(place: Place): void {
    const tokens = someTokens(this.#random, ['input', 'output']);
    this.#row(place, { basis: '', tokens, events: 0n, reported: worth(tokens), list: 0n });
    this.#expect('metrics_alone', -worth(tokens));
    this.#expect('metrics_counted', worth(tokens));
    this.#count(place, tokens);
  }

  #plantMissing(place: Place): void {
    const tokens = someTokens(this.#random, [this.#random.pick(TOKEN_CLASSES)]);
    this.#expect('missing_telemetry', worth(tokens));
    this.#count(place, tokens);
  }

  /** Telemetry has it on the second day, the provider on the third. */
  #plantEdge(workspace: string, model: string): void {
    const tokens = someTokens(this.#random, ['output']);
    this.#row({ day: DAYS[1], workspace, model }, { basis: 'list', tokens, events: worth(tokens), reported: worth(tokens) });
    this.#count({ day: DAYS[2], workspace, model }, tokens);
  }

  /** Of a seat: notional, and not in the record. */
  #plantCovered(place: Place): void {
    const tokens = someTokens(this.#random);
    this.#row(place, { basis: 'list', tokens, events: worth(tokens), reported: worth(tokens), isCovered: true });
    this.#expect('covered', -worth(tokens));
  }

  #row(
    place: Place,
    { events, reported, tokens, basis, isCovered = false, list = worth(tokens) }: Pick<TelemetryRow, 'basis' | 'tokens'> & RowAmounts,
  ): void {
    const sums = { reported, events, estimated: 0n, list, contracted: list - list / 10n, uncertain: 0n };
    this.#rows.push({ ...place, biller: 'anthropic', basis, isCovered, sums, tokens });
    this.#reported += reported;
    this.#list += list;
  }

  #count(place: Place, tokens: ByClass): void {
    const key = JSON.stringify(place);
    const known = this.#counted.get(key)?.tokens ?? NO_TOKENS;
    this.#counted.set(key, { ...place, tokens: plus(known, tokens) });
  }

  /** A tenth is taken off; some of it runs in the United States, for a tenth more. */
  #bill({ day, workspace, model, tokens }: Place & { readonly tokens: ByClass }): void {
    const isUs = this.#random.chance(0.3);
    for (const name of TOKEN_CLASSES) {
      const plain = tokens[name] * RATES[name];
      if (plain === 0n) continue;
      const list = isUs ? plain + plain / 10n : plain;
      const billed = list - list / 10n;
      this.#expect('regional', list - plain);
      this.#expect('agreed_discount', billed - list);
      this.#billed += billed;
      const texts = { day, workspace: `wrkspc_${workspace}`, model, inferenceGeo: isUs ? 'us' : '', tokenClass: WORDS[name] };
      if (this.#kind === 'analytics')
        this.#line({ ...texts, source: 'anthropic-analytics', product: 'claude_code', billed, list, tokens: tokens[name] });
      else {
        this.#line({ ...texts, source: 'anthropic-cost', costType: 'tokens', billed });
        this.#line({ ...texts, source: 'anthropic-usage', tokens: tokens[name] });
      }
    }
  }

  #plantOtherUsage(): void {
    const source = this.#kind === 'analytics' ? 'anthropic-analytics' : 'anthropic-cost';
    const other = (cause: Cause, texts: Partial<RecordLine>): void => {
      const billed = BigInt(1 + this.#random.below(1_000_000)) * 1_000_000n;
      this.#line({ source, day: DAYS[0], workspace: 'wrkspc_api', model: MODELS[0] ?? '', billed, ...texts });
      this.#expect(cause, billed);
      this.#billed += billed;
    };
    other('batch', { serviceTier: 'batch', costType: 'tokens' });
    other('server_tools', { costType: 'web_search' });
    other('agreed_discount', { costType: this.#random.pick(['edp_discount', 'private_rate_discount']) });
    other('credits', { costType: this.#random.pick(['credit', 'refund']), product: this.#random.pick(['', 'chat']) });
    if (this.#kind === 'analytics') other('other_products', { product: 'chat' });
  }

  #line(line: Partial<RecordLine>): void {
    this.#lines.push({ ...NO_TEXTS, ...line });
  }

  #expect(cause: Cause, amount: bigint): void {
    this.#expected.set(cause, (this.#expected.get(cause) ?? 0n) + amount);
  }
}

const SURCHARGED = Object.fromEntries(TOKEN_CLASSES.map((name) => [name, RATES[name] + RATES[name] / 10n])) as Record<TokenClass, bigint>;
const ratesOf: RatesOf = ({ inferenceGeo }) => ({ plain: RATES, surcharged: inferenceGeo === 'us' ? SURCHARGED : RATES });

interface RowAmounts {
  readonly events: bigint;
  readonly reported: bigint;
  readonly list?: bigint;
  readonly isCovered?: boolean;
}

const NO_TEXTS: RecordLine = {
  ...{
    source: '',
    account: '',
    day: '',
    workspace: '',
    model: '',
    provider: '',
    region: '',
    product: '',
    costType: '',
    tokenClass: '',
    serviceTier: '',
    speed: '',
  },
  ...{ contextWindow: '', inferenceGeo: '', billed: undefined, list: undefined, tokens: undefined },
};

/** As the provider's API calls them. */
const WORDS: Readonly<Record<TokenClass, string>> = {
  input: 'uncached_input_tokens',
  output: 'output_tokens',
  cacheRead: 'cache_read_input_tokens',
  cacheWrite5m: 'cache_creation.ephemeral_5m_input_tokens',
  cacheWrite1h: 'cache_creation.ephemeral_1h_input_tokens',
};
