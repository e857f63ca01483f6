/** GET /api/v1/alerts: the collector's own alerting as others see it. */
import type { RequestHandler } from 'express';
import type { AlertBook } from '../alerts/outbox.ts';
import type { Config } from '../config/config.ts';
import { listAlerts } from '../query/alerts.ts';
import { readParameters } from '../query/parameters.ts';

export interface AlertContext {
  readonly config: Config;
  readonly alerts: Pick<AlertBook, 'records' | 'deliveries'>;
}

export const alerts =
  ({ config, alerts: book }: AlertContext): RequestHandler =>
  (request, response) => {
    readParameters(request.originalUrl, []);
    response.json(listAlerts(book, config.alerts.deliver));
  };
