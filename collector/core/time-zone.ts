/** Names of time zones, of which anyone may ask for any, in any spelling. */
import { LRUCache } from 'lru-cache';

const SPELLINGS_MAX = 1_000;
const canonical = new LRUCache<string, string>({
  max: SPELLINGS_MAX,
  memoMethod: (timeZone) => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone,
});

/** The one spelling of a zone: "europe/berlin" is "Europe/Berlin". Throws a RangeError for what is no zone. */
export const canonicalZone = (timeZone: string): string => canonical.memo(timeZone);
