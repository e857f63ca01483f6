/**
 * Begins a transaction of a copy, which lasts as long as it does: whatever bounds the server, the database or the role has. Those that this server
 * does not know are left out.
 */
import { READ_ONLY } from '../../postgres/connection.ts';

const BOUNDS = ['statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'];
const WITHOUT = `SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN (${BOUNDS.map((name) => `'${name}'`).join()})`;

export const UNHURRIED = `BEGIN; ${WITHOUT}`;
export const UNHURRIED_INSTANT = `${READ_ONLY}; ${WITHOUT}`;
