/** Alerts of the collector that runs on the data folder, from the folder, or of a collector elsewhere: the same answer. */
import { existsSync } from 'node:fs';
import type { Outbox } from '../alerts/outbox.ts';
import { ROUTES } from '../catalog/names.ts';
import type { Config } from '../config/config.ts';
import { budgetFileOf } from '../config/data-folder.ts';
import { LedgerlineError } from '../core/error.ts';
import { type AlertsAnswer, listAlerts } from '../query/alerts.ts';
import { openOutbox } from '../storage/open.ts';
import { type SourceOptions, settings, tokenFileOf } from './options.ts';
import { isLeftToFiles, remoteCollector, runningCollector } from './source.ts';
import type { Terminal } from './terminal.ts';

export async function readAlerts(options: SourceOptions, terminal: Terminal): Promise<AlertsAnswer> {
  const tokenFile = tokenFileOf(options, terminal);
  const ask = (url: string): Promise<AlertsAnswer> => remoteCollector(url, tokenFile)(ROUTES.alerts);
  if (options.url !== undefined) return ask(options.url);
  const config = settings(options, terminal);
  const running = options.data === undefined ? await runningCollector(config) : undefined;
  if (running === undefined) return readFolder(config);
  return ask(running).catch((thrown: unknown) => {
    if (!isLeftToFiles(LedgerlineError.from(thrown), tokenFile !== undefined)) throw thrown;
    return readFolder(config);
  });
}

const readFolder = (config: Config): Promise<AlertsAnswer> =>
  withOutbox(config, { ...NOTHING, delivering: config.alerts.deliver }, (outbox) => listAlerts(outbox, config.alerts.deliver));

/** How many dead letters are tried again; the collector that runs on the folder sends them within a second. */
export const retryDeliveries = (id: string | undefined, config: Config, nowMs: number): Promise<number> =>
  withOutbox(config, 0, (outbox) => outbox.revive(id, nowMs));

const NOTHING: AlertsAnswer = { delivering: false, firing: [], resolved: [], waiting: [], delivered: [], dead: [] };

/** Where there is no file, none is made by looking. */
async function withOutbox<Answer>(config: Config, otherwise: Answer, use: (outbox: Outbox) => Promise<Answer>): Promise<Answer> {
  if (config.storage.url === undefined && !existsSync(budgetFileOf(config))) return otherwise;
  const outbox = await openOutbox(config);
  try {
    return await use(outbox);
  } finally {
    await outbox.close();
  }
}
