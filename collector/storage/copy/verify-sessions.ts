/** Sessions of both, one by one: when they were, what they cost, how many entries they have. */
import { placeOf, SESSIONS } from './copied-sessions.ts';
import type { CopySource, CopyTarget, Figures } from './ends.ts';

export async function* sessionDifferences(source: CopySource, target: CopyTarget): AsyncGenerator<string, void> {
  for await (const page of source.sessions()) {
    const numbers = page.map(({ session }) => Number(session));
    const marks = await target.marks(SESSIONS, numbers);
    const numberOf = (session: bigint): number => placeOf(marks.get(Number(session)) ?? '-1').session;
    const [from, to] = [await source.figures(numbers), await target.figures(page.map(({ session }) => numberOf(session)))];
    for (const { session, sessionId } of page) yield* differencesOf(sessionId, from.get(Number(session)), to.get(numberOf(session)));
  }
}

function* differencesOf(sessionId: string, from: Figures | undefined, to: Figures | undefined): Generator<string, void> {
  const name = `session ${sessionId}`;
  if (from === undefined || to === undefined) {
    yield `${name}: missing in the copy.`;
    return;
  }
  for (const [column, was] of Object.entries(from)) {
    if (was !== to[column]) yield `${name}: ${column} is ${was} at the source, ${to[column]} in the copy.`;
  }
}
