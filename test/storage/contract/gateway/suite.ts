/** What the suites about records of gateways share. */
import type { LimitRecord } from '../../../../collector/gateway/records.ts';

export const limitRecord = (overrides: Partial<LimitRecord> = {}): LimitRecord => ({
  ...{ atMs: 1, who: 'cli:ops', gateway: 'https://gateway.example.com', what: 'set', outcome: 'done', limitId: 'l1', budgets: ['platform'] },
  ...{ before: undefined, after: undefined, error: undefined },
  ...overrides,
});
