import { describe, expect, test } from '@jest/globals';
import { type ErrorCode, LedgerlineError } from '../../../collector/core/error.ts';
import { type Outcome, outcomeOf, REPLIES, type Reply } from '../../../collector/ingest/otlp/status.ts';

// Object.entries forgets that the keys are outcomes.
const rows = Object.entries(REPLIES) as [Outcome, Reply][];

/** What Claude Code sends again after (reference of the wire); after anything else the data is gone. */
const RETRIED_BY_CLIENT = [429, 502, 503, 504];

describe.each(rows)('the outcome %s', (_outcome, { http, grpc, retryable, retryAfterSeconds }) => {
  test('should be retried by a client exactly when a retry helps', () => {
    expect(RETRIED_BY_CLIENT.includes(http)).toBe(retryable);
    expect(retryAfterSeconds !== undefined).toBe(retryable);
  });

  test('should never be a 500, which loses data that could have been kept', () => {
    expect([500, 501]).not.toContain(http);
  });

  test('should agree between the transports on success', () => {
    expect(grpc === 0).toBe(http === 200);
  });

  test('should ask to come back within the two seconds that a client has at its end', () => {
    expect(retryAfterSeconds ?? 0).toBeLessThanOrEqual(2);
  });
});

test.each<[ErrorCode, number, number]>([
  ['invalid', 400, 3],
  ['unauthenticated', 401, 16],
  ['forbidden', 403, 7],
  ['not_found', 404, 12],
  ['too_large', 413, 8],
  ['unsupported', 415, 12],
  ['unavailable', 503, 14],
  ['internal', 503, 14],
])('an error %s should be answered %d over HTTP and %d over gRPC', (code, http, grpc) => {
  expect(REPLIES[outcomeOf(new LedgerlineError(code, 'why'))]).toMatchObject({ http, grpc });
});
