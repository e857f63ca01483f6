/** Records that `ledgerline import` sends: each says of one request what an api_request event would, and where it is from. */

/** Their instrumentation scope. */
export const IMPORT_SCOPE = 'ledgerline.import';

/** Where such records come from: values of the dimension origin. */
export const IMPORT_ORIGINS = ['transcripts'] as const;

/** Attributes beside those of api_request. */
export const IMPORTED = {
  origin: 'ledgerline.import.origin',
  /** Names the request wherever it is found. */
  key: 'ledgerline.import.key',
  /** Tokens of each iteration of the request, where there are several: input, output, cache reads, five-minute and one-hour writes, as "1 2 3 4 5,…". */
  iterations: 'ledgerline.import.iterations',
  /** Set on what is billed beside a request; it then says the model and the prompt of that request. */
  besideModel: 'ledgerline.import.beside.model',
  besideInput: 'ledgerline.import.beside.input_tokens',
  besideCacheRead: 'ledgerline.import.beside.cache_read_tokens',
  besideCacheCreation: 'ledgerline.import.beside.cache_creation_tokens',
} as const;

/** What became of the records of an import. Costs in US dollars, as reported, else at list price. */
export interface ImportAnswer {
  readonly requests: number;
  readonly cost: string;
  /** Was there already. */
  readonly known: number;
  /** Telemetry has an event of the same request. */
  readonly covered: number;
  readonly covered_cost: string;
  readonly booked: number;
  readonly booked_cost: string;
  readonly conflicts: number;
  readonly expired: number;
  readonly rejected: number;
  /** Tokens without a list price, by model. */
  readonly unpriced: Readonly<Record<string, number>>;
}

const MARK = `${IMPORT_SCOPE} `;

/** As it travels in the message of a partial success. */
export const importMessage = (answer: ImportAnswer): string => MARK + JSON.stringify(answer);

/** Undefined where the message is none, as from a collector that knows no imports. */
export function importAnswerOf(message: string): { readonly answer: ImportAnswer; readonly rest: string } | undefined {
  if (!message.startsWith(MARK)) return undefined;
  const end = message.indexOf('\n');
  try {
    // Written by importMessage of a collector of this version or a later one.
    const answer = JSON.parse(message.slice(MARK.length, end === -1 ? undefined : end)) as ImportAnswer;
    return { answer, rest: end === -1 ? '' : message.slice(end + 1) };
  } catch {
    return undefined;
  }
}
