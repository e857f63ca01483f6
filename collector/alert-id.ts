/** What a message is recognised by. */
import { createHash } from 'node:crypto';

/** The same event for the same channel has the same id, whoever computes it and however often. */
export const deliveryId = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
