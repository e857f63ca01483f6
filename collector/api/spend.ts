/** GET /api/v1/spend. */
import type { RequestHandler } from 'express';
import { answerSpend, parseSpend, type ReadContext, renderSpendCsv } from '../query/spend.ts';

export const spend =
  ({ reader, config, now }: ReadContext): RequestHandler =>
  async (request, response) => {
    const asked = parseSpend(request.originalUrl, config, now());
    const answer = await answerSpend(asked, reader);
    const wanted = asked.format ?? (request.accepts(['application/json', 'text/csv']) === 'text/csv' ? 'csv' : 'json');
    if (wanted === 'json') response.json(answer);
    else response.attachment('spend.csv').type('text/csv').send(renderSpendCsv(asked, answer));
  };
