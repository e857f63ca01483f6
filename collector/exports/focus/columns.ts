/**
 * What FOCUS asks of each column of its dataset Cost and Usage, version by version, in our own words. Read from the specification's
 * repository (github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec) in November 2026: tag v1.2, and the column pages and table of the
 * dataset for 1.3 (2025-12-04) and 1.4 (2026-06-04). Columns that the draft of 1.5 adds are not here.
 */

import { FOCUS_VERSIONS, type FocusVersion } from '../../catalog/export-formats.ts';

export type FocusType = 'string' | 'decimal' | 'datetime' | 'json';

export interface FocusColumn {
  readonly type: FocusType;
  /** mandatory: always there. conditional: there when its condition holds. recommended: better there. */
  readonly level: 'mandatory' | 'conditional' | 'recommended';
  readonly nulls: boolean;
  /** First version that has it; default: 1.2 or earlier. */
  readonly since?: FocusVersion;
  /** Last version that has it. */
  readonly until?: FocusVersion;
  /** The only values it may have, beside null. */
  readonly values?: readonly string[];
  readonly isNonNegative?: true;
}

type Rest = Omit<FocusColumn, 'type' | 'level' | 'nulls'>;
const must = (type: FocusType, rest: Rest = {}): FocusColumn => ({ type, level: 'mandatory', nulls: false, ...rest });
const mustOrNull = (type: FocusType, rest: Rest = {}): FocusColumn => ({ type, level: 'mandatory', nulls: true, ...rest });
const when = (type: FocusType, rest: Rest = {}): FocusColumn => ({ type, level: 'conditional', nulls: true, ...rest });

/** By what is billed; other categories are no AI. */
const SERVICE_CATEGORIES = [
  'AI and Machine Learning',
  'Analytics',
  'Business Applications',
  'Compute',
  'Databases',
  'Developer Tools',
  'Multicloud',
  'Identity',
  'Integration',
  'Internet of Things',
  'Management and Governance',
  'Media',
  'Migration',
  'Mobile',
  'Networking',
  'Security',
  'Storage',
  'Web',
  'Other',
];
/** Of the category AI and Machine Learning. */
const AI_SUBCATEGORIES = [
  'AI Platforms',
  'Bots',
  'Generative AI',
  'Machine Learning',
  'Natural Language Processing',
  'Other (AI and Machine Learning)',
];

export const FOCUS_COLUMNS = {
  AllocatedMethodDetails: { type: 'json', level: 'recommended', nulls: true, since: '1.3' },
  AllocatedMethodId: when('string', { since: '1.3' }),
  AllocatedResourceId: when('string', { since: '1.3' }),
  AllocatedResourceName: when('string', { since: '1.3' }),
  AllocatedTags: when('json', { since: '1.3' }),
  AvailabilityZone: { type: 'string', level: 'recommended', nulls: true },
  BilledCost: must('decimal'),
  BillingAccountId: must('string'),
  BillingAccountName: mustOrNull('string'),
  BillingAccountType: { type: 'string', level: 'conditional', nulls: false },
  BillingCurrency: must('string', { values: ['USD'] }),
  BillingPeriodEnd: must('datetime'),
  BillingPeriodStart: must('datetime'),
  CapacityReservationId: when('string'),
  CapacityReservationStatus: when('string', { values: ['Used', 'Unused'] }),
  ChargeCategory: must('string', { values: ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'] }),
  ChargeClass: mustOrNull('string', { values: ['Correction'] }),
  ChargeDescription: mustOrNull('string'),
  ChargeFrequency: { type: 'string', level: 'recommended', nulls: false, values: ['One-Time', 'Recurring', 'Usage-Based'] },
  ChargePeriodEnd: must('datetime'),
  ChargePeriodStart: must('datetime'),
  CommitmentDiscountCategory: when('string', { values: ['Spend', 'Usage'] }),
  CommitmentDiscountId: when('string'),
  CommitmentDiscountName: when('string'),
  CommitmentDiscountQuantity: when('decimal'),
  CommitmentDiscountStatus: when('string', { values: ['Used', 'Unused'] }),
  CommitmentDiscountType: when('string'),
  CommitmentDiscountUnit: when('string'),
  CommitmentProgramEligibilityDetails: when('json', { since: '1.4' }),
  ConsumedQuantity: when('decimal'),
  ConsumedUnit: when('string'),
  ContractApplied: when('json', { since: '1.3' }),
  ContractedCost: must('decimal'),
  ContractedUnitPrice: when('decimal', { isNonNegative: true }),
  EffectiveCost: must('decimal'),
  HostProviderName: must('string', { since: '1.3' }),
  InvoiceDetailId: when('string', { since: '1.4' }),
  InvoiceId: when('string'),
  InvoiceIssuerName: must('string'),
  ListCost: must('decimal'),
  ListUnitPrice: when('decimal', { isNonNegative: true }),
  PricingCategory: when('string', { values: ['Standard', 'Dynamic', 'Committed', 'Other'] }),
  PricingCurrency: when('string'),
  PricingCurrencyContractedUnitPrice: when('decimal', { isNonNegative: true }),
  PricingCurrencyEffectiveCost: when('decimal'),
  PricingCurrencyListUnitPrice: when('decimal', { isNonNegative: true }),
  PricingQuantity: mustOrNull('decimal'),
  PricingUnit: mustOrNull('string'),
  // 1.3 deprecates both in favor of ServiceProviderName and HostProviderName; 1.4 has neither.
  ProviderName: must('string', { until: '1.3' }),
  PublisherName: must('string', { until: '1.3' }),
  RegionId: when('string'),
  RegionName: when('string'),
  ResourceId: when('string'),
  ResourceName: when('string'),
  ResourceType: when('string'),
  ServiceCategory: must('string', { values: SERVICE_CATEGORIES }),
  ServiceName: must('string'),
  ServiceProviderName: must('string', { since: '1.3' }),
  ServiceSubcategory: { type: 'string', level: 'recommended', nulls: false, values: AI_SUBCATEGORIES },
  SkuId: when('string'),
  SkuMeter: when('string'),
  SkuPriceDetails: when('json'),
  SkuPriceId: when('string'),
  SubAccountId: when('string'),
  SubAccountName: when('string'),
  SubAccountType: when('string'),
  Tags: when('json'),
} as const satisfies Record<string, FocusColumn>;

export type FocusColumnId = keyof typeof FOCUS_COLUMNS;
export const FOCUS_COLUMN_IDS = Object.keys(FOCUS_COLUMNS) as FocusColumnId[];

/** Does the version have the column? */
export function isIn(version: FocusVersion, id: FocusColumnId): boolean {
  const { since, until }: FocusColumn = FOCUS_COLUMNS[id];
  const place = FOCUS_VERSIONS.indexOf(version);
  return (since === undefined || FOCUS_VERSIONS.indexOf(since) <= place) && (until === undefined || place <= FOCUS_VERSIONS.indexOf(until));
}
