/** What the reported cost of a request agrees with: list price, or why it does not. One for each request: values of the dimension price_basis. */

export const PRICE_BASES = {
  list: 'agrees with list price',
  cache_lifetime: 'prices cache writes at the rate of another lifetime than the request used',
  price_date: 'is at the price of another day',
  promotion: 'is at another price of the table: of the model that was asked for, of a promotion, or one that the client fetched',
  iteration_bands: 'prices each iteration of the request by the length of its own prompt',
  surcharge: 'has a surcharge that list price has not, or the other way round: US-only inference, a region of a cloud, web searches',
  discount: 'is at contracted prices',
  client_version: 'has what this version of Claude Code is known to price or count otherwise',
  unknown_model: 'is of a model that the price table or the client does not know',
  advisor: 'includes a model that advised, whose tokens the request does not report',
  unexplained: 'agrees with no known price',
} as const satisfies Record<string, string>;

export type PriceBasis = keyof typeof PRICE_BASES;

export const isPriceBasis = (name: string): name is PriceBasis => Object.hasOwn(PRICE_BASES, name);
