/** Asks the API. A failure carries the server's own message and hint. */
import { storedToken } from './token.ts';

declare global {
  interface Window {
    ledgerlineAhead?: { readonly path: string; readonly response: Promise<Response> } | undefined;
  }
}

export class ApiFailure extends Error {
  readonly status: number;
  readonly hint: string;

  constructor(status: number, message: string, hint: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** A connection that is half gone would keep the page waiting for ever. Longer than any answer takes. */
const GIVE_UP_MS = 180_000;

const UNREACHABLE = 'Check that it is running (npm run up). The page retries by itself.';

export interface Answered<Answer> {
  readonly text: string;
  readonly answer: Answer;
  /** By how much this machine's clock is ahead of the collector's. */
  readonly clockAheadMs: number;
}

/** The answer's text and what it says. Throws ApiFailure; an aborted request throws AbortError. */
export async function ask<Answer>(path: string, signal: AbortSignal): Promise<Answered<Answer>> {
  const { text, sentMs } = await askText(path, signal);
  // The cast is the wire edge: our own server's answer.
  return { text, answer: JSON.parse(text) as Answer, clockAheadMs: Number.isNaN(sentMs) ? 0 : Date.now() - sentMs };
}

function send(path: string, signal: AbortSignal): Promise<Response> {
  const token = storedToken();
  return fetch(path, {
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(GIVE_UP_MS)]),
  });
}

/** What ahead.ts asked for before this module was there, if it is the same; once. */
function takeAhead(path: string): Promise<Response> | undefined {
  const ahead = window.ledgerlineAhead;
  window.ledgerlineAhead = undefined;
  return ahead?.path === path ? ahead.response : undefined;
}

interface Text {
  readonly text: string;
  readonly sentMs: number;
  /** What the collector calls it as a file. */
  readonly fileName: string | undefined;
  /** Address of the next page. */
  readonly next: string | undefined;
}

/** The answer as it came, and when the collector sent it by its own clock (NaN when it does not say). Throws as `ask` does. */
export async function askText(path: string, signal: AbortSignal): Promise<Text> {
  const { response, text } = await receive(takeAhead(path) ?? send(path, signal)).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new ApiFailure(0, 'The collector does not respond.', UNREACHABLE);
  });
  if (!response.ok) throw failureOf(response.status, text);
  return {
    text,
    sentMs: Date.parse(response.headers.get('date') ?? ''),
    fileName: fileNameOf(response.headers.get('content-disposition') ?? ''),
    next: /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1],
  };
}

/** To its end: a connection may break off in the middle. */
async function receive(sent: Promise<Response>): Promise<{ readonly response: Response; readonly text: string }> {
  const response = await sent;
  return { response, text: await response.text() };
}

/** RFC 6266: the extended form where there is one. */
function fileNameOf(disposition: string): string | undefined {
  const [, extended] = /filename\*=UTF-8''([^;]+)/i.exec(disposition) ?? [];
  const [, quoted, plain] = /filename=(?:"([^"]+)"|([^;]+))/i.exec(disposition) ?? [];
  return extended === undefined ? (quoted ?? plain) : decodeURIComponent(extended);
}

function failureOf(status: number, text: string): ApiFailure {
  const unknown = new ApiFailure(status, `The collector responded with status ${status}.`, 'See its log for details.');
  try {
    const { detail, hint = '' } = JSON.parse(text) as { detail?: string; hint?: string }; // the wire edge, as above
    return detail === undefined ? unknown : new ApiFailure(status, detail, hint);
  } catch {
    return unknown;
  }
}
