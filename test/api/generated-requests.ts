/** Requests made from the OpenAPI document: such as must be answered, and such as are wrong in one place. */

import type { ApiDocument, Operation, Parameter } from '../../collector/api/reference/document.ts';
import { resolve } from '../../collector/api/reference/document.ts';
import { showValue } from '../../collector/catalog/values.ts';
import type { Random } from '../support/random.ts';

export interface GeneratedRequest {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  /** Name and value, in the order of the query string. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** What a mistake may make of a request, and the request that it was. */
export interface Mistake {
  readonly wrong: GeneratedRequest;
  readonly right: GeneratedRequest;
  readonly what: string;
}

/** One way at most says which time it is about. */
const TIMES = [
  ...[['month'], ['period'], ['from', 'to'], ['from'], ['to'], ['since', 'until'], ['since'], ['until'], ['from', 'until']],
  ...[['days'], ['weeks'], ['months'], ['session']],
];
const TIME_KEYS = [...new Set(TIMES.flat())];
/** One thing is compared at a time. */
const COMPARED = [['models'], ['teams'], ['users'], ['by', 'values'], ['periods']];
const COMPARED_KEYS = COMPARED.flat();

const STARTS = ['2026-10-01', '2026-09', 'now-30d', 'now-1M/M', 'last_month', '20261024', '2026-10-25T02:30', '2026-10-25T00:15:00Z', '2026-03-29'];
const ENDS = ['2026-11-20', 'now', '2026-12', '2026-11-15T10:15:00+05:45', 'today', '20261119'];

const POOLS: Readonly<Record<string, readonly string[]>> = {
  period: [
    'today',
    'yesterday',
    'this_week',
    'last-week',
    'this_month',
    'last_month',
    'this_quarter',
    'last_year',
    '24h',
    'last-30d',
    '7d',
    '2026-11',
    '2026-Q4',
    '2026',
  ],
  month: ['2026-11', '2026-10', '2025-12'],
  from: STARTS,
  since: STARTS,
  to: ENDS,
  until: ENDS,
  tz: ['UTC', 'Europe/Berlin', 'america/new_york', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', '+01:00', '-03:30'],
  measure: ['cost', 'tokens', 'requests', 'input_tokens'],
  models: ['all', 'claude-opus-5-5', 'claude-opus-5-5,claude-haiku-5-5'],
  teams: ['all', 'platform,search', 'platform,nowhere'],
  users: ['all', 'ada@example.com', 'Ada@Example.com,ben@example.com'],
  periods: ['last_month,this_month', '2026-10,2026-11', '2026-10-01..2026-10-15,2026-11-01..2026-11-15'],
  values: ['all', 'api,web', 'unallocated'],
  user: ['ada@example.com', 'nobody@example.com'],
  session: ['session-1', 'session-7', 'session-30'],
  key: ['platform', 'tokens', 'shared'],
  name: ['platform', 'everyone', 'tokens', 'shared'],
};

const FILTERS = {
  team: ['platform', 'search', '', 'nowhere'],
  user: ['ada@example.com', 'BEN@example.com', ''],
  model: ['claude-opus-5-5', 'claude-of-the-future'],
  workspace: ['api', 'web', ''],
  repository: ['example/api'],
} as const;

const OF_SESSIONS = ['sessions', 'usage_sessions', 'advice'];

const LIST_MAX: Readonly<Record<string, number>> = { spend: 5, breakdown: 3, export: 5 };

export class RequestGenerator {
  readonly #random: Random;
  readonly #document: ApiDocument;

  constructor(random: Random, document: ApiDocument) {
    this.#random = random;
    this.#document = document;
  }

  /** One that is right. */
  request(operation: Operation): GeneratedRequest {
    const { parameters = [], operationId } = operation;
    const chosen = this.#chosen(parameters, operationId);
    const query = parameters
      .filter(({ in: place, name }) => place === 'query' && chosen.has(name))
      .flatMap((parameter) => this.#values(parameter, operationId).map((value) => [parameter.name, value] as const));
    const path = parameters.filter(({ in: place }) => place === 'path').map((parameter) => [parameter.name, this.#one(parameter)] as const);
    return { operation, query: this.#random.shuffle(query), path: Object.fromEntries(path) };
  }

  #chosen(parameters: readonly Parameter[], id: string): ReadonlySet<string> {
    const random = this.#random;
    const names = parameters.map(({ name }) => name);
    const all = (group: readonly string[]): boolean => group.every((name) => names.includes(name));
    const time = random.chance(0.7) ? random.pick([[], ...TIMES.filter(all)]) : [];
    const compared = id === 'compare' && random.chance(0.8) ? random.pick(COMPARED) : [];
    const free = names.filter((name) => !TIME_KEYS.includes(name) && !(id === 'compare' && COMPARED_KEYS.includes(name)) && name !== 'cursor');
    const chosen = new Set([...free.filter(() => random.chance(0.4)), ...compared, ...(compared[0] === 'periods' ? [] : time)]);
    // A point is as wide as what is counted back by.
    if (['days', 'weeks', 'months'].some((name) => chosen.has(name)) || (id === 'trend' && time.length === 0)) chosen.delete('grain');
    if (chosen.has('session')) for (const name of ['tz', 'where']) chosen.delete(name);
    if (id === 'my_budget' || id === 'statusline') chosen.add('user');
    if (id === 'forecast_rollout') for (const name of ['pilot', 'users']) chosen.add(name);
    return chosen;
  }

  #values(parameter: Parameter, id: string): readonly string[] {
    const random = this.#random;
    const { name, schema, explode } = parameter;
    if (name === 'where' || name === 'pilot') return Array.from({ length: 1 + random.below(3) }, () => this.#filter(id));
    const list = explode === false ? resolve(schema.items ?? {}, this.#document).enum : undefined;
    if (list === undefined) return [this.#one(parameter)];
    return [Array.from({ length: 1 + random.below(LIST_MAX[id] ?? 1) }, () => String(random.pick(list))).join(',')];
  }

  #filter(id: string): string {
    // A session can have several models.
    const dimensions = (Object.keys(FILTERS) as (keyof typeof FILTERS)[]).filter((name) => name !== 'model' || !OF_SESSIONS.includes(id));
    const dimension = this.#random.pick(dimensions);
    return `${dimension}:${showValue(dimension, this.#random.pick<string>(FILTERS[dimension]))}`;
  }

  #one({ name, schema }: Parameter): string {
    // compare has a list of users; others count them.
    const pool = schema.type === 'integer' ? undefined : POOLS[name];
    if (pool !== undefined) return this.#random.pick(pool);
    if (schema.enum !== undefined) return String(this.#random.pick(schema.enum));
    const { minimum = 1, maximum = 50 } = schema;
    if (schema.type === 'integer') return String(minimum + this.#random.below(Math.min(maximum - minimum + 1, 50)));
    const examples = [...(schema.examples ?? []), ...(schema.default === undefined ? [] : [schema.default])];
    return String(this.#random.pick(examples));
  }

  /** Wrong in one place; undefined where there is no place for it. */
  mistake(right: GeneratedRequest): Mistake | undefined {
    const places = [...right.query.keys()];
    if (places.length === 0) return undefined;
    const at = this.#random.pick(places);
    const [name, value] = right.query[at] ?? ['', ''];
    const change = (pair: readonly [string, string], what: string): Mistake => ({
      what,
      right,
      wrong: { ...right, query: right.query.with(at, pair) },
    });
    const kind = this.#random.pick(['name', 'value', 'value', 'hostile', 'twice', 'unknown'] as const);
    if (kind === 'name') return change([this.#misspelt(name), value], `${name} misspelt`);
    if (kind === 'value') return change([name, this.#misspelt(value)], `value of ${name} misspelt`);
    if (kind === 'hostile') return change([name, this.#random.pick(HOSTILE)], `hostile ${name}`);
    const added = (pair: readonly [string, string], what: string): Mistake => ({ what, right, wrong: { ...right, query: [...right.query, pair] } });
    return kind === 'twice' ? added([name, value], `${name} twice`) : added(['zzz', value], 'an unknown parameter');
  }

  /** One slip of the keyboard. */
  #misspelt(text: string): string {
    const at = this.#random.below(Math.max(1, text.length - 1));
    const [before, first = '', second = '', after] = [text.slice(0, at), text[at], text[at + 1], text.slice(at + 2)];
    return this.#random.pick([
      `${before}${second}${first}${after}`,
      `${before}${first}${after}`,
      `${before}${first}${first}${second}${after}`,
      `${before}x${second}${after}`,
    ]);
  }
}

export const HOSTILE = [
  ...[
    '',
    ' ',
    '-1',
    '0',
    '1e9',
    '99999999999999999999',
    'NaN',
    'null',
    '[]',
    '{}',
    '__proto__',
    'constructor',
    "'; DROP TABLE entries; --",
    '<script>alert(1)</script>',
  ],
  ...[
    '%00',
    '\u0000',
    '\u{1F600}',
    '\u202Eabc',
    'é'.repeat(200),
    'x'.repeat(600),
    '../../etc/passwd',
    'a\r\nb: c',
    ',,,,',
    ':',
    'team:',
    ':x',
    'now-99999y',
    '0000-00-00',
  ],
];

export function addressOf({ operation, path, query }: GeneratedRequest, paths: ApiDocument['paths']): string {
  const template = Object.keys(paths).find((candidate) => paths[candidate]?.get === operation) ?? '';
  const address = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
  const search = query.map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`).join('&');
  return search === '' ? address : `${address}?${search}`;
}
