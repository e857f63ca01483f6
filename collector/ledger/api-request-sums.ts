/** What the API counted of one UTC day, compared with what clients reported of the same requests. Memory is that of the day's requests. */
import { HOUR_MS } from '../core/duration.ts';
import type { PicoUsd } from '../core/money.ts';
import type { ApiRequest, ApiRequestSum, ApiTokens, UncountedRequests } from './api-requests.ts';
import { idKeyIn } from './stand-ins.ts';

/** A client's event of a request and its span may have clocks of their own, and lie on two days: entries so long before and after it are reported, too. */
export const CLOCK_SLACK_MS = HOUR_MS;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Sum = Mutable<Omit<ApiRequestSum, 'tokens'>> & { readonly tokens: Mutable<ApiTokens> };

interface Reported {
  readonly identity: string;
  readonly cost: PicoUsd;
}

export class ApiRequestSums {
  readonly #dayMs: number;
  /** What clients report, by request. */
  readonly #reported = new Map<string, Reported>();
  readonly #sums = new Map<string, Sum>();

  constructor(dayMs: number) {
    this.#dayMs = dayMs;
  }

  /**
   * All that is reported comes before anything that is counted. A request of several entries (an event and its stand-in) counts as the first by its
   * identity that has a cost, in whatever order they come.
   */
  report(request: string, identity: string, cost: PicoUsd): void {
    const key = idKeyIn(request);
    if (key === undefined) return;
    const known = this.#reported.get(key);
    const isFirst = known === undefined || (cost !== 0n && (known.cost === 0n || identity < known.identity));
    if (isFirst) this.#reported.set(key, { identity, cost });
  }

  count({ request, organization, workspace, model, tokens, listCost }: Omit<ApiRequest, 'timeMs'>): void {
    const reportedCost = this.#reported.get(request)?.cost;
    const isReported = reportedCost !== undefined;
    const sum = this.#sums.getOrInsertComputed(JSON.stringify([organization, workspace, model, isReported]), () => ({
      ...{ dayMs: this.#dayMs, organization, workspace, model, isReported, requests: 0 },
      tokens: { input: 0, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 },
      ...{ listCost: 0n, unpricedRequests: 0, reportedCost: 0n },
    }));
    sum.requests++;
    sum.tokens.input += tokens.input;
    sum.tokens.output += tokens.output;
    sum.tokens.cacheRead += tokens.cacheRead;
    sum.tokens.cacheCreation5m += tokens.cacheCreation5m;
    sum.tokens.cacheCreation1h += tokens.cacheCreation1h;
    if (listCost === undefined) sum.unpricedRequests++;
    else sum.listCost += listCost;
    sum.reportedCost += reportedCost ?? 0n;
  }

  get sums(): ApiRequestSum[] {
    return [...this.#sums.values()];
  }

  get reportedRequests(): Iterable<string> {
    return this.#reported.keys();
  }

  /** `isCounted`: by a span of the day or of the days beside. */
  uncounted(isCounted: (request: string) => boolean): UncountedRequests {
    let requests = 0;
    let reportedCost = 0n;
    for (const [request, { cost }] of this.#reported) {
      if (isCounted(request)) continue;
      requests++;
      reportedCost += cost;
    }
    return { dayMs: this.#dayMs, requests, reportedCost };
  }
}
