/** Which place of a session is shown, and in which order its owners come. */
import { expect, test } from '@jest/globals';
import { type PlaceShare, partOf } from '../../collector/ledger/session-parts.ts';
import { noCost } from '../../collector/ledger/session-shares.ts';
import type { SessionSummary } from '../../collector/ledger/sessions.ts';

const place = (user: string, cost: bigint): PlaceShare => ({
  ...{ organization: '', team: '', user, workspace: '', repository: '' },
  ...{ cost, costBySource: { ...noCost().costBySource, events: cost } },
});

test('places that cost the same come in the order of their names, in whatever order a store has them', () => {
  const places = [place('cleo', 2n), place('bea', 2n), place('dan', 3n), place('ada', 2n)];
  const { cost, costBySource, ...ends } = place('dan', 9n);
  const session: SessionSummary = {
    ...{ sessionId: 's', firstSeenMs: 0, lastSeenMs: 0, clientVersion: '2.1', terminal: 'xterm', shares: [] },
    ...{ ...ends, cost, costBySource },
  };
  for (const order of [places, places.toReversed()]) {
    expect(partOf(session, order, {})?.shares.map(({ user }) => user)).toEqual(['dan', 'ada', 'bea', 'cleo']);
    const cheap = [{ dimension: 'user', values: ['cleo', 'bea', 'ada'] }] as const;
    expect(partOf(session, order, { where: cheap })).toMatchObject({ user: 'ada', cost: 6n });
  }
});
