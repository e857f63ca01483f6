/**
 * What an OpenTelemetry Collector between client and us does to exports, as transformations of bodies in the JSON form: the behavior of its
 * processors batch, groupbyattrs, resource, attributes and resourcedetection, of retries, and of two collectors that both forward.
 */
import type { Attribute } from './bodies.ts';

interface Resource {
  readonly attributes?: readonly Attribute[];
}
interface Scope<Item> {
  readonly scope?: object;
  readonly items: readonly Item[];
}
interface Point {
  readonly attributes?: readonly Attribute[];
}
interface Metric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly Point[] };
}

/** An export: what the client sent at once. */
export interface Body {
  readonly signal: 'logs' | 'metrics';
  readonly body: Json;
}
export type Json = Readonly<Record<string, unknown>>;

/** Everything a client sent, in its order, becomes everything that arrives. */
export type Hop = (bodies: readonly Body[]) => Body[];

const NAMES = { logs: ['resourceLogs', 'scopeLogs', 'logRecords'], metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'] } as const;
type Groups = { readonly resource?: Resource; readonly scopes: readonly Scope<Json>[] };

// What the captures hold is the client's JSON: its shape is known here and checked by what comes out.
const list = (value: unknown): Json[] => (value ?? []) as Json[];

const open = ({ signal, body }: Body): Groups[] => {
  const [resources, scopes, items] = NAMES[signal];
  return list(body[resources]).map((group) => ({
    ...(group.resource !== undefined && { resource: group.resource as Resource }),
    scopes: list(group[scopes]).map((scope) => ({ ...(scope.scope !== undefined && { scope: scope.scope as object }), items: list(scope[items]) })),
  }));
};

const close = (signal: Body['signal'], groups: readonly Groups[]): Body => {
  const [resources, scopes, items] = NAMES[signal];
  const rest = groups.map(({ resource, scopes: inner }) => ({ resource, [scopes]: inner.map(({ scope, items: own }) => ({ scope, [items]: own })) }));
  return { signal, body: { [resources]: rest } };
};

type Records = (records: readonly Json[]) => Json[];

/** Applies to log records, and to points within their metric. */
function mapRecords(group: Groups, signal: Body['signal'], change: Records): Groups {
  const changeMetric = (metric: Json): Json => {
    const { sum } = metric as unknown as Metric;
    return sum === undefined ? metric : { ...metric, sum: { ...sum, dataPoints: change(list(sum.dataPoints)) } };
  };
  return {
    ...group,
    scopes: group.scopes.map((scope) => ({ ...scope, items: signal === 'logs' ? change(scope.items) : scope.items.map(changeMetric) })),
  };
}

const each =
  (change: (groups: readonly Groups[], signal: Body['signal']) => readonly Groups[]): Hop =>
  (bodies) =>
    bodies.map((body) => close(body.signal, change(open(body), body.signal)));

const attributesOf = (record: Json): Attribute[] => list(record.attributes) as unknown as Attribute[];
const stamp = (resource: Resource | undefined, attributes: readonly Attribute[]): Resource => ({
  attributes: [...(resource?.attributes ?? []), ...attributes],
});
const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });

/** groupbyattrs: records are gathered by these attributes, which go to their resource. */
export const groupByAttributes = (...keys: readonly string[]): Hop =>
  each((groups, signal) =>
    groups.flatMap((group) => {
      const combinations = new Map<string, Attribute[]>();
      const movedOf = (record: Json) => attributesOf(record).filter(({ key }) => keys.includes(key));
      const keyOf = (record: Json) => JSON.stringify(movedOf(record));
      mapRecords(group, signal, (records) => {
        for (const record of records) combinations.set(keyOf(record), movedOf(record));
        return [];
      });
      return [...combinations].map(([wanted, moved]) => {
        const take: Records = (records) =>
          records
            .filter((record) => keyOf(record) === wanted)
            .map((record) => ({ ...record, attributes: attributesOf(record).filter(({ key }) => !keys.includes(key)) }));
        return { ...mapRecords(group, signal, take), resource: stamp(group.resource, moved) };
      });
    }),
  );

