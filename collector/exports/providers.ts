/** Who serves, hosts and invoices a request, by the dimension provider. */

export interface ServiceProvider {
  /** Serves and invoices. */
  readonly provider: string;
  /** Where it runs, as far as the customer chose it. */
  readonly host: string;
  /** What it is called on the bill. */
  readonly service: string;
}

const ANTHROPIC: ServiceProvider = { provider: 'Anthropic', host: 'Anthropic', service: 'Claude API' };
const AMAZON: ServiceProvider = { provider: 'Amazon Web Services', host: 'Amazon Web Services', service: 'Amazon Bedrock' };
const GOOGLE: ServiceProvider = { provider: 'Google Cloud', host: 'Google Cloud', service: 'Vertex AI' };
const MICROSOFT: ServiceProvider = { provider: 'Microsoft', host: 'Microsoft', service: 'Microsoft Foundry' };

/** Names that Claude Code gives its providers, in small letters. A map: of an object, a client's own "constructor" would be found. */
const PROVIDERS: ReadonlyMap<string, ServiceProvider> = new Map([
  ['firstparty', ANTHROPIC],
  ['anthropic', ANTHROPIC],
  ['bedrock', AMAZON],
  ['mantle', AMAZON],
  ['anthropicaws', AMAZON],
  ['vertex', GOOGLE],
  ['foundry', MICROSOFT],
]);

/** Claude's publisher, whoever serves it. */
export const PUBLISHER = ANTHROPIC.provider;

/** One that is not known served Claude all the same: by Anthropic itself, unless it says otherwise. */
export function serviceProvider(stored: string): ServiceProvider {
  if (stored === '') return ANTHROPIC;
  return PROVIDERS.get(stored.toLowerCase()) ?? { provider: stored, host: stored, service: 'Claude' };
}
