/** Every attack, in the order in which they run. */
import type { Attack } from './attack.ts';
import { ARRIVAL_ATTACKS } from './attacks-arrivals.ts';
import { BODY_ATTACKS } from './attacks-bodies.ts';
import { CONNECTION_ATTACKS, TLS_ATTACKS } from './attacks-connections.ts';
import { fuzz } from './attacks-fuzz.ts';
import { GRPC_ATTACKS } from './attacks-grpc.ts';
import { LEDGER_ATTACKS } from './attacks-ledger.ts';
import { READER_ATTACKS } from './attacks-readers.ts';

const FUZZED = 20_000;

/** Names fill the ledger for good, so the ledger's attacks come after the readers'. */
export const ATTACKS: readonly Attack[] = [
  ...BODY_ATTACKS,
  fuzz(FUZZED),
  ...GRPC_ATTACKS,
  ...ARRIVAL_ATTACKS,
  ...CONNECTION_ATTACKS,
  ...READER_ATTACKS,
  ...LEDGER_ATTACKS,
  ...TLS_ATTACKS,
];
