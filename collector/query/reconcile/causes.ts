/**
 * The causes of a difference between what clients report and list cost, and between list cost and what is billed, in the order in which a
 * waterfall shows them. A cause that a request has is a value of the dimension price_basis.
 */

export type Span = 'reported_list' | 'list_billed';

interface CauseDefinition {
  readonly span: Span;
  readonly title: string;
  readonly sentence: string;
  /** Empty where nothing is to be done. */
  readonly remedy: string;
}

const UPDATE = 'Update the clients that `ledgerline breakdown --by client_version` shows.';

export const CAUSES = {
  metrics_alone: {
    span: 'reported_list',
    title: 'Reported by metrics alone',
    sentence: 'Requests without an event, mostly interrupted ones: only the cost metric reports them, so that they have no list cost.',
    remedy: 'Set OTEL_LOGS_EXPORTER for all clients, and look for missing events with `ledgerline doctor`.',
  },
  cache_lifetime: {
    span: 'reported_list',
    title: 'Cache-write lifetime',
    sentence: 'The client priced cache writes with another lifetime than the one they had.',
    remedy: UPDATE,
  },
  price_date: {
    span: 'reported_list',
    title: 'Price of another day',
    sentence: 'The client priced by a table from before or after the day of the request.',
    remedy: UPDATE,
  },
  promotion: {
    span: 'reported_list',
    title: 'Promotion or fetched price',
    sentence: 'The client priced by a promotion, or by prices that it fetched, and not by the list.',
    remedy: 'Compare with the contract; add the price with `prices` in the configuration where it is yours.',
  },
  iteration_bands: {
    span: 'reported_list',
    title: 'Long-prompt bands',
    sentence: 'The client chose the band of a long prompt by iteration, the list by request, or the reverse.',
    remedy: '',
  },
  surcharge: {
    span: 'reported_list',
    title: 'Surcharge of the client',
    sentence: 'The client added a surcharge, such as for inference in the United States or web searches, that list cost is without.',
    remedy: '',
  },
  discount: {
    span: 'reported_list',
    title: 'Discount of the client',
    sentence: 'The client priced with a discount that its managed settings or its gateway give it.',
    remedy: 'Check modelPricing in the managed settings, and the multiplier of the gateway.',
  },
  client_version: {
    span: 'reported_list',
    title: 'Fault of a client version',
    sentence: 'These versions of the client are known to price or to count wrongly.',
    remedy: UPDATE,
  },
  unknown_model: {
    span: 'reported_list',
    title: 'Unknown model',
    sentence: 'The client or the price book did not know the model: one of the two used another price, or none.',
    remedy: 'Add its price: `ledgerline prices check` names the models.',
  },
  advisor: {
    span: 'reported_list',
    title: 'Advisor',
    sentence: 'The cost of a request contains what an advisor of another model cost, while its tokens do not.',
    remedy: '',
  },
  unexplained: {
    span: 'reported_list',
    title: 'Unexplained requests',
    sentence: 'Requests with a cost that no known cause explains.',
    remedy: 'Look at them with `ledgerline session --requests` of the sessions with the largest difference.',
  },
  unclassified: {
    span: 'reported_list',
    title: 'Booked without a cause',
    sentence: 'Requests that were booked before causes were kept, or with a cause that is not known here.',
    remedy: '',
  },
  rounding: {
    span: 'reported_list',
    title: 'Rounding',
    sentence: 'Clients report costs as floating-point numbers.',
    remedy: '',
  },
  covered: {
    span: 'list_billed',
    title: 'Covered by plans',
    sentence: 'Sessions of a Pro, Max, Team or Enterprise seat: their cost is notional, the seat is paid for.',
    remedy: '',
  },
  overage: {
    span: 'list_billed',
    title: 'Usage credits',
    sentence: 'Usage beyond what seats include, billed as usage credits: where all use is covered by plans.',
    remedy: 'Compare with the fee of the seats: `ledgerline plans`.',
  },
  closed_months: {
    span: 'list_billed',
    title: 'Adjustments of closed months',
    sentence: 'Late records and repricings of months that were closed: posted here, and on the bill of their own month.',
    remedy: '',
  },
  not_imported: {
    span: 'list_billed',
    title: 'Not imported',
    sentence: 'Days and providers without an imported statement: what they bill is not known.',
    remedy: 'Run the imports named below.',
  },
  lifetime_counted: {
    span: 'list_billed',
    title: 'One-hour cache writes',
    sentence: 'Cache writes of unknown lifetime that the provider counted as one-hour ones; list cost has them at five minutes.',
    remedy: 'Clients from 2.1.304 on say which lifetime each write had.',
  },
  metrics_counted: {
    span: 'list_billed',
    title: 'Requests that metrics alone reported',
    sentence: 'The provider bills them like all others. They were taken out above, since they have no list cost.',
    remedy: '',
  },
  day_edge: {
    span: 'list_billed',
    title: 'Edge of the day',
    sentence: 'Requests around midnight UTC that client and provider count on different days.',
    remedy: '',
  },
  missing_telemetry: {
    span: 'list_billed',
    title: 'Missing telemetry',
    sentence:
      'Tokens that the provider counted and no telemetry reported, at list price; usage credits of seats, too, where their workspace also has metered use.',
    remedy: 'See the completeness by user below; connect the missing clients with `ledgerline connect`, or `ledgerline import transcripts`.',
  },
  not_counted: {
    span: 'list_billed',
    title: 'Not in the record',
    sentence: 'Tokens that telemetry reports and the provider did not count: another account, a failed request, or a record that is not final.',
    remedy: 'Import the other accounts, and import again in a day: records are revised for up to 30 days.',
  },
  price_book: {
    span: 'list_billed',
    title: 'Price book',
    sentence: "The provider's list price of the counted tokens differs from the price book's.",
    remedy: 'Update the price book: `ledgerline prices check`.',
  },
  regional: {
    span: 'list_billed',
    title: 'Surcharge by region',
    sentence: 'Inference in the United States only, or at a regional endpoint.',
    remedy: 'It is a setting of the workspace (inference_geo), where it is not wanted.',
  },
  agreed_discount: {
    span: 'list_billed',
    title: 'Discount',
    sentence: 'What the provider takes off its list price.',
    remedy: '',
  },
  credits: {
    span: 'list_billed',
    title: 'Credits and refunds',
    sentence: 'What the bill takes off in lines of its own: credits and refunds.',
    remedy: '',
  },
  server_tools: {
    span: 'list_billed',
    title: 'Web search and other tools',
    sentence: 'Web searches, code execution and sessions, which are billed beside tokens.',
    remedy: '',
  },
  batch: {
    span: 'list_billed',
    title: 'Batches',
    sentence: 'Batch requests, which Claude Code does not send.',
    remedy: '',
  },
  other_products: {
    span: 'list_billed',
    title: 'Other products',
    sentence: 'Products other than Claude Code on the same bill.',
    remedy: '`reconcile.products` in the configuration says which products Claude Code is.',
  },
} as const satisfies Record<string, CauseDefinition>;

export type Cause = keyof typeof CAUSES;
export const CAUSE_NAMES = Object.keys(CAUSES) as Cause[];

/** The causes that are values of the dimension price_basis. */
const OF_REQUESTS: ReadonlySet<string> = new Set([
  ...['cache_lifetime', 'price_date', 'promotion', 'iteration_bands', 'surcharge', 'discount', 'client_version', 'unknown_model'],
  ...['advisor', 'unexplained'],
]);

/** Of a value of price_basis. */
export function causeOfBasis(basis: string): Cause {
  if (basis === 'list') return 'rounding';
  return OF_REQUESTS.has(basis) ? (basis as Cause) : 'unclassified';
}
