/** Last days of models on the Claude API. A price holds after it. */
import { builtIn } from './load.ts';

export interface Retirement {
  /** UTC day. */
  readonly on: string;
  readonly source: string;
}

export const retirements = (): ReadonlyMap<string, Retirement> => new Map(Object.entries(builtIn().file.retirements ?? {}));
