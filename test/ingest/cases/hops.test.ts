/** The captures of the real client, through an OpenTelemetry Collector's processors: every session costs what it costs without them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AgreementRow, loadAgreement, loadCaptures } from '../../support/captures.ts';
import * as hops from './hops.ts';
import { startWiredCollector, type WiredCollector } from './wires.ts';

const WHO = ['session.id', 'user.email', 'user.id', 'user.account_uuid', 'organization.id'];
const HOPS: Readonly<Record<string, hops.Hop>> = {
  'groupbyattrs on session and user': hops.groupByAttributes('session.id', 'user.email', 'user.id'),
  'groupbyattrs on the model': hops.groupByAttributes('model'),
  'groupbyattrs on what tells series apart': hops.groupByAttributes('session.id', 'model', 'type', 'query_source', 'event.name', 'start_type'),
  'session and user on the scope': hops.chain(hops.groupByAttributes(...WHO), hops.resourceToScopes(...WHO)),
  'two collectors, one of which moves session and user to the scope': hops.both(
    hops.chain(hops.groupByAttributes(...WHO), hops.resourceToScopes(...WHO)),
    hops.stampResource('b'),
  ),
  'two collectors that differ in their host': hops.both(hops.stampResource('a'), hops.stampResource('b')),
  'two collectors, one of which groups': hops.both(hops.groupByAttributes('session.id'), hops.stampResource('b')),
  'two collectors, one of which labels': hops.both(hops.labelRecords('environment', 'a'), hops.stampResource('b')),
  'a batch of everything, with a redelivery': hops.chain(hops.sendTwice, hops.batchAll),
  'a batch of what two collectors forward': hops.chain(hops.both(hops.stampResource('a'), hops.labelRecords('via', 'b')), hops.batchAll),
  'two collectors, one of which re-orders': hops.both(hops.stampResource('a'), hops.reverseAll),
  'exports of single records, twice': hops.chain(hops.splitAll, hops.sendTwice),
  'metrics without query_source': hops.dropFromMetrics('query_source'),
  'resources copied to records': hops.resourceToRecords,
  'times in milliseconds': hops.timesWithout(6),
  'times in microseconds, and in nanoseconds': hops.both(hops.timesWithout(3), hops.batchAll),
};

const captures = [...loadCaptures()].flatMap(([capture, requests]) => {
  const bodies = requests.flatMap(({ signal, headers, body }): hops.Body[] =>
    signal === 'traces' || !headers['content-type']?.includes('json') ? [] : [{ signal, body: JSON.parse(body.toString()) as hops.Json }],
  );
  return bodies.length === 0 ? [] : [{ capture, bodies }];
});
const rows = loadAgreement().filter((row) => captures.some(({ capture }) => capture === row.capture));

let collector: WiredCollector;

beforeAll(async () => {
  collector = await startWiredCollector();
});

afterAll(() => collector.stop());

/** One collector takes them all: each hop has sessions of its own. */
const renamed = (body: hops.Json, prefix: string): hops.Json =>
  JSON.parse(JSON.stringify(body).replaceAll(/("key":"session\.id","value":\{"stringValue":")/g, `$1${prefix}`));

describe('captures of the real client', () => {
  test.each(Object.entries(HOPS).map(([name, hop], index) => [name, hop, `hop${index}-`] as const))(
    'through %s should cost what they cost without',
    async (_name, hop, prefix) => {
      expect(rows.length).toBeGreaterThan(20);
      await Promise.all(
        captures.map(async ({ bodies }) => {
          for (const { signal, body } of hop(bodies)) expect(await collector.sends.json?.(signal, renamed(body, prefix))).toBe('');
        }),
      );
      expect(await costs(prefix)).toEqual(rows.map(expected));
    },
  );
});

const round = (usd: number | string): number => Math.round(Number(usd) * 1e9) / 1e9;
const expected = (row: AgreementRow) => [
  row.capture,
  row.session,
  round(Math.max(row.metricCost, row.eventCost)),
  round(row.eventCost),
  round(row.metricCost),
];

interface Session {
  readonly session_id: string;
  readonly cost_usd: string;
  readonly cost_usd_events: string;
  readonly cost_usd_metrics: string;
}

async function costs(prefix: string): Promise<unknown[]> {
  const api = `${collector.api}/api/v1/sessions`;
  const { sessions } = (await (await fetch(`${api}?limit=500&search=${prefix}`)).json()) as { sessions: readonly Session[] };
  return Promise.all(
    rows.map(async ({ capture, session }) => {
      const found = sessions.find(({ session_id }) => session_id.startsWith(`${prefix}${session}`));
      const answer = (await (await fetch(`${api}/${found?.session_id}`)).json()) as Session;
      return [capture, session, round(answer.cost_usd), round(answer.cost_usd_events), round(answer.cost_usd_metrics)];
    }),
  );
}
