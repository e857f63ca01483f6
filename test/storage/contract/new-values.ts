/** Invented names are grouped, and keep nobody out. */
import { describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

/** Five exports of names, as one attacker sends them: 2.3 MB in all. */
const EXPORTS = 5;
const NAMES = 2_400;

export function describeNewValues(open: OpenStore): void {
  describe('new values of dimensions', () => {
    const ledger = useLedger(open);
    const send = (sender: string, entries: readonly Entry[]) => ledger.writer.append({ entries, receivedMs: NOON, sender });
    const invented = (round: number, cost: string) =>
      Array.from({ length: NAMES }, (_, index) => {
        const name = `invented ${round} ${index}`.padEnd(38, 'x');
        return event({
          id: name,
          sessionId: `s${index}`,
          cost,
          user: name,
          team: name,
          model: name,
          dimensions: { organization: name, workspace: name },
        });
      });
    const real = (id: string) =>
      event({ id, cost: '0.25', user: id, team: 'new team', model: 'claude-new', dimensions: { organization: 'acme', workspace: 'web' } });
    const costOf = async (dimension: DimensionName, value: string) => (await ledger.ask({ where: [{ dimension, values: [value] }] })).totals[0];

    test.each([
      ['without any cost, from the token that the real ones have, too', '0', 'shared'],
      ['with costs, from a token of its own', '0.01', 'stolen'],
    ])('a flood %s: who comes afterwards is seen by name', async (_, cost, token) => {
      for (let round = 0; round < EXPORTS; round++) await send(token, invented(round, cost));
      await send('shared', [real('alice@example.com')]);
      await send('shared', [real('bob@example.com')]);
      expect(await costOf('user', 'bob@example.com')).toBe(usd('0.25'));
      const [organization, team, workspace, model] = ['acme', 'new team', 'web', 'claude-new'];
      for (const [dimension, value] of Object.entries({ organization, team, workspace, model })) {
        expect([dimension, await costOf(dimension as DimensionName, value)]).toEqual([dimension, usd('0.5')]);
      }
      // Of users and workspaces there is room for as many in an hour: a whole company may begin with one token.
      const { overflow } = await ledger.reader.status();
      expect(Object.keys(overflow).sort()).toEqual(['model', 'organization', 'team']);
    });

    test('what became "(other)" is said of the export that brought it', async () => {
      const outcomes = [];
      for (let round = 0; round < 2; round++) outcomes.push(await send('stolen', invented(round, '0.01')));
      expect(outcomes[1]?.grouped).toMatchObject({ organization: NAMES, model: NAMES });
    });
  });
}
