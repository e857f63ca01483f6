/** Exports broken in every way that came to mind, over all three transports: none of them ends the collector or is its own fault. */
import { Agent } from 'node:http';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { ROUTES } from '../../../collector/catalog/names.ts';
import { type HostileInput, hostileInput } from '../../ingest/otlp/decode/hostile.ts';
import { specimensOf } from '../../ingest/otlp/decode/specimens.ts';
import { seededRandom } from '../../support/random.ts';
import type { Arena, Attack } from './attack.ts';
import { grpcPath } from './wire.ts';

const AT_ONCE = 12;
const ANSWER_MS = 60_000;
const asIs = (bytes: Buffer): Buffer => bytes;

const post = (arena: Arena, { signal, encoding, compression, body }: HostileInput, agent: Agent): Promise<string> =>
  arena.send({
    port: arena.ports.otlpHttp,
    path: ROUTES[signal],
    headers: { 'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf', 'content-encoding': compression },
    body,
    agent,
  });

function call(arena: Arena, { signal, body }: HostileInput, client: Client): Promise<string> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${arena.tokens.attacker}`);
  return new Promise((resolve) => {
    client.makeUnaryRequest(grpcPath(signal), asIs, asIs, body, metadata, { deadline: Date.now() + ANSWER_MS }, (error) =>
      resolve(`grpc ${error?.code ?? 0}`),
    );
  });
}

/** Counted, not timed. `total` is of a whole run. */
export const fuzz = (total: number): Attack => ({
  name: 'fuzz',
  what: `${total.toLocaleString('en')} mutated exports over HTTP/protobuf, HTTP/JSON and gRPC`,
  isCounted: true,
  async run(arena) {
    const random = seededRandom('fuzz');
    arena.tally.note(`seed ${random.seed}`);
    const specimens = specimensOf(random);
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const client = new Client(`127.0.0.1:${arena.ports.otlpGrpc}`, credentials.createInsecure());
    await arena.volley({ total: arena.times(total), atOnce: AT_ONCE }, (index) => {
      const input = hostileInput(random, specimens);
      const isForGrpc = index % 2 === 0 && input.encoding === 'protobuf' && input.compression === 'identity';
      return isForGrpc ? call(arena, input, client) : post(arena, input, agent);
    });
    agent.destroy();
    client.close();
  },
});
