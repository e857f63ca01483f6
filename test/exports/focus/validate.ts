/** A FOCUS dataset held against the facts of its version, column by column and row by row. Gives one sentence for each fault. */

import type { FocusVersion } from '../../../collector/catalog/export-formats.ts';
import { parseUsd } from '../../../collector/core/money.ts';
import { FOCUS_COLUMN_IDS, FOCUS_COLUMNS, type FocusColumn, isIn } from '../../../collector/exports/focus/columns.ts';

/** As text, as in a CSV: '' is null. */
export type FocusRow = Readonly<Record<string, string>>;

const NAMED: ReadonlyMap<string, FocusColumn> = new Map(Object.entries(FOCUS_COLUMNS));

export function faultsOf(version: FocusVersion, columns: readonly string[], rows: readonly FocusRow[]): string[] {
  return [
    ...columnFaults(version, columns),
    ...rows.flatMap((row, index) => rowFaults(row).map((fault) => `row ${index}: ${fault}`)),
    ...skuFaults(rows),
  ];
}

function columnFaults(version: FocusVersion, columns: readonly string[]): string[] {
  const own = columns.filter((name) => name.startsWith('x_'));
  const theirs = columns.filter((name) => !name.startsWith('x_'));
  const known = FOCUS_COLUMN_IDS.filter((id) => isIn(version, id));
  return [
    ...theirs.filter((name) => !known.some((id) => id === name)).map((name) => `${name} is no column of FOCUS ${version}`),
    ...known.filter((id) => FOCUS_COLUMNS[id].level === 'mandatory' && !columns.includes(id)).map((id) => `${id} is missing`),
    ...(new Set(columns).size === columns.length ? [] : ['a column comes twice']),
    ...(columns.join() === [...[...theirs].sort(), ...own].join() ? [] : ['columns are not in alphabetical order with our own behind them']),
    ...columns.filter((name) => !/^(x_)?[A-Z][A-Za-z]{1,48}$/.test(name)).map((name) => `${name} is not in Pascal case`),
  ];
}

const SHAPES: Readonly<Record<FocusColumn['type'], (text: string) => boolean>> = {
  string: (text) => text.trim() !== '',
  decimal: (text) => /^-?\d+(\.\d+)?$/.test(text),
  datetime: (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text)),
  json: (text) => Object.values(JSON.parse(text)).every((value) => ['string', 'number', 'boolean'].includes(typeof value)),
};

function rowFaults(row: FocusRow): string[] {
  const faults = Object.entries(row).flatMap(([name, text]) => {
    const facts = NAMED.get(name);
    return facts === undefined ? [] : cellFaults(facts, text).map((fault) => `${name} ${JSON.stringify(text)} ${fault}`);
  });
  return [...faults, ...RULES.flatMap(([rule, holds]) => (holds(row) ? [] : [rule]))];
}

function cellFaults({ type, nulls, values, isNonNegative }: FocusColumn, text: string): string[] {
  if (text === '') return nulls ? [] : ['is null'];
  return [
    ...(SHAPES[type](text) ? [] : [`is no ${type}`]),
    ...(values === undefined || values.includes(text) ? [] : ['is not allowed']),
    ...(isNonNegative === true && text.startsWith('-') ? ['is negative'] : []),
  ];
}

const isNull = (row: FocusRow, name: string): boolean => (row[name] ?? '') === '';
const together = (one: string, other: string): Rule => [`${one} and ${other} are null together`, (row) => isNull(row, one) === isNull(row, other)];
const exact = (text: string | undefined): bigint => parseUsd(text ?? '') ?? 0n;

/** A cost is its unit price times the quantity, exactly; without a unit price, it is what was billed. */
const costs = (cost: string, price: string): Rule => [
  `${cost} is ${price} times PricingQuantity`,
  (row) =>
    isNull(row, price)
      ? exact(row[cost]) === exact(row.BilledCost)
      : exact(row[cost]) * 10n ** 12n === exact(row[price]) * exact(row.PricingQuantity),
];

type Rule = readonly [rule: string, holds: (row: FocusRow) => boolean];

const OF_USAGE = [
  ...['SkuId', 'SkuPriceId', 'SkuMeter', 'ListUnitPrice', 'ContractedUnitPrice', 'PricingQuantity', 'PricingUnit', 'PricingCategory'],
  ...['ConsumedQuantity', 'ConsumedUnit'],
];

const RULES: readonly Rule[] = [
  ['a usage charge has its SKU, price and quantities', (row) => row.ChargeCategory !== 'Usage' || OF_USAGE.every((name) => !isNull(row, name))],
  ['what is no usage has no consumed quantity', (row) => row.ChargeCategory === 'Usage' || isNull(row, 'ConsumedQuantity')],
  ['nothing is billed without a bill', (row) => exact(row.BilledCost) === 0n && isNull(row, 'InvoiceId')],
  [
    'the charge lies within its billing period',
    (row) => isOrdered(row, ['BillingPeriodStart', 'ChargePeriodStart', 'ChargePeriodEnd', 'BillingPeriodEnd']),
  ],
  ['the charge has a length', (row) => (row.ChargePeriodStart ?? '') < (row.ChargePeriodEnd ?? '')],
  ['the pricing unit is a million of the consumed', (row) => exact(row.ConsumedQuantity) === exact(row.PricingQuantity) * 1_000_000n],
  ['properties of a price that FOCUS does not define begin with x_', (row) => isNull(row, 'SkuPriceDetails') || ownKeys(row.SkuPriceDetails)],
  together('PricingQuantity', 'PricingUnit'),
  together('ConsumedQuantity', 'ConsumedUnit'),
  together('SkuId', 'SkuMeter'),
  together('SkuPriceId', 'SkuPriceDetails'),
  together('SubAccountId', 'SubAccountName'),
  together('RegionId', 'RegionName'),
  costs('ListCost', 'ListUnitPrice'),
  costs('ContractedCost', 'ContractedUnitPrice'),
];

const isOrdered = (row: FocusRow, names: readonly string[]): boolean => {
  const times = names.map((name) => Date.parse(row[name] ?? ''));
  return times.every((time, index) => index === 0 || (times[index - 1] ?? 0) <= time);
};
const ownKeys = (text = '{}'): boolean => Object.keys(JSON.parse(text)).every((key) => key.startsWith('x_'));

/** A price has one SKU and one set of properties, wherever it comes, and is one price at a time. */
function skuFaults(rows: readonly FocusRow[]): string[] {
  const seen = new Map<string, string>();
  const isOther = (id: string, what: string): boolean => seen.getOrInsert(id, what) !== what;
  return rows.flatMap(({ SkuPriceId = '', SkuId = '', SkuPriceDetails = '', ListUnitPrice = '', ChargePeriodStart = '' }) => {
    if (SkuPriceId === '') return [];
    const [what, priced] = [`${SkuId} ${SkuPriceDetails}`, `${SkuPriceId} ${ChargePeriodStart}`];
    return [
      ...(isOther(SkuPriceId, what) ? [`${SkuPriceId} is ${what} and ${seen.get(SkuPriceId)}`] : []),
      ...(isOther(priced, ListUnitPrice) ? [`${priced} costs ${ListUnitPrice} and ${seen.get(priced)}`] : []),
    ];
  });
}
