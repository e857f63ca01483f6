/** What one replica of the collector does. All replicas of a ledger together do everything. */
import { z } from 'zod';

export const ROLES = ['all', 'receiver', 'reader', 'worker'] as const;
export type ReplicaRole = (typeof ROLES)[number];

export interface Duties {
  /** Telemetry, on the two OTLP ports. */
  readonly receives: boolean;
  /** REST, the built-in boards, MCP, and the ledger's series. */
  readonly reads: boolean;
  /** What only one replica does at a time: roll-ups, retention, alerts, scheduled exports and imports. */
  readonly works: boolean;
}

export const dutiesOf = (role: ReplicaRole): Duties => ({
  receives: role === 'all' || role === 'receiver',
  reads: role === 'all' || role === 'reader',
  works: role === 'all' || role === 'worker',
});

export const roleSchema = z
  .enum(ROLES)
  .default('all')
  .describe('What this replica does: receiver takes telemetry, reader answers, worker does what is scheduled. Other than all needs storage.url.');
