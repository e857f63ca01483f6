/** Tokens of one request by the class they are priced in. */

/** Tokens of one request, for pricing. Cache writes are split by life-time; where the client does not say, all are 5-minute writes. */
export interface RequestTokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheCreation5m: number;
  readonly cacheCreation1h: number;
}
