/**
 * Charges in the shape of an AWS Cost and Usage Report (CUR 2.0), for tools that read nothing else. Its columns and types are AWS'; what it has no
 * place for is left out. The cost columns carry booked cost, which is an estimate: no bill says it, also where AWS serves.
 */
import { hash } from 'node:crypto';
import type { ChargeColumn } from './charge-table.ts';
import { type Charge, nameOrNull } from './charges.ts';
import type { ServiceProvider } from './providers.ts';
import { tagsOf, tokenWords } from './wording.ts';

/** Product codes as the reports of AWS have them; others are in words of ours. */
const PRODUCT_CODES: Readonly<Record<string, string>> = { 'Amazon Bedrock': 'AmazonBedrock' };
/** Before the name of a tag that users set. */
export const USER_TAG = 'user_';

const productCode = ({ service }: ServiceProvider): string => PRODUCT_CODES[service] ?? service.replaceAll(' ', '');
const second = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

/** The same charge has the same id in every export of it. */
function idOf({ values, fromMs, priced }: Charge): string {
  return hash('sha256', JSON.stringify([fromMs, [...values], priced?.tokenClass ?? null]), 'base64url');
}

/** As "USE1-…" in a report of AWS: region, model and class. */
function usageTypeOf(charge: Charge): string {
  const region = nameOrNull(charge, 'region') ?? '';
  const of = charge.priced === undefined ? 'other' : tokenWords(charge.priced.tokenClass).id;
  return `${region === '' ? '' : `${region}-`}${nameOrNull(charge, 'model') ?? 'unknown'}-${of}`;
}

/** In alphabetical order, as AWS writes them. */
export const CUR_COLUMNS: readonly ChargeColumn[] = [
  { name: 'bill_bill_type', type: 'text', cell: () => 'Anniversary' },
  { name: 'bill_billing_entity', type: 'text', cell: ({ provider }) => provider.provider },
  { name: 'bill_billing_period_end_date', type: 'instant', cell: ({ billingToMs }) => billingToMs },
  { name: 'bill_billing_period_start_date', type: 'instant', cell: ({ billingFromMs }) => billingFromMs },
  { name: 'bill_invoice_id', type: 'text', cell: () => null },
  { name: 'bill_invoicing_entity', type: 'text', cell: ({ provider }) => provider.provider },
  { name: 'bill_payer_account_id', type: 'text', cell: ({ charge }) => nameOrNull(charge, 'organization') },
  { name: 'bill_payer_account_name', type: 'text', cell: ({ charge }) => nameOrNull(charge, 'organization') },
  { name: 'cost_category', type: 'json', cell: ({ charge }) => tagsOf(charge, ['cost_center', 'department']) },
  { name: 'identity_line_item_id', type: 'text', cell: ({ charge }) => idOf(charge) },
  { name: 'identity_time_interval', type: 'text', cell: ({ charge }) => `${second(charge.fromMs)}/${second(charge.toMs)}` },
  { name: 'line_item_blended_cost', type: 'usd', cell: ({ charge }) => charge.effective },
  { name: 'line_item_currency_code', type: 'text', cell: () => 'USD' },
  { name: 'line_item_legal_entity', type: 'text', cell: ({ provider }) => provider.provider },
  { name: 'line_item_line_item_description', type: 'text', cell: ({ charge }) => usageTypeOf(charge) },
  { name: 'line_item_line_item_type', type: 'text', cell: () => 'Usage' },
  { name: 'line_item_operation', type: 'text', cell: ({ charge: { priced } }) => (priced === undefined ? null : tokenWords(priced.tokenClass).id) },
  { name: 'line_item_product_code', type: 'text', cell: ({ provider }) => productCode(provider) },
  { name: 'line_item_resource_id', type: 'text', cell: ({ charge }) => nameOrNull(charge, 'model') },
  { name: 'line_item_unblended_cost', type: 'usd', cell: ({ charge }) => charge.effective },
  { name: 'line_item_usage_account_id', type: 'text', cell: ({ charge }) => nameOrNull(charge, 'team') },
  { name: 'line_item_usage_account_name', type: 'text', cell: ({ charge }) => nameOrNull(charge, 'team') },
  { name: 'line_item_usage_amount', type: 'count', cell: ({ charge: { priced, unpricedTokens } }) => priced?.tokens ?? unpricedTokens },
  { name: 'line_item_usage_end_date', type: 'instant', cell: ({ charge }) => charge.toMs },
  { name: 'line_item_usage_start_date', type: 'instant', cell: ({ charge }) => charge.fromMs },
  { name: 'line_item_usage_type', type: 'text', cell: ({ charge }) => usageTypeOf(charge) },
  { name: 'pricing_currency', type: 'text', cell: () => 'USD' },
  {
    ...{ name: 'pricing_public_on_demand_cost', type: 'usd' },
    cell: ({ charge: { priced } }) => (priced === undefined ? null : priced.tokens * priced.listPrice),
  },
  { name: 'pricing_public_on_demand_rate', type: 'usd', cell: ({ charge: { priced } }) => priced?.listPrice ?? null },
  { name: 'pricing_term', type: 'text', cell: () => 'OnDemand' },
  { name: 'pricing_unit', type: 'text', cell: () => 'Tokens' },
  { name: 'product_product_family', type: 'text', cell: () => 'Generative AI' },
  { name: 'product_region_code', type: 'text', cell: ({ charge }) => nameOrNull(charge, 'region') },
  { name: 'product_servicecode', type: 'text', cell: ({ provider }) => productCode(provider) },
  { name: 'resource_tags', type: 'json', cell: ({ tags }) => tags },
];
