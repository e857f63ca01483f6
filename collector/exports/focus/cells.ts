/** Each column of FOCUS that Ledgerline fills, from a charge. What is not here is not known to a ledger of telemetry, or does not apply. */
import type { BilledCharge } from '../charge-table.ts';
import { type Charge, nameOrNull } from '../charges.ts';
import { PUBLISHER } from '../providers.ts';
import type { Cell } from '../table.ts';
import { TOKENS_PER_UNIT, tokenWords } from '../wording.ts';
import type { FocusColumnId } from './columns.ts';
import { skuOf } from './sku.ts';

type Cells = Readonly<Partial<Record<FocusColumnId, (from: BilledCharge) => Cell>>>;

/** A column may be mandatory where nothing is known: FOCUS forbids an empty text, so it says what every view of the product says. */
const ACCOUNT_UNKNOWN = 'unallocated';

export const FOCUS_CELLS: Cells = {
  // Nobody but the issuer of an invoice may write what is on it: without an imported bill it is zero, and never what is estimated here.
  BilledCost: ({ charge }) => charge.billed ?? 0n,
  BillingAccountId: ({ charge }) => nameOrNull(charge, 'organization') ?? ACCOUNT_UNKNOWN,
  BillingAccountName: ({ charge }) => nameOrNull(charge, 'organization'),
  BillingCurrency: () => 'USD',
  BillingPeriodEnd: ({ billingToMs }) => billingToMs,
  BillingPeriodStart: ({ billingFromMs }) => billingFromMs,
  // A usage charge has a SKU, a quantity and a price. What has none of them is an adjustment.
  ChargeCategory: ({ charge }) => (charge.priced === undefined ? 'Adjustment' : 'Usage'),
  ChargeClass: () => null,
  ChargeDescription: ({ charge }) => skuOf(charge)?.description ?? descriptionOf(charge),
  ChargeFrequency: () => 'Usage-Based',
  ChargePeriodEnd: ({ charge }) => charge.toMs,
  ChargePeriodStart: ({ charge }) => charge.fromMs,
  ConsumedQuantity: ({ charge: { priced } }) => (priced === undefined ? null : priced.tokens * 1_000_000n),
  ConsumedUnit: ({ charge: { priced } }) => (priced === undefined ? null : 'Tokens'),
  ContractedCost: ({ charge: { priced, billed } }) => (priced === undefined ? (billed ?? 0n) : priced.tokens * priced.contractedPrice),
  ContractedUnitPrice: ({ charge: { priced } }) => (priced === undefined ? null : priced.contractedPrice * TOKENS_PER_UNIT),
  EffectiveCost: ({ charge }) => charge.effective,
  HostProviderName: ({ provider }) => provider.host,
  InvoiceDetailId: () => null,
  InvoiceId: () => null,
  InvoiceIssuerName: ({ provider }) => provider.provider,
  ListCost: ({ charge: { priced, billed } }) => (priced === undefined ? (billed ?? 0n) : priced.tokens * priced.listPrice),
  ListUnitPrice: ({ charge: { priced } }) => (priced === undefined ? null : priced.listPrice * TOKENS_PER_UNIT),
  PricingCategory: ({ charge: { priced } }) => (priced === undefined ? null : 'Standard'),
  // Prices are for a million tokens, and a quantity is written in millionths.
  PricingQuantity: ({ charge: { priced } }) => priced?.tokens ?? null,
  PricingUnit: ({ charge: { priced } }) => (priced === undefined ? null : `${TOKENS_PER_UNIT} Tokens`),
  ProviderName: ({ provider }) => provider.provider,
  PublisherName: () => PUBLISHER,
  RegionId: ({ charge }) => nameOrNull(charge, 'region'),
  RegionName: ({ charge }) => nameOrNull(charge, 'region'),
  ServiceCategory: () => 'AI and Machine Learning',
  ServiceName: ({ provider }) => provider.service,
  ServiceProviderName: ({ provider }) => provider.provider,
  ServiceSubcategory: () => 'Generative AI',
  SkuId: ({ charge }) => skuOf(charge)?.id ?? null,
  SkuMeter: ({ charge: { priced } }) => (priced === undefined ? null : tokenWords(priced.tokenClass).meter),
  SkuPriceDetails: ({ charge }) => skuOf(charge)?.details ?? null,
  SkuPriceId: ({ charge }) => skuOf(charge)?.priceId ?? null,
  SubAccountId: ({ charge }) => nameOrNull(charge, 'team'),
  SubAccountName: ({ charge }) => nameOrNull(charge, 'team'),
  Tags: ({ tags }) => tags,
};

/** Columns of our own, which FOCUS has no word for yet. */
export const CUSTOM_CELLS = {
  x_ConsumerId: ({ charge }) => nameOrNull(charge, 'user'),
  x_Model: ({ charge }) => nameOrNull(charge, 'model'),
  x_TokenClass: ({ charge: { priced } }) => (priced === undefined ? null : tokenWords(priced.tokenClass).id),
  x_UnpricedTokens: ({ charge: { priced, unpricedTokens } }) => (priced === undefined ? unpricedTokens : null),
} as const satisfies Readonly<Record<string, (from: BilledCharge) => Cell>>;

function descriptionOf(charge: Charge): string {
  const model = nameOrNull(charge, 'model') ?? 'unknown model';
  return charge.unpricedTokens === 0n ? `${model}: cost without tokens` : `${model}: tokens without a list price`;
}
