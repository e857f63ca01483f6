/** The ways from a client to the collector: straight, or through OpenTelemetry Collectors that rewrite, group or re-order what they forward. */
import { encodeProtobuf } from '../../collector/demo/wire.ts';
import * as hops from '../ingest/cases/hops.ts';
import { MESSAGES } from '../ingest/otlp/decode/otlp-schema.ts';
import { encodeJson } from '../support/demo-json.ts';
import type { Random } from '../support/random.ts';
import type { PlannedExport } from './traffic.ts';

/** One export in, one export out: a hop that splits could leave a part of an export behind, and no sender would know which. */
export type Route = hops.Hop;

export const DIRECT: Route = (bodies) => [...bodies];

const REWRITING: readonly Route[] = [
  hops.stampResource('gateway-a'),
  hops.stampResource('gateway-b'),
  hops.labelRecords('environment', 'a'),
  hops.groupByAttributes('session.id', 'user.email', 'user.id'),
  hops.groupByAttributes('model'),
  hops.resourceToRecords,
  hops.reverseAll,
  hops.chain(hops.groupByAttributes('session.id'), hops.reverseAll, hops.stampResource('gateway-b')),
];
const REWRITTEN = 0.5;

export const pickRoute = (random: Random): Route => (random.chance(REWRITTEN) ? random.pick(REWRITING) : DIRECT);

/** The same export on the same route always gives the same bytes. */
export function bodyOf(encoding: 'protobuf' | 'json', { signal, parts }: PlannedExport, route: Route): Buffer {
  if (route === DIRECT) return Buffer.from(encoding === 'json' ? encodeJson(parts) : encodeProtobuf(parts));
  const [forwarded, ...more] = route([{ signal, body: JSON.parse(encodeJson(parts)) }]);
  if (forwarded === undefined || more.length > 0) throw new Error('A route makes one export of one.');
  const type = MESSAGES[signal];
  return encoding === 'json' ? Buffer.from(JSON.stringify(forwarded.body)) : Buffer.from(type.encode(type.fromObject(forwarded.body)).finish());
}
