/** GET /api/v1/export: any part of the ledger as a file, sent while it is read. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler, Response } from 'express';
import { FORMATS, isFocus } from '../catalog/export-formats.ts';
import type { Log } from '../catalog/log-codes.ts';
import { LedgerlineError } from '../core/error.ts';
import { type OpenExport, openExport } from '../exports/exports.ts';
import { EXPORT_PARAMETERS, type ExportRequest, parseExport } from '../exports/request.ts';
import { checkParameters, queryOf } from '../query/parameters.ts';
import { renderInstant } from '../query/render.ts';
import type { AskingOf } from './questions.ts';

/** Of a header, which clients bound: so many hints, and letters of each. */
const HINTS_MAX = 3;
const HINT_MAX = 300;

export const exporting =
  (askingOf: AskingOf, log: Log): RequestHandler<Record<string, string>> =>
  async (request, response) => {
    const asking = askingOf(request, {});
    const parameters = queryOf(request.originalUrl);
    checkParameters(parameters, EXPORT_PARAMETERS);
    const asked = parseExport(parameters, { config: asking.config, nowMs: asking.now() });
    const opened = await openExport(asked, asking);
    try {
      const pieces = opened.bytes[Symbol.asyncIterator]();
      // What fails before there is anything to send is answered as every mistake is.
      const first = request.method === 'HEAD' ? undefined : await pieces.next();
      head(response, asked, opened);
      // From then on only the log can say why an answer is cut off. Who has gone is no failure.
      const failed = (error: LedgerlineError): void => {
        if (!response.closed) log('request_failed', error.message, { error, fields: { path: request.path } });
      };
      // Half of a file must not be taken for the whole: where reading fails, the connection is cut off.
      const bytes = first === undefined ? [] : allOf(first, pieces, failed);
      await pipeline(Readable.from(bytes, { objectMode: false }), response).catch(() => response.destroy());
    } finally {
      await opened.close();
    }
  };

async function* allOf(
  first: IteratorResult<Uint8Array>,
  pieces: AsyncIterator<Uint8Array>,
  failed: (error: LedgerlineError) => void,
): AsyncIterable<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await pieces.next()) yield next.value;
  } catch (thrown) {
    failed(LedgerlineError.from(thrown));
    throw thrown;
  } finally {
    // Whoever stops reading lets the ledger's snapshot go.
    await pieces.return?.();
  }
}

function head(response: Response, { format, focus }: ExportRequest, { asOfMs, hints }: OpenExport): void {
  const { extension, contentType } = FORMATS[format];
  const asOf = renderInstant(asOfMs);
  response.attachment(`ledgerline-${nameOf(format, focus)}.${extension}`).type(contentType);
  if (asOf !== null) response.set('x-ledgerline-as-of', asOf);
  const messages = hints.slice(0, HINTS_MAX).map(({ message }) => message.slice(0, HINT_MAX));
  // A header holds no other letters.
  if (messages.length > 0) response.set('x-ledgerline-hints', encodeURIComponent(JSON.stringify(messages)));
}

function nameOf(format: ExportRequest['format'], focus: ExportRequest['focus']): string {
  if (isFocus(format)) return `focus-${focus}`;
  return FORMATS[format].rows === 'usage' ? 'usage' : format;
}
