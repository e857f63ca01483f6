/** What was set at gateways, and who may set something now. */
import { randomUUID } from 'node:crypto';
import { LedgerlineError } from '../../core/error.ts';
import type { GatewayLock, GatewayRecords, LimitRecord } from '../../gateway/records.ts';
import { limitBody, limitRecordOf } from '../gateway-rows.ts';
import { BesideLedger } from './beside-ledger.ts';
import { LOCK_STATE } from './budget-schema.ts';
import { statement } from './connection.ts';
import { openLeases } from './leases.ts';
import { storable } from './sql-text.ts';
import type { Target } from './target.ts';

const LOCK = statement(LOCK_STATE);
const ALL = statement('SELECT * FROM gateway_limits ORDER BY id');
const OF = statement('SELECT * FROM gateway_limits WHERE gateway = $1 ORDER BY id');
const APPEND = statement(
  `INSERT INTO gateway_limits (id, at_ms, who, gateway, what, outcome, body)
   SELECT coalesce(max(id), 0) + 1, $1::int8, $2::text, $3::text, $4::text, $5::text, $6::text FROM gateway_limits`,
);

/** Nothing is asked of the database before it is needed. */
export const openGatewayStore = (target: Target): GatewayRecords => new PostgresGatewayRecords(target);

/** For who only reads: where there is nothing, nothing is made. */
export const readGatewayStore = (target: Target): Omit<GatewayRecords, 'append'> => openGatewayStore(target);

class PostgresGatewayRecords implements GatewayRecords {
  readonly #beside: BesideLedger;

  constructor(target: Target) {
    this.#beside = new BesideLedger(target, 'gateways');
  }

  records(gateway?: string): Promise<readonly LimitRecord[]> {
    return this.#beside.read<readonly LimitRecord[]>([], async (sql) => {
      const rows = gateway === undefined ? await sql.rows(ALL) : await sql.rows(OF, [storable(gateway)]);
      return rows.map(limitRecordOf);
    });
  }

  append(record: LimitRecord): Promise<void> {
    const { atMs, who, gateway, what, outcome } = record;
    return this.#beside.write(async (sql) => {
      await sql.rows(LOCK, ['gateway']);
      await sql.run(APPEND, [atMs, storable(who), storable(gateway), what, outcome, limitBody(record)]);
    });
  }

  close(): Promise<void> {
    return this.#beside.close();
  }
}

const LEASE = 'gateway limits';

/** One run at a time, of all that use the database. A run that dies or is cut off loses it by itself. */
export async function lockGateway(target: Target): Promise<GatewayLock> {
  const beside = new BesideLedger(target, 'gateway lock');
  const leases = openLeases({ owner: randomUUID(), database: { rows: (asked, values) => beside.alone((sql) => sql.rows(asked, values)) } });
  const lease = await leases.acquire(LEASE).catch(async (error: unknown) => {
    await beside.close();
    throw error;
  });
  if (lease === undefined) {
    await beside.close();
    throw new LedgerlineError('unavailable', 'Limits are being pushed from this database by another run.', {
      hint: 'Wait until it is done, then run the command again. One that was killed is taken for ended a few seconds later.',
    });
  }
  return {
    confirm: () => lease.confirm(),
    release: async () => {
      await lease.release();
      await beside.close();
    },
  };
}
