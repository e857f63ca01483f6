/** Who sends an invoice for what Claude Code uses. `azure` bills Foundry, which has no record that could be imported. */
export const BILLERS = ['anthropic', 'aws', 'gcp', 'azure'] as const;
export type Biller = (typeof BILLERS)[number];

export const BILLER_NAMES: Readonly<Record<Biller, string>> = {
  anthropic: 'Anthropic',
  aws: 'AWS',
  gcp: 'Google Cloud',
  azure: 'Microsoft Azure',
};
