/** Names of time zones, of which anyone may ask for any, in any spelling: each is one of a few thousand, and looked up once. */
import { LRUCache } from 'lru-cache';

interface Zone {
  readonly name: string;
  readonly canonical: string;
}

/** All there are: some 600 names, and 192 offsets in up to three spellings. */
const ZONES_MAX = 2_000;
/** Of whole quarters of an hour, on which the ledger has every day begin. */
const OFFSET = /^[+-]\d{2}(?::?(?:00|15|30|45))?$/;
/** Temporal would also take a date with a zone behind it. */
const NAME = /^[a-z][\w+/-]{0,63}$/i;

const zones = new LRUCache<string, Zone>({ max: ZONES_MAX, memoMethod: lookUp });

function lookUp(spelling: string): Zone {
  const name = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(spelling).timeZoneId;
  // Each of these formats costs 30 kB beyond the heap, so none is made for another spelling of the same name.
  const canonical = OFFSET.test(name) || name === 'UTC' ? name : new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  return { name, canonical };
}

function zoneOf(spelling: string): Zone {
  if (!NAME.test(spelling) && !OFFSET.test(spelling)) throw new RangeError('not a time zone');
  return zones.memo(spelling.toLowerCase());
}

/** Those that are suggested for a misspelt one: also UTC, which the list leaves out. */
export const zoneNames = (): readonly string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];

/**
 * A zone as IANA writes it: "europe/berlin" is "Europe/Berlin", "+0100" is "+01:00". Throws a RangeError for what is no zone, and for an offset
 * with other minutes than quarters of an hour.
 */
export const zoneName = (spelling: string): string => zoneOf(spelling).name;

/** The one name of all names of a zone, for keys: "Etc/UTC" is "UTC". Throws a RangeError for what is no zone. */
export const canonicalZone = (spelling: string): string => zoneOf(spelling).canonical;
