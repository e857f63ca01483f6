/** GET /api/v1/spend. */
import type { RequestHandler } from 'express';
import { answerSpend, parseSpend, type ReadContext, spendCsv } from '../query/spend.ts';
import { sendJson, sendText } from './large-answer.ts';

export const spend =
  ({ reader, config, now }: ReadContext): RequestHandler =>
  async (request, response) => {
    const asked = parseSpend(request.originalUrl, config, now());
    const answer = await answerSpend(asked, reader);
    const wanted = asked.format ?? (request.accepts(['application/json', 'text/csv']) === 'text/csv' ? 'csv' : 'json');
    if (wanted === 'json') await sendJson(response, answer);
    else await sendText(response.attachment('spend.csv').type('text/csv'), spendCsv(asked, answer));
  };
