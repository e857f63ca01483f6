/** One POST of JSON, with what its failure means for trying again. */
import { answerStart, dropAnswer } from '../../core/answer-start.ts';
import { oneLine } from '../../core/visible.ts';
import { DeliveryFailure } from '../outbox.ts';
import { codeOf, connectionReason, sentences } from './connection-errors.ts';
import { cut } from './sanitize.ts';
import { decoded, partsOfUrl, withoutSecrets } from './secret.ts';

/** For the whole of an exchange: connecting, the answer, and what is read of its body. */
const ANSWER_MS = 10_000;
/** So much of an answer is read: enough for an error page to come to the point. */
const ANSWER_BYTES_MAX = 8_192;
const WORDS_MAX = 200;
/** The message itself is refused: the same again would be, too. */
const REFUSED = new Set([400, 410, 413, 422]);

export interface Post {
  /** Address; it may be a secret, and is in no message. */
  readonly url: string;
  /** A word of the address that is the same for everybody, and no secret in an answer. */
  readonly ownWord?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As the receiver is called in messages, such as "Slack". */
  readonly receiver: string;
  /** Milliseconds for the whole exchange. */
  readonly answerMs?: number;
}

/** Throws DeliveryFailure. Redirects are not followed: nobody but the configured receiver gets the figures. */
export async function postJson({ url, ownWord, body, headers = {}, receiver, answerMs = ANSWER_MS }: Post): Promise<void> {
  if (!isWebAddress(url))
    throw new DeliveryFailure(`${receiver}: its file does not hold an http:// or https:// address. Put only the address in it.`);
  const { address, user, password } = loginOf(url);
  const login = user === '' && password === '' ? '' : Buffer.from(`${user}:${password}`).toString('base64');
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'ledgerline', ...(login !== '' && { authorization: `Basic ${login}` }), ...headers },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(answerMs),
  }).catch((error: unknown) => {
    throw new DeliveryFailure(`${receiver} could not be reached: ${reason(error, answerMs)}.`);
  });
  if (response.ok) return await dropAnswer(response);
  const secrets = [...partsOfUrl(url).filter((part) => part !== ownWord), ...Object.values(headers), password, login];
  const words = plain(await answerStart(response, ANSWER_BYTES_MAX));
  const said = words === '' ? '' : `: ${cut(withoutSecrets(words, secrets), WORDS_MAX)}`;
  throw new DeliveryFailure(sentences(`${receiver} answered ${response.status}${said}`, remedy(response.status)), {
    isFinal: REFUSED.has(response.status),
    waitMs: retryAfter(response),
  });
}

/** A line break is no part of one: URL leaves it out, and what stands below would be its end. */
const isWebAddress = (url: string): boolean => !/\s/.test(url) && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

/** fetch takes no address with a user and a password: they go as curl and Alertmanager send them. */
function loginOf(url: string): { readonly address: URL; readonly user: string; readonly password: string } {
  const address = new URL(url);
  const [user, password] = [decoded(address.username), decoded(address.password)];
  address.username = '';
  address.password = '';
  return { address, user, password };
}

/** Elements of HTML whose text is not for people. */
const UNREAD = /^\/?(style|script|head)\b/i;

/** Error pages are often HTML; their words are what helps. One pass over the text, so that no page can cost more than its length. */
function plain(text: string): string {
  const [first = '', ...tags] = text.split('<');
  let words = first;
  let unread = '';
  for (const tag of tags) {
    const name = UNREAD.exec(tag)?.[1]?.toLowerCase() ?? '';
    if (unread === '' && !tag.startsWith('/')) unread = name;
    else if (unread === name && tag.startsWith('/')) unread = '';
    const end = tag.indexOf('>');
    if (unread === '' && end >= 0) words += ` ${tag.slice(end + 1)}`;
  }
  return oneLine(words).replaceAll(/\s+/g, ' ').trim();
}

/** Below HTTP the cause says more than fetch does; neither names the address. */
function reason(error: unknown, answerMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${answerMs / 1000} s`;
  const code = typeof error === 'object' && error !== null && 'cause' in error ? codeOf(error.cause) : '';
  return connectionReason(error) ?? (code === '' ? 'the connection failed' : code);
}

/** What to do about an answer that is not 2xx, where that is known. */
function remedy(status: number): string {
  if (status >= 300 && status < 400) return 'It redirects, which is not followed: configure the address it redirects to.';
  if (status === 401 || status === 403) return 'Check the secret, and whether it is still valid.';
  if (status === 404 || status === 410) return 'Check the address, and whether the integration there still exists.';
  return '';
}

/** In seconds, or a date, which is one by the clock of whoever names it. */
function retryAfter({ headers }: Response): number | undefined {
  const text = headers.get('retry-after') ?? '';
  const seconds = text === '' ? Number.NaN : Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - Date.parse(headers.get('date') ?? '') : seconds * 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
