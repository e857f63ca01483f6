/**
 * How long an answer of the database is waited for. A server that is frozen, or has vanished without a word, never ends what it was asked: what is
 * thrown then is what the driver throws of a connection that broke.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { troubleOf } from './failure.ts';

export const IS_STANDBY = 'SELECT pg_is_in_recovery() AS standby';
/** What a host gets to answer it: one that accepts connections, as a pooler beside a server that is away, may never do so. */
export const FIND = { query_timeout: 2_000 } as const;
/** One after the other: a busy machine may be late once. */
const LOOKS_IN_VAIN = 3;

export async function withinMs<Answer>(answer: Promise<Answer>, ms: number): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('Query read timeout')), ms);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** As long as it takes, while the server answers others. */
export async function whileThere<Answer>(answer: Promise<Answer>, server: pg.ClientConfig, lookMs: number): Promise<Answer> {
  const over = new AbortController();
  const lost = untilLost(server, lookMs, over.signal);
  lost.catch(() => undefined);
  try {
    return await Promise.race([answer, lost]);
  } finally {
    over.abort();
  }
}

async function untilLost(server: pg.ClientConfig, lookMs: number, signal: AbortSignal): Promise<never> {
  for (let inVain = 0; inVain < LOOKS_IN_VAIN; ) {
    await delay(lookMs, undefined, { signal, ref: false });
    inVain = (await answers(server)) ? 0 : inVain + 1;
  }
  throw new Error('Connection terminated: the server answers nobody.');
}

/** One that refuses answers, too. */
async function answers(server: pg.ClientConfig): Promise<boolean> {
  try {
    await tryServer(server);
    return true;
  } catch (error) {
    const trouble = troubleOf(error);
    return trouble === 'full' || trouble === 'setup';
  }
}

/** Rejects where no connection can be made, or is of no use. */
export async function tryServer(server: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(server);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query({ text: IS_STANDBY, ...FIND });
  } finally {
    client.end().catch(() => undefined);
  }
}
