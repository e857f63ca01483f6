/** Which database, as the configuration says it. It stands apart so that who has none need not load the driver. */
import type { Config } from '../../config/config.ts';
import { type DatabaseAddress, parseDatabaseUrl } from '../../config/database-url.ts';

/** Plain data, so that it can be handed to a worker. */
export interface Target extends DatabaseAddress {
  readonly passwordFile?: string | undefined;
  readonly tls?: { readonly caFile?: string | undefined; readonly serverName?: string | undefined } | undefined;
}

/** Of `storage.url`, or of `read_url`; undefined where the ledger is in files. */
export function targetOf({ storage }: Pick<Config, 'storage'>, url = storage.url): Target | undefined {
  const address = url === undefined ? undefined : parseDatabaseUrl(url);
  if (address === undefined) return undefined;
  const { password_file: passwordFile, tls } = storage;
  return { ...address, passwordFile, ...(tls !== undefined && { tls: { caFile: tls.ca_file, serverName: tls.server_name } }) };
}
