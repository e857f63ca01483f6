/** The real client's requests: its cost is list price, to a billionth of a dollar, or the cause is named. */
import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import { priceUsage } from '../../../collector/ingest/price.ts';
import type { Usage } from '../../../collector/ingest/usage.ts';
import { listAgreements, readCapture } from '../../ingest/claude-code/captures.ts';
import { createTestInterpreter } from '../../ingest/claude-code/support.ts';
import { BOOK } from './requests.ts';

interface Captured {
  readonly folder: string;
  readonly usage: Usage;
}

const folders = [...new Set(listAgreements().map(({ version, fixture }) => `${version}/${fixture}`))];
const captured = folders.flatMap(requestsOf);

/** Each once, however often it was sent. Attempts that are reported as free have no tokens to price. */
function requestsOf(folder: string): Captured[] {
  const interpret = createTestInterpreter(defaultConfig().models.aliases);
  const usages = readCapture(folder).flatMap(({ received, receivedMs }) => interpret(received, receivedMs).usages);
  const once = new Map(usages.filter(({ tokens }) => tokens !== undefined).map((usage) => [`${usage.sessionId} ${usage.identity}`, usage]));
  return [...once.values()].map((usage) => ({ folder, usage }));
}

const explained = (usage: Usage) => {
  const explanation = priceUsage(usage, BOOK);
  if (explanation === undefined) throw new Error('The request has tokens.');
  return explanation;
};

const NANO_USD = 1_000n;

describe('the requests of the captured clients', () => {
  test('are priced at list to 1e-9 USD, and where they cannot be, for a cause that is named', () => {
    expect(captured.length).toBeGreaterThan(150);
    const others = captured.flatMap(({ folder, usage }) => {
      const { basis, detail, list } = explained(usage);
      const difference = (usage.cost ?? 0n) - (list?.cost ?? 0n);
      if (basis === 'list') expect([folder, difference < NANO_USD && difference > -NANO_USD]).toEqual([folder, true]);
      return basis === 'list' ? [] : [`${folder} ${basis}: ${detail}`];
    });
    const advised = 'probably, as what is beyond list price comes to whole tokens of a model that costs more';
    const repeated = 'probably attempts that were cut and repeated: their cost is reported, their tokens are not';
    expect(others.sort()).toEqual([
      `2.1.329/cut.http-json client_version: ${repeated}`,
      `2.1.329/cut.http-json client_version: ${repeated}`,
      `2.1.332/advisor.grpc advisor: ${advised}`,
      `2.1.332/advisor.http-json advisor: ${advised}`,
      '2.1.332/respmodel.http-json promotion: at the price of claude-opus-5-5',
      '2.1.332/respmodel.http-json promotion: at the price of claude-opus-5-5',
    ]);
  });

  test('would have shown the lifetimes of their cache writes by their cost alone', () => {
    const said = captured.filter(({ usage: { hasLifetimes, tokens, cost } }) => hasLifetimes === true && tokens !== undefined && cost !== undefined);
    const both = said.filter(({ usage: { tokens } }) => (tokens?.cacheCreation5m ?? 0) > 0 && (tokens?.cacheCreation1h ?? 0) > 0);
    expect([said.length > 80, both.length > 20]).toEqual([true, true]);
    for (const { folder, usage } of said) {
      if (explained(usage).basis !== 'list' || usage.tokens === undefined) continue;
      const { cacheCreation5m, cacheCreation1h } = usage.tokens;
      const { hasLifetimes: _, ...silent } = {
        ...usage,
        tokens: { ...usage.tokens, cacheCreation5m: cacheCreation5m + cacheCreation1h, cacheCreation1h: 0 },
      };
      const { tokens, lifetimes, list, uncertain, basis } = explained(silent);
      expect({ folder, tokens, lifetimes, cost: list?.cost, uncertain, basis }).toEqual({
        ...{ folder, tokens: usage.tokens, lifetimes: 'solved', cost: explained(usage).list?.cost, uncertain: 0n, basis: 'list' },
      });
    }
  });

  test('leave the lifetimes open in versions that price all cache writes alike', () => {
    const old = captured.filter(({ folder, usage: { tokens } }) => /^(1\.|2\.0)/.test(folder) && (tokens?.cacheCreation5m ?? 0) > 0);
    expect(old.length).toBeGreaterThan(30);
    for (const { usage } of old) {
      const { list, lifetimes, uncertain, basis } = explained(usage);
      expect([basis, lifetimes, uncertain > 0n, list?.cost]).toEqual(['list', 'unknown', true, usage.cost]);
    }
  });
});
