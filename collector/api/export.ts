/** GET /api/v1/export: any part of the ledger as a file, sent while it is read. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler, Response } from 'express';
import { FORMATS, isFocus } from '../catalog/export-formats.ts';
import { type OpenExport, openExport } from '../exports/exports.ts';
import { EXPORT_PARAMETERS, type ExportRequest, parseExport } from '../exports/request.ts';
import { checkParameters, queryOf } from '../query/parameters.ts';
import { renderInstant } from '../query/render.ts';
import type { AskingOf } from './questions.ts';

/** Of a header, which clients bound: so many hints, and letters of each. */
const HINTS_MAX = 3;
const HINT_MAX = 300;

export const exporting =
  (askingOf: AskingOf): RequestHandler<Record<string, string>> =>
  async (request, response) => {
    const asking = askingOf(request, {});
    const parameters = queryOf(request.originalUrl);
    checkParameters(parameters, EXPORT_PARAMETERS);
    const asked = parseExport(parameters, { config: asking.config, nowMs: asking.now() });
    const opened = await openExport(asked, asking);
    try {
      head(response, asked, opened);
      // Half of a file must not be taken for the whole: where reading fails, the connection is cut off.
      await pipeline(Readable.from(request.method === 'HEAD' ? [] : opened.bytes, { objectMode: false }), response).catch(() => response.destroy());
    } finally {
      await opened.close();
    }
  };

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
