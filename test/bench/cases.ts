/** The lines of ingest: what is sent, and how. */
import type { BodyOptions, Signal } from './bodies.ts';
import type { LoadOrder } from './load.ts';

export interface Case {
  readonly name: string;
  readonly load: BodyOptions['load'];
  readonly signals: readonly Signal[];
  readonly wire: Pick<LoadOrder, 'transport' | 'encoding' | 'gzip'>;
}

const HTTP = { transport: 'http', encoding: 'protobuf', gzip: false } as const;
export const WIRES = [
  ['HTTP/protobuf', HTTP],
  ['HTTP/JSON', { ...HTTP, encoding: 'json' }],
  ['gRPC', { ...HTTP, transport: 'grpc' }],
] as const satisfies readonly (readonly [string, Case['wire']])[];

export const CASES: readonly Case[] = [
  ...(['logs', 'metrics'] as const).flatMap((signal) =>
    WIRES.flatMap(([name, wire]) => [
      { name: `${signal}, ${name}`, load: 'live' as const, signals: [signal], wire },
      { name: `${signal}, ${name}, gzip`, load: 'live' as const, signals: [signal], wire: { ...wire, gzip: true } },
    ]),
  ),
  { name: 'both as they come, HTTP/protobuf', load: 'live', signals: ['logs', 'metrics'], wire: HTTP },
  { name: 'logs, HTTP/protobuf, backfill', load: 'backfill', signals: ['logs'], wire: HTTP },
  { name: 'metrics, HTTP/protobuf, backfill', load: 'backfill', signals: ['metrics'], wire: HTTP },
];

const QUICK_NAMES = ['logs, HTTP/protobuf', 'logs, gRPC', 'metrics, HTTP/protobuf', 'logs, HTTP/protobuf, backfill'];
export const QUICK_CASES = CASES.filter(({ name }) => QUICK_NAMES.includes(name));
