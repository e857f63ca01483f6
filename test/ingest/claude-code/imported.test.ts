/** Records of imports: each stands in for an api_request event, and both say of which request they are in the same way. */
import { describe, expect, test } from '@jest/globals';
import { IMPORT_SCOPE } from '../../../collector/catalog/imported.ts';
import { idKeyIn, requestIdKey } from '../../../collector/ledger/stand-ins.ts';
import { createTestInterpreter, eventRecord, interpretEvent, logsExport, onlyUsage, type Plain, RECEIVED_MS } from './support.ts';

const REQUEST: Plain = {
  ...{ model: 'claude-opus-5-5-20260901', input_tokens: 10, output_tokens: 20, cache_read_tokens: 30, cache_creation_tokens: 40 },
};
const IMPORTED: Plain = { 'ledgerline.import.origin': 'transcripts', 'ledgerline.import.key': 'msg_1 req_1' };

const imported = (more: Plain = {}, fields: Parameters<typeof eventRecord>[2] = {}) =>
  createTestInterpreter()(logsExport([eventRecord('api_request', { ...REQUEST, ...IMPORTED, ...more }, fields)], {}, IMPORT_SCOPE), RECEIVED_MS);

describe('a record of an import', () => {
  test('is a stand-in of its origin, without the number that a client would give it', () => {
    const usage = onlyUsage(imported({ request_id: 'req_1', web_search_requests: 2, inference_geo: 'us' }));
    expect(usage).toMatchObject({
      ...{ isStandIn: true, source: 'events', request: expect.any(String), cost: undefined },
      dimensions: { origin: 'transcripts', model: 'claude-opus-5-5', speed: 'normal' },
      amounts: { requests: 1, input_tokens: 10, cache_creation_tokens: 40 },
      circumstances: { webSearches: 2, inferenceGeo: 'us' },
    });
    expect([usage.sequence, usage.identity]).toEqual([undefined, expect.stringMatching(/^~[\w-]{15}$/)]);
  });

  test('is of the same request as its event, with an id or without', () => {
    const of = (more: Plain) => [
      onlyUsage(interpretEvent('api_request', { ...REQUEST, cost_usd: 0.5, ...more })).request,
      onlyUsage(imported(more)).request,
    ];
    const [event, standIn] = of({ request_id: 'req_1' });
    expect(standIn).toBe(event);
    expect(idKeyIn(event ?? '')).toBe(requestIdKey('req_1'));
    const [anonymous, anonymousStandIn] = of({});
    expect(anonymousStandIn).toBe(anonymous);
    expect(idKeyIn(anonymous ?? '')).toBeUndefined();
    // Transcripts may have a placeholder for the answer.
    expect(of({ output_tokens: 1 })).toEqual([anonymous, anonymous]);
    expect(of({ input_tokens: 11 })).not.toContain(anonymous);
  });

  test('has the same identity wherever it is found, and what is billed beside it another one', () => {
    const beside = { 'ledgerline.import.beside.model': 'claude-opus-5-5', 'ledgerline.import.beside.input_tokens': 10 };
    const [own, again, advisor] = [onlyUsage(imported()), onlyUsage(imported({ model: 'other' })), onlyUsage(imported(beside))];
    expect(again.identity).toBe(own.identity);
    expect(advisor.identity).toMatch(/^~\+[\w-]{14}$/);
    expect(advisor.amounts.requests).toBeUndefined();
  });

  test('without an id is beside the request that it names', () => {
    const beside = {
      'ledgerline.import.beside.model': 'claude-opus-5-5',
      'ledgerline.import.beside.input_tokens': 10,
      'ledgerline.import.beside.cache_read_tokens': 30,
      'ledgerline.import.beside.cache_creation_tokens': 40,
    };
    expect(onlyUsage(imported({ ...beside, model: 'claude-haiku-5-5', input_tokens: 9_000 })).request).toBe(onlyUsage(imported()).request);
  });

  test.each([
    ['an unknown origin', { 'ledgerline.import.origin': 'hearsay' }, {}, 'invalid_import'],
    ['no session', { 'session.id': '' }, {}, 'invalid_import'],
    ['no key', { 'ledgerline.import.key': '' }, {}, 'invalid_import'],
    ['a time outside the window', {}, { timeMs: RECEIVED_MS - 500 * 86_400_000 }, 'import_outside_window'],
    ['counts that are none', { input_tokens: 'many' }, {}, 'invalid_number'],
  ])('with %s is rejected', (_, more, fields, reason) => {
    const { usages, rejections } = imported(more, fields);
    expect([usages, rejections]).toEqual([[], [{ reason, message: expect.stringMatching(/^import: /), isImport: true }]]);
  });
});
