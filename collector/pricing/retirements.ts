/** Last days of models on the Claude API. A price holds after it. */
import { BUILT_IN, loadPriceFile } from './load.ts';

export interface Retirement {
  /** UTC day. */
  readonly on: string;
  readonly source: string;
}

export const retirements = (): ReadonlyMap<string, Retirement> => new Map(Object.entries(loadPriceFile(BUILT_IN).retirements ?? {}));
