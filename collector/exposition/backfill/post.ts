/** One request to a store, tried again while the store says that this helps. */
import { answerStart } from '../../core/answer-start.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { oneLine } from '../../core/visible.ts';

export interface Network {
  readonly fetch: typeof fetch;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
}

export interface Target {
  readonly url: string;
  readonly token?: string | undefined;
}

/** Seven tries within about a minute. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000];
const ANSWER_MS = MINUTE_MS;
const ANSWER_CHARACTERS_SHOWN = 300;
const ANSWER_BYTES_MAX = 8_192;

/** What the store refused, for the caller to find a remedy for. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
}

/** Resolves to undefined when the store took it, else to its refusal. Throws `unavailable` when it still fails after all tries. */
export async function post(
  { url, token }: Target,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  network: Network,
): Promise<Refusal | undefined> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = { method: 'POST', headers: { ...headers, ...authorization }, body };
  let last = '';
  for (const waitMs of [0, ...WAITS_MS]) {
    if (waitMs > 0) await network.wait(waitMs);
    try {
      const response = await network.fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS) });
      const text = oneLine(await answerStart(response, ANSWER_BYTES_MAX))
        .trim()
        .slice(0, ANSWER_CHARACTERS_SHOWN);
      if (response.ok) return undefined;
      if (response.status !== 429 && response.status < 500) return { status: response.status, text };
      last = `${response.status} ${text}`;
    } catch (error) {
      last = reasonOf(error);
    }
  }
  throw new LedgerlineError('unavailable', `${shown(url)} still failed after ${WAITS_MS.length + 1} tries: ${last}`, {
    hint: 'Check --url and that the store runs. Samples accepted so far are kept; running the command again does no harm.',
  });
}

/** What went wrong below HTTP is the cause of what fetch throws; where several addresses failed, its message is empty. */
function reasonOf(error: unknown): string {
  // Errors of fetch and of Node, by their documented fields.
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return cause?.message || cause?.code || message || String(error);
}

/** A URL may carry a password. */
export function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

export function refused(url: string, { status, text }: Refusal, hint: string): LedgerlineError {
  return new LedgerlineError('invalid', `${shown(url)} responded with ${status}: ${text}`, { hint });
}

/** Remedies that are the same for every store. */
export function commonRemedy(status: number): string | undefined {
  if (status === 401 || status === 403) return 'The store needs authentication: name a file with its bearer token in --token-file.';
  if (status === 404 || status === 405) return 'Check --url: no store accepts samples there.';
  return undefined;
}
