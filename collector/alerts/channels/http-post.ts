/** One POST of JSON, with what its failure means for trying again. */
import { DeliveryFailure } from '../outbox.ts';
import { codeOf, connectionReason, sentences } from './connection-errors.ts';
import { partsOfUrl, withoutSecrets } from './secret.ts';

const ANSWER_MS = 10_000;
/** The message itself is refused: the same again would be, too. */
const REFUSED = new Set([400, 410, 413, 422]);

export interface Post {
  /** Address; it may be a secret, and is in no message. */
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As the receiver is called in messages, such as "Slack". */
  readonly receiver: string;
}

/** Throws DeliveryFailure. Redirects are not followed: nobody but the configured receiver gets the figures. */
export async function postJson({ url, body, headers = {}, receiver }: Post): Promise<void> {
  if (!isWebAddress(url))
    throw new DeliveryFailure(`${receiver}: its file does not hold an http:// or https:// address. Put only the address in it.`);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'ledgerline', ...headers },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((error: unknown) => {
    throw new DeliveryFailure(`${receiver} could not be reached: ${reason(error)}.`);
  });
  const text = await response.text().catch(() => '');
  if (response.ok) return;
  const secrets = [...partsOfUrl(url), ...Object.values(headers)];
  const said = plain(text) === '' ? '' : `: ${withoutSecrets(plain(text), secrets).slice(0, 200)}`;
  throw new DeliveryFailure(sentences(`${receiver} answered ${response.status}${said}`, remedy(response.status)), {
    isFinal: REFUSED.has(response.status),
    waitMs: retryAfter(response),
  });
}

const isWebAddress = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

/** Error pages are often HTML; their words are what helps. */
const plain = (text: string): string =>
  text
    .replaceAll(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Below HTTP the cause says more than fetch does; neither names the address. */
function reason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${ANSWER_MS / 1000} s`;
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

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
