/** Bodies that are small on the way and large or slow at their destination. */
import { ROUTES } from '../../../collector/catalog/names.ts';
import type { Arena, Attack } from './attack.ts';
import * as bodies from './bodies.ts';
import { type HostileBody, headersOf } from './bodies.ts';

const RECORDS = 100_000;
const BODY_BYTES = 16 * 1024 * 1024;

export function post(arena: Arena, body: HostileBody, index = 0): Promise<string> {
  return arena.send({
    port: arena.ports.otlpHttp,
    path: ROUTES[body.signal],
    headers: headersOf(body),
    body: body.bytes,
    localAddress: arena.address(index),
  });
}

interface Shots {
  readonly name: string;
  readonly what: string;
  readonly total: number;
  readonly atOnce: number;
  make(arena: Arena): HostileBody;
}

function shots({ name, what, total, atOnce, make }: Shots): Attack {
  return {
    name,
    what,
    async run(arena) {
      const body = make(arena);
      await arena.volley({ total: arena.times(total), atOnce }, (index) => post(arena, body, index));
    },
  };
}

const now = (): number => Date.now();

export const BODY_ATTACKS: readonly Attack[] = [
  shots({
    name: 'empty-records-24',
    what: '24 at once, each 100,000 empty records, 315 bytes with gzip',
    ...{ total: 24, atOnce: 24, make: (arena) => bodies.emptyRecords(arena.times(RECORDS)) },
  }),
  shots({
    name: 'empty-records-220',
    what: '220 of these at once',
    ...{ total: 220, atOnce: 220, make: (arena) => bodies.emptyRecords(arena.times(RECORDS)) },
  }),
  shots({
    name: 'empty-json-records',
    what: '48 at once, each 100,000 times {}',
    ...{ total: 48, atOnce: 48, make: (arena) => bodies.emptyJsonRecords(arena.times(RECORDS)) },
  }),
  shots({
    name: 'allowed-empty-records',
    what: '1,000 with 10,000 empty records each, 64 at once',
    ...{ total: 1_000, atOnce: 64, make: (arena) => bodies.emptyRecords(arena.times(RECORDS / 10)) },
  }),
  shots({
    name: 'nested-protobuf',
    what: '500 with a value of 100,000 levels, 32 at once',
    ...{ total: 500, atOnce: 32, make: (arena) => bodies.nestedProtobuf(arena.times(RECORDS)) },
  }),
  shots({
    name: 'nested-json',
    what: '200 with a value of 100,000 levels, 32 at once',
    ...{ total: 200, atOnce: 32, make: (arena) => bodies.nestedJson(arena.times(RECORDS)) },
  }),
  shots({
    name: 'open-brackets',
    what: '100 with 16 MB of [, 32 at once',
    ...{ total: 100, atOnce: 32, make: (arena) => bodies.openBrackets(arena.times(BODY_BYTES)) },
  }),
  shots({
    name: 'attributes',
    what: '100 with 200 records of 5,000 attributes, 32 at once',
    ...{ total: 100, atOnce: 32, make: (arena) => bodies.manyAttributes(200, arena.times(5_000)) },
  }),
  shots({
    name: 'long-values',
    what: '100 with 15 values of 1 MB, 32 at once',
    ...{ total: 100, atOnce: 32, make: (arena) => bodies.longValues(15, arena.times(1_048_576)) },
  }),
  shots({
    name: 'gzip-bombs',
    what: '200 at once, each 16 kB that become 16 MB of zeros',
    ...{ total: 200, atOnce: 200, make: (arena) => bodies.bomb(arena.times(BODY_BYTES)) },
  }),
  shots({
    name: 'unknown-field',
    what: '200 at once, each 16 kB that become one unknown field of 16 MB',
    ...{ total: 200, atOnce: 200, make: (arena) => bodies.unknownField(arena.times(BODY_BYTES - 16)) },
  }),
  shots({
    name: 'foreign-metrics',
    what: '50 with 100,000 points of a metric of others, 16 at once',
    ...{ total: 50, atOnce: 16, make: (arena) => bodies.foreignPoints(arena.times(RECORDS)) },
  }),
  shots({
    name: 'repeated-usage',
    what: '24 at once, each 16 MB of the same request',
    ...{ total: 24, atOnce: 24, make: (arena) => bodies.repeatedUsage(`repeated-${now()}`, arena.times(BODY_BYTES), now()) },
  }),
];
