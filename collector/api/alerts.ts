/** GET /api/v1/alerts: the collector's own alerting as others see it. */
import type { RequestHandler } from 'express';
import type { Outbox } from '../alerts/outbox.ts';
import type { Config } from '../config/config.ts';
import { listAlerts } from '../query/alerts.ts';
import { readParameters } from '../query/parameters.ts';

export interface AlertContext {
  readonly config: Config;
  readonly alerts: Pick<Outbox, 'records' | 'deliveries'>;
}

export const alerts =
  ({ config, alerts: outbox }: AlertContext): RequestHandler =>
  (request, response) => {
    readParameters(request.originalUrl, []);
    response.json(listAlerts(outbox, config.alerts.deliver));
  };
