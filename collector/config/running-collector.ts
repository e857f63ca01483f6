/**
 * Where the collector that runs on a data folder answers, written into the folder while it does, so that commands beside it find it.
 * There is nothing secret in it: who asks still needs a token where the collector wants one.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { VERSION } from '../core/version.ts';
import type { Config } from './config.ts';
import { collectorFileOf } from './data-folder.ts';

const runningSchema = z.object({ url: z.url(), version: z.string() });
export type RunningCollector = z.infer<typeof runningSchema>;

/** The name under which this machine reaches its own ports. */
export function reachableHost({ server: { host } }: Config): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

export const apiUrl = (config: Config, apiPort: number): string =>
  `${config.server.tls === undefined ? 'http' : 'https'}://${reachableHost(config)}:${apiPort}`;

/** Gives what withdraws it again. */
export function announceCollector(config: Config, apiPort: number): () => Promise<void> {
  const file = collectorFileOf(config);
  const unfinished = `${file}.unfinished`;
  const running: RunningCollector = { url: apiUrl(config, apiPort), version: VERSION };
  writeFileSync(unfinished, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
  return async () => withdrawCollector(config);
}

/** Also of one that was killed before it could. */
export const withdrawCollector = (config: Config): void => rmSync(collectorFileOf(config), { force: true });

/** Undefined where none was announced, or by a version that may answer otherwise. It may have ended without saying so. */
export function announcedCollector(config: Pick<Config, 'data'>): RunningCollector | undefined {
  try {
    const running = runningSchema.parse(JSON.parse(readFileSync(collectorFileOf(config), 'utf8')));
    return running.version === VERSION ? running : undefined;
  } catch {
    return undefined;
  }
}
