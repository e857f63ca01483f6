/** Where `ledgerline export` gets its bytes: from the ledger's file, or from a collector over REST. Both give the same file. */
import { ROUTES } from '../catalog/names.ts';
import { LedgerlineError } from '../core/error.ts';
import { openExport } from '../exports/exports.ts';
import { EXPORT_PARAMETERS, parseExport } from '../exports/request.ts';
import { checkParameters } from '../query/parameters.ts';
import type { Asking } from '../query/question.ts';
import { renderInstant } from '../query/render.ts';

export interface ExportStream {
  /** When the ledger last committed; null while it is empty. */
  readonly asOf: string | null;
  /** Sentences about values of the filters that no record has. */
  readonly hints: readonly string[];
  /** To be read to its end: what comes before an error is no export. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export async function localExport(asking: Asking, parameters: URLSearchParams): Promise<ExportStream> {
  checkParameters(parameters, EXPORT_PARAMETERS);
  const opened = await openExport(parseExport(parameters, { config: asking.config, nowMs: asking.now() }), asking);
  return { asOf: renderInstant(opened.asOfMs), hints: opened.hints.map(({ message }) => message), bytes: opened.bytes };
}

/** `ask` resolves to an answer that is well. */
export async function remoteExport(ask: (path: string) => Promise<Response>, parameters: URLSearchParams): Promise<ExportStream> {
  const response = await ask(`${ROUTES.export}?${parameters}`);
  const hints: unknown = JSON.parse(decodeURIComponent(response.headers.get('x-ledgerline-hints') ?? '[]'));
  return {
    asOf: response.headers.get('x-ledgerline-as-of'),
    hints: Array.isArray(hints) ? hints.map(String) : [],
    bytes: wholeBody(response),
  };
}

async function* wholeBody({ body }: Response): AsyncIterable<Uint8Array> {
  try {
    if (body !== null) yield* body;
  } catch (cause) {
    throw new LedgerlineError('unavailable', 'The collector broke the export off.', {
      cause,
      hint: 'Its log says why (request_failed). Ask for less at once, or try again.',
    });
  }
}
