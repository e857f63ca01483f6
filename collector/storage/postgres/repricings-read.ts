/** Repricings that were applied: see collector/ledger/repricing.ts. */
import type { AppliedRepricing } from '../../ledger/repricing-record.ts';
import { repricingOf } from '../answer-rows.ts';
import type { Sql } from './connection.ts';

/** The newest that are answered: one takes minutes, and few are ever made. */
const LISTED_MAX = 1_000;

export const readRepricings = async (sql: Sql): Promise<AppliedRepricing[]> =>
  (await sql.rows(`SELECT * FROM repricings ORDER BY id DESC LIMIT ${LISTED_MAX}`)).map(repricingOf);
