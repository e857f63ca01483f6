/** The short form of the cases becomes OTLP in the JSON form; what a case does not say is as the client sends it. */
export type Scalar = string | number | boolean;
type Plain = Readonly<Record<string, Scalar>>;

interface Altered {
  /** Attributes beside or instead of the client's. `{user}` and `{session}` in a value stand for the case's own. */
  readonly set?: Plain;
  readonly drop?: readonly string[];
  /** Attributes by AnyValue, for values that are none. */
  readonly raw?: Readonly<Record<string, object>>;
}

interface CaseEvent extends Altered {
  /** Milliseconds after the base; without it the event has no time. */
  readonly at?: number;
  /** Only the attribute event.timestamp. */
  readonly stamp?: number;
}

interface CasePoint extends Altered {
  readonly metric?: string;
  readonly temporality?: 1 | 2;
  readonly at?: number;
  /** A second before the base where there is a time; null for none. */
  readonly start?: number | null;
  readonly value: number;
}

interface Group {
  /** Attributes of the resource beside the client's. */
  readonly resource?: Plain;
  readonly rawResource?: Readonly<Record<string, object>>;
  /** The client's attributes that a hop moved from the records to the resource. */
  readonly moved?: readonly string[];
}

export interface Step {
  readonly unit?: 'ns' | 'us' | 'ms' | 's';
  readonly logs?: readonly (Group & { readonly events: readonly CaseEvent[] })[];
  /** A list of points is one metric. */
  readonly metrics?: readonly (Group & { readonly points: readonly (readonly CasePoint[])[]; readonly foreign?: object })[];
  /** What the partial success says. */
  readonly rejected?: string;
}

export interface Subject {
  readonly session: string;
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly baseMs: number;
}

const DIGITS_CUT = { ns: '000000', us: '000', ms: '', s: '' } as const;

export interface Attribute {
  readonly key: string;
  readonly value: object;
}

const toValue = (value: Scalar): object => {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};

const toAttributes = (plain: Plain): Attribute[] => Object.entries(plain).map(([key, value]) => ({ key, value: toValue(value) }));
const rawAttributes = (raw: Readonly<Record<string, object>> = {}): Attribute[] => Object.entries(raw).map(([key, value]) => ({ key, value }));

/** Builds the bodies of one case. */
export class CaseBodies {
  readonly #subject: Subject;
  readonly #unit: NonNullable<Step['unit']>;

  constructor(subject: Subject, unit: Step['unit']) {
    this.#subject = subject;
    this.#unit = unit ?? 'ns';
  }

  logs(groups: NonNullable<Step['logs']>): object {
    const resourceLogs = groups.map((group) => {
      const records = group.events.map((event) => ({ ...this.#times(event.at), attributes: this.#event(event) }));
      const scope = { name: 'com.anthropic.claude_code.events', version: '2.1.329' };
      const body = { stringValue: 'claude_code.api_request' };
      const { resource, items } = this.#move(group, records);
      return { resource, scopeLogs: [{ scope, logRecords: items.map((record) => ({ ...record, body })) }] };
    });
    return { resourceLogs };
  }

  metrics(groups: NonNullable<Step['metrics']>): object {
    const resourceMetrics = groups.map((group) => {
      const points = group.points.flat().map((point) => ({ ...this.#pointTimes(point), asDouble: point.value, attributes: this.#point(point) }));
      const { resource, items } = this.#move(group, points);
      const metrics = group.points.map((list) => ({ ...metricOf(list[0]), sum: { ...sumOf(list[0]), dataPoints: items.splice(0, list.length) } }));
      const scope = { name: 'com.anthropic.claude_code', version: '2.1.329' };
      return { resource, scopeMetrics: [{ scope, metrics: group.foreign === undefined ? metrics : [group.foreign, ...metrics] }] };
    });
    return { resourceMetrics };
  }

  #times(at: number | undefined): object {
    return at === undefined ? {} : { timeUnixNano: this.#time(at), observedTimeUnixNano: this.#time(at) };
  }

  #pointTimes({ at, start = at === undefined ? null : -1_000 }: CasePoint): object {
    return { ...(start !== null && { startTimeUnixNano: this.#time(start) }), ...(at !== undefined && { timeUnixNano: this.#time(at) }) };
  }

  #time(at: number): string {
    const ms = this.#subject.baseMs + at;
    return `${this.#unit === 's' ? ms / 1_000 : ms}${DIGITS_CUT[this.#unit]}`;
  }

  #event(event: CaseEvent): Attribute[] {
    const at = event.at ?? event.stamp ?? 0;
    return this.#altered(event, {
      'event.name': 'api_request',
      'event.timestamp': event.at === undefined && event.stamp === undefined ? '' : new Date(this.#subject.baseMs + at).toISOString(),
      'event.sequence': at,
      'session.id': this.#subject.session,
      'user.id': `id-${this.#subject.user}`,
      'user.email': this.#subject.user,
      model: 'claude-opus-5-5',
      input_tokens: 100,
      output_tokens: 50,
      cache_read_tokens: 0,
      cache_creation_tokens: 0,
      cost_usd: 0.25,
      duration_ms: 900,
      request_id: `req_${this.#subject.session}_${at}`,
      query_source: 'repl_main_thread',
    });
  }

  #point(point: CasePoint): Attribute[] {
    const owner = { 'session.id': this.#subject.session, 'user.id': `id-${this.#subject.user}`, 'user.email': this.#subject.user };
    return this.#altered(point, point.metric === undefined ? { ...owner, model: 'claude-opus-5-5', query_source: 'main' } : owner);
  }

  #altered({ set = {}, drop = [], raw }: Altered, own: Plain): Attribute[] {
    const { user, session } = this.#subject;
    const fill = (value: Scalar): Scalar =>
      typeof value === 'string' ? value.replace('{user}', user).replace('{USER}', user.toUpperCase()).replace('{session}', session) : value;
    const plain = Object.entries({ ...own, ...set }).map(([name, value]) => [name, fill(value)] as const);
    const replaced = new Set([...drop, ...Object.keys(raw ?? {})]);
    return [...toAttributes(Object.fromEntries(plain.filter(([name]) => !replaced.has(name)))), ...rawAttributes(raw)];
  }

  #move<Item extends { readonly attributes: Attribute[] }>({ resource = {}, rawResource, moved = [] }: Group, items: readonly Item[]) {
    const own = { 'service.name': 'claude-code', 'service.version': '2.1.329', 'os.type': 'linux', ...resource };
    const [first] = items;
    const attributes = [...toAttributes(own), ...rawAttributes(rawResource), ...(first?.attributes ?? []).filter(({ key }) => moved.includes(key))];
    return {
      resource: { attributes },
      items: items.map((item) => ({ ...item, attributes: item.attributes.filter(({ key }) => !moved.includes(key)) })),
    };
  }
}

const metricOf = (point: CasePoint | undefined): object => ({
  name: `claude_code.${point?.metric ?? 'cost.usage'}`,
  unit: point?.metric ? '' : 'USD',
});
const sumOf = (point: CasePoint | undefined): object => ({ aggregationTemporality: point?.temporality ?? 1, isMonotonic: true });