/** transform: what the resource says of these goes to its scopes. */
export const resourceToScopes = (...keys: readonly string[]): Hop =>
  each((groups) =>
    groups.map(({ resource, scopes }) => {
      const [moved, left] = [true, false].map((isMoved) => (resource?.attributes ?? []).filter(({ key }) => keys.includes(key) === isMoved));
      return {
        resource: { attributes: left ?? [] },
        scopes: scopes.map(({ scope, items }) => ({ scope: { ...scope, attributes: moved }, items })),
      };
    }),
  );

/** resource, resourcedetection: the collector's own host on every resource. */
export const stampResource = (host: string): Hop =>
  each((groups) => groups.map((group) => ({ ...group, resource: stamp(group.resource, [text('host.name', host), text('k8s.pod.name', host)]) })));

/** attributes: a label on every record. */
export const labelRecords = (key: string, value: string): Hop =>
  each((groups, signal) =>
    groups.map((group) =>
      mapRecords(group, signal, (records) => records.map((record) => ({ ...record, attributes: [...attributesOf(record), text(key, value)] }))),
    ),
  );

/** attributes: deletes one from metrics, without adding up what it told apart. */
export const dropFromMetrics = (key: string): Hop =>
  each((groups, signal) => {
    const drop: Records = (records) =>
      records.map((record) => ({ ...record, attributes: attributesOf(record).filter((attribute) => attribute.key !== key) }));
    return signal === 'logs' ? groups : groups.map((group) => mapRecords(group, signal, drop));
  });

/** What the resource says on every record, and no resource: exporters that know none. */
export const resourceToRecords: Hop = each((groups, signal) =>
  groups.map((group) => {
    const own = group.resource?.attributes ?? [];
    const copy: Records = (records) => records.map((record) => ({ ...record, attributes: [...own, ...attributesOf(record)] }));
    return { ...mapRecords(group, signal, copy), resource: {} };
  }),
);

/** batch: everything of a signal in one export. */
export const batchAll: Hop = (bodies) =>
  (['logs', 'metrics'] as const).map((signal) => close(signal, bodies.filter((body) => body.signal === signal).flatMap(open)));

/** batch with a size of one: each record, or metric, in an export of its own. */
export const splitAll: Hop = (bodies) =>
  bodies.flatMap((body) =>
    open(body).flatMap(({ resource, scopes }) =>
      scopes.flatMap(({ scope, items }) =>
        items.map((item) => close(body.signal, [{ ...(resource && { resource }), scopes: [{ ...(scope && { scope }), items: [item] }] }])),
      ),
    ),
  );

/** Groups and records in another order: exporters that gather in maps, and queues that several workers empty. */
export const reverseAll: Hop = each((groups, signal) =>
  groups.toReversed().map((group) => mapRecords(group, signal, (records) => records.toReversed())),
);

/** Retried though it had arrived. */
export const sendTwice: Hop = (bodies) => [...bodies, ...bodies];

/** Two collectors that both forward. */
export const both =
  (one: Hop, other: Hop): Hop =>
  (bodies) => [...one(bodies), ...other(bodies)];

export const chain =
  (...hops: readonly Hop[]): Hop =>
  (bodies) =>
    hops.reduce<Body[]>((sent, hop) => hop(sent), [...bodies]);

const NANOSECONDS = /TimeUnixNano$|^timeUnixNano$/;

/** Times cut to a coarser unit. */
export const timesWithout =
  (digits: number): Hop =>
  (bodies) =>
    bodies.map((body) => ({
      ...body,
      body: JSON.parse(JSON.stringify(body.body), (key, value: unknown) => (NANOSECONDS.test(key) ? String(value).slice(0, -digits) : value)),
    }));
