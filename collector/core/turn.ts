/** Gives everything else that waits on this thread its turn. */
import { setImmediate } from 'node:timers/promises';

export const turn = (): Promise<void> => setImmediate();
