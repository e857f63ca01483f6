/** Answers of many rows: written piece by piece as fast as the client reads, never as one text. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** Rows in one piece, and the fewest that are many. */
const PIECE_ROWS = 1_000;

/** The same bytes as response.json(). */
export async function sendJson(response: Response, answer: object): Promise<void> {
  if (!isLarge(answer)) response.json(answer);
  else await send(response.type('json'), jsonPieces(answer));
}

/** The head is the caller's. */
export async function sendText(response: Response, pieces: Iterable<string>): Promise<void> {
  await send(response, pieces);
}

async function send(response: Response, pieces: Iterable<string>): Promise<void> {
  // A client that goes away meanwhile needs no answer.
  await pipeline(Readable.from(response.req.method === 'HEAD' ? [] : pieces), response).catch(() => undefined);
}

/** Some list in it, or in what it consists of, is long. */
export function isLarge(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > PIECE_ROWS;
  return typeof value === 'object' && value !== null && Object.values(value).some(isLarge);
}

function* jsonPieces(value: unknown): Iterable<string> {
  if (!isLarge(value) || typeof value !== 'object' || value === null) yield JSON.stringify(value);
  else if (Array.isArray(value)) yield* listPieces(value);
  else yield* objectPieces(value);
}

function* listPieces(list: readonly unknown[]): Iterable<string> {
  for (let from = 0; from < list.length; from += PIECE_ROWS) {
    const piece = JSON.stringify(list.slice(from, from + PIECE_ROWS));
    yield `${from === 0 ? '[' : ','}${piece.slice(1, -1)}`;
  }
  yield ']';
}

function* objectPieces(value: object): Iterable<string> {
  let before = '{';
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    yield `${before}${JSON.stringify(key)}:`;
    yield* jsonPieces(field);
    before = ',';
  }
  yield '}';
}
