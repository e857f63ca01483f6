/** Tables that somebody reads page by page, kept for a while: later pages are about the same state of the ledger as the first. */
import { LRUCache } from 'lru-cache';
import { MINUTE_MS } from '../../core/duration.ts';
import type { TableData } from './panel-data.ts';

/** Of all tables together; the one unread for longest gives way. */
const ROWS_MAX = 50_000;
const KEPT_MS = 5 * MINUTE_MS;

export type TableMemory = LRUCache<string, TableData>;

/** A larger table than all may be is not kept: its pages are then about the ledger as it is. */
export const createTableMemory = (): TableMemory =>
  new LRUCache({ maxSize: ROWS_MAX, sizeCalculation: ({ rows }) => Math.max(1, rows.length), ttl: KEPT_MS });
