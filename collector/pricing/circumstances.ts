/** What of a request, beside its model and tokens, decides what a token of it costs. */

export interface Circumstances {
  /** As Claude Code reports it: firstParty, bedrock, vertex, foundry, mantle, … */
  readonly provider?: string | undefined;
  /** Prefix of a cloud's model id, or the region of a cloud. */
  readonly region?: string | undefined;
  /** The Message Batches API. */
  readonly batch?: boolean | undefined;
  /** "us" where inference was to stay in the United States. */
  readonly inferenceGeo?: string | undefined;
}

const BEDROCK_REGIONS: ReadonlySet<string> = new Set(['global', 'us', 'eu', 'au', 'jp', 'apac', 'us-gov']);

/** '' where it is not known. Only Bedrock puts a region before the model. */
export const providerOf = ({ provider = '', region = '' }: Circumstances): string =>
  provider === '' && BEDROCK_REGIONS.has(region) ? 'bedrock' : provider;
