/**
 * Tokens and certificates are read again when a file that holds them changes, and when somebody asks for it. A mistake keeps the old ones.
 * Files are looked into at intervals: that also finds a symbolic link that points elsewhere now, as Kubernetes swaps them.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { SECOND_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import { createRealms } from '../ingest/attribution/realm.ts';
import { type AccessMaterial, readAccess } from '../server/access.ts';
import { assertSafeBinding, authenticatorBy, type Role } from '../server/auth.ts';
import { changedKeys } from './changed-keys.ts';
import { renamedAccess, warnOfRenamed } from './renamed-access.ts';

export interface ConfigSource {
  /** The configuration as it would be after a restart. Throws `invalid`. */
  read(): Config;
  /** Undefined when there is none. */
  readonly file: string | undefined;
}

export interface AccessReload {
  /** Resolves when what is in the files is in force, or refused. Never rejects. */
  now(): Promise<void>;
  /** One sentence while what is in the files is not in force. */
  trouble(): string | undefined;
  close(): void;
}

export interface AccessReloadOptions {
  /** What the collector runs with. */
  readonly config: Config;
  readonly material: AccessMaterial;
  readonly source?: ConfigSource | undefined;
  readonly log: Log;
  readonly apply: (material: AccessMaterial) => Promise<void>;
  /** Between two looks at the files. Default: LOOK_MS. */
  readonly lookMs?: number;
}

const LOOK_MS = 2 * SECOND_MS;
/** Looks after which a mistake is looked for again: it may lie in a file that nobody can name, such as a new token's that is not there yet. */
const RETRY_LOOKS = 4;
const ROLES: readonly Role[] = ['ingest', 'read'];

export function watchAccess(options: AccessReloadOptions): AccessReload {
  const { source, log, apply, lookMs = LOOK_MS } = options;
  let { config, material } = options;
  let trouble: string | undefined;
  let announced = '';
  let isClosed = false;
  /** What the files held when they were last read, and at the last look: a file that is being written is left alone. */
  let read: string | undefined;
  let seen: string | undefined;
  let mistake = '';
  let looksSince = 0;

  const load = (): AccessMaterial => {
    const next = source?.read() ?? options.config;
    const found = settled(options.config, next, material);
    config = next;
    const changed = changedKeys(options.config, next).join(', ');
    if (changed !== announced && changed !== '') log('restart_needed', `Changed in the configuration, and in force after a restart: ${changed}.`);
    announced = changed;
    return found;
  };
  const reload = async (isAsked: boolean): Promise<void> => {
    if (isClosed) return;
    try {
      const next = load();
      trouble = undefined;
      mistake = '';
      if (!isAsked && isDeepStrictEqual(next, material)) return;
      await apply(next);
      const renamed = renamedAccess(material.rules, next.rules, createRealms(options.config));
      material = next;
      log('access_reloaded', 'Tokens and certificates were read again.', { fields: { tokens: next.rules.tokens.size } });
      warnOfRenamed(renamed, log);
    } catch (thrown) {
      const error = LedgerlineError.from(thrown);
      // Readiness is for everybody: what is in the files, and where, is for the log.
      trouble = 'Changed tokens or certificates are not in force: see access_kept in the log.';
      if (isAsked || error.message !== mistake)
        log('access_kept', 'Tokens and certificates stay as they were: there is a mistake in what was read again.', { error });
      mistake = error.message;
    }
  };
  // One after the other, so that what was read last is in force at the end.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    last = last.then(task);
    return last;
  };
  const look = async (): Promise<void> => {
    const now = await digestOf(filesOf(config, source?.file));
    const isSettled = now === seen;
    seen = now;
    const isRetried = trouble !== undefined && ++looksSince >= RETRY_LOOKS;
    if (!isSettled || (now === read && !isRetried)) return;
    read = now;
    looksSince = 0;
    await reload(false);
  };
  void inTurn(look);
  const timer = setInterval(() => void inTurn(look), lookMs).unref();
  return {
    now: () =>
      inTurn(async () => {
        read = await digestOf(filesOf(config, source?.file));
        await reload(true);
      }),
    trouble: () => trouble,
    close: () => {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

/** What of `next` can be in force without a restart. Throws `invalid` for what must not be. */
function settled(running: Config, next: Config, before: AccessMaterial): AccessMaterial {
  const { host } = running.server;
  // Where it listens, and whether with TLS, stays as it is until the restart that restart_needed names.
  const server = { ...next.server, host, insecure: running.server.insecure && next.server.insecure, tls: tlsOf(running, next) };
  // Pseudonyms and sign-in stay as they are until the restart that restart_needed names.
  const found = readAccess({ server, auth: next.auth }, loadStoredUser(running.attribution), before.rules.signIn);
  assertSafeBinding({ server, auth: next.auth });
  const { isGuarded } = authenticatorBy(() => before.rules);
  // Whoever revokes the last token of a role does not mean to let everybody in.
  return { ...found, rules: { ...found.rules, closed: ROLES.filter((role) => isGuarded(role)) } };
}

function tlsOf(running: Config, next: Config): Config['server']['tls'] {
  const [was, is] = [running.server.tls, next.server.tls];
  if (was === undefined || is === undefined) return was;
  const { client_ca_file: _, ...own } = is;
  const ca = was.client_ca_file === undefined ? undefined : (is.client_ca_file ?? was.client_ca_file);
  return ca === undefined ? own : { ...own, client_ca_file: ca };
}

/** The files that hold what is read again. */
function filesOf({ auth, server: { tls } }: Config, file: string | undefined): readonly string[] {
  const named = [file, ...auth.tokens.map(({ token_file }) => token_file), tls?.cert_file, tls?.key_file, tls?.client_ca_file];
  return named.filter((name) => name !== undefined);
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(file).catch(() => 'unreadable');
    hash.update(`${file} ${content.length} `).update(content);
  }
  return hash.digest('hex');
}
