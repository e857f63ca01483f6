import { describe, expect, test } from '@jest/globals';
import type { MeasureName } from '../../../collector/catalog/measures.ts';
import { defaultConfig } from '../../../collector/config/config.ts';
import { toFloatUsd } from '../../../collector/core/money.ts';
import type { Interpretation, Usage } from '../../../collector/ingest/usage.ts';
import { readSequences } from '../../../collector/ledger/sequence-gaps.ts';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import { type Agreement, listAgreements, readCapture } from './captures.ts';
import { createTestInterpreter } from './support.ts';

const agreements = listAgreements();
const folders = [...new Set(agreements.map(({ version, fixture }) => `${version}/${fixture}`))];
const interpretations = new Map(folders.map((folder) => [folder, interpretFolder(folder)]));

function interpretFolder(folder: string): readonly Interpretation[] {
  const interpret = createTestInterpreter(defaultConfig().models.aliases);
  return readCapture(folder).map(({ received, receivedMs }) => interpret(received, receivedMs));
}

/** Usages of a session, each once; of a cumulative series only the last value since each start. */
function usagesOf({ version, fixture, session }: Agreement): readonly Usage[] {
  const once = new Map<string, Usage>();
  for (const { usages } of interpretations.get(`${version}/${fixture}`) ?? []) {
    for (const usage of usages) {
      if (!usage.sessionId.startsWith(session)) continue;
      const key = usage.cumulative === undefined ? usage.identity : `${usage.cumulative.series} ${usage.cumulative.startMs}`;
      const known = once.get(key);
      if (known === undefined || known.timeMs <= usage.timeMs) once.set(key, usage);
    }
  }
  return [...once.values()];
}

const sumCost = (usages: readonly Usage[]) => toFloatUsd(usages.reduce((sum, usage) => sum + (usage.cost ?? 0n), 0n));
const sumAmount = (usages: readonly Usage[], name: MeasureName) => usages.reduce((sum, usage) => sum + (usage.amounts[name] ?? 0), 0);
const TOKEN_CLASSES = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;
const sumTokens = (usages: readonly Usage[]) => TOKEN_CLASSES.reduce((sum, name) => sum + sumAmount(usages, name), 0);

describe.each(agreements)('$version $fixture $session', (agreement) => {
  const usages = usagesOf(agreement);
  const events = usages.filter((usage) => usage.source === 'events');
  const metrics = usages.filter((usage) => usage.source === 'metrics');

  test('events should give the cost, tokens and requests that they were seen to carry', () => {
    expect(Math.abs(sumCost(events) - agreement.eventCost)).toBeLessThan(1e-9);
    expect(sumTokens(events)).toBe(agreement.eventTokens);
    expect(sumAmount(events, 'requests')).toBe(agreement.apiRequests);
  });

  test('metrics should give the cost and tokens that they were seen to carry', () => {
    expect(Math.abs(sumCost(metrics) - agreement.metricCost)).toBeLessThan(1e-9);
    expect(sumTokens(metrics)).toBe(agreement.metricTokens);
  });
});

describe('all captures', () => {
  const all = [...interpretations.values()].flat();

  test('nothing should be rejected, ignored or undocumented', () => {
    expect(all.flatMap(({ rejections }) => rejections)).toEqual([]);
    expect(all.flatMap(({ ignored }) => [...ignored.keys()])).toEqual([]);
    expect(all.flatMap(({ unknownAttributes }) => [...unknownAttributes.keys()])).toEqual([]);
    expect(all.reduce((sum, { correctedTimes }) => sum + correctedTimes, 0)).toBe(0);
  });

  test('both sources of a session should name the same models, unless another one answered or advised', () => {
    for (const agreement of agreements) {
      const priced = usagesOf(agreement).filter((usage) => usage.cost !== undefined);
      const models = (source: Usage['source']) =>
        new Set(priced.filter((usage) => usage.source === source).map(({ dimensions }) => dimensions.model));
      expect(priced.every(({ dimensions }) => dimensions.model?.startsWith('claude-'))).toBe(true);
      const isOneModel = !/advisor|respmodel|fallback/.test(agreement.fixture);
      if (isOneModel && agreement.eventCost > 0 && agreement.metricCost === agreement.eventCost) expect(models('metrics')).toEqual(models('events'));
    }
  });

  test('both sources of a session should spell the coarse query source alike', () => {
    for (const agreement of agreements.filter(({ version }) => version === '2.1.329')) {
      const priced = usagesOf(agreement).filter((usage) => usage.cost !== undefined);
      const costs = (source: Usage['source'], querySource: string) =>
        sumCost(priced.filter((usage) => usage.source === source && usage.dimensions.query_source === querySource));
      if (agreement.metricCost !== agreement.eventCost) continue;
      for (const source of ['main', 'subagent', 'auxiliary']) expect(costs('events', source)).toBeCloseTo(costs('metrics', source), 9);
    }
  });

  test('no number of an event should be missing, through resumed, forked, cut and killed sessions', () => {
    const numbered = agreements.map((agreement) =>
      usagesOf(agreement).flatMap(({ timeMs, sequence }) => (sequence === undefined ? [] : [{ timeMs, sequence }])),
    );
    const books = numbered.map(readSequences);
    expect(books.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(400);
    expect(books.map(({ missing }) => missing)).toEqual(agreements.map(() => 0));
  });

  test('an identity should stand for one record only', () => {
    for (const [folder, interpreted] of interpretations) {
      const texts = new Map<string, string>();
      for (const usage of interpreted.flatMap(({ usages }) => usages)) {
        const key = `${usage.sessionId} ${usage.identity}`;
        const text = JSON.stringify([usage.kind, usage.timeMs, String(usage.cost), usage.amounts, usage.dimensions]);
        expect([folder, texts.get(key) ?? text]).toEqual([folder, text]);
        texts.set(key, text);
      }
    }
  });
});

describe('list prices beside what the client reports', () => {
  const prices = loadPriceBook();
  const requests = agreements.flatMap((agreement) => usagesOf(agreement).map((usage) => ({ ...agreement, usage })));
  const differing = requests.flatMap(({ version, fixture, usage }) => {
    if (usage.tokens === undefined) return [];
    const list = prices.listCost(usage.dimensions.model ?? '', usage.tokens, usage.timeMs, usage.dimensions) ?? -1n;
    const [listUsd, reportedUsd] = [toFloatUsd(list), toFloatUsd(usage.cost ?? 0n)];
    return Math.abs(listUsd - reportedUsd) < 1e-9 ? [] : [{ where: `${version}/${fixture}`, list: listUsd, reported: reportedUsd }];
  });

  test('should be the same for every request, except where the cost includes what the tokens or the model of the event leave out', () => {
    expect(requests.filter(({ usage }) => usage.tokens !== undefined).length).toBeGreaterThan(150);
    expect(differing).toEqual([
      // A cut stream was retried: the cost includes the lost attempts.
      { where: '2.1.329/cut.http-json', list: 0.0127827, reported: 0.01716045 },
      { where: '2.1.329/cut.http-json', list: 0.03230625, reported: 0.0647532 },
      // The advisor's cost is in the event, its tokens are not.
      { where: '2.1.332/advisor.http-json', list: 0.0165, reported: 0.0665 },
      { where: '2.1.332/advisor.grpc', list: 0.0165, reported: 0.0665 },
      // Priced as the model that was asked for; the event names the one that answered.
      { where: '2.1.332/respmodel.http-json', list: 0.0038785, reported: 0.007757 },
      { where: '2.1.332/respmodel.http-json', list: 0.0070664, reported: 0.0141328 },
    ]);
  });
});
