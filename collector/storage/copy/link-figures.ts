/** Links of sessions to days and people, for a comparison: how many a session has, and a digest of them. */
import { hash } from 'node:crypto';
import { distinct, plainText } from './cells.ts';
import type { Cells, Figures } from './ends.ts';

const DIGEST_BITS = 48;
const NO_LINKS: Figures = { links: 0n, 'links.digest': 0n };

/** By session; rows are those of `session_links`. */
export function linkFigures(rows: readonly Cells[]): (session: number) => Figures {
  const bySession = Map.groupBy(rows, ({ session }) => Number(session));
  return (session) => {
    const own = bySession.get(session);
    return own === undefined ? NO_LINKS : figuresOf(own.map(({ session: _, ...link }) => link));
  };
}

function figuresOf(rows: readonly Cells[]): Figures {
  const links = distinct(rows);
  const digest = links.reduce((sum, link) => sum + BigInt(`0x${hash('sha256', plainText(link))}`), 0n);
  return { links: BigInt(links.length), 'links.digest': BigInt.asUintN(DIGEST_BITS, digest) };
}
