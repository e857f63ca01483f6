/**
 * The good clients, in a process of their own so that an attacker costs them nothing but what he costs the collector: one export after
 * another over HTTP and over gRPC, a probe of health, and a reader. They count how long each was kept waiting, and remember what was
 * acknowledged.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ROUTES } from '../../../collector/catalog/names.ts';
import { parseUsd } from '../../../collector/core/money.ts';
import { type GoodExport, GoodExports } from './good-exports.ts';
import { type Door, type GoodSender, GrpcGoodSender, HttpGoodSender } from './good-senders.ts';
import { Pace } from './pace.ts';
import { Stalls, type Waits } from './stalls.ts';
import { send } from './wire.ts';

export type ToGood = { readonly meet: Door } | 'begin' | 'end' | 'part' | 'settle';

export interface Figures {
  readonly exports: Waits;
  readonly health: Waits;
  readonly reads: Waits;
  readonly acknowledged: number;
  /** Of the good clients' exports: refused, or not answered in time. */
  readonly failed: number;
  /** Of the probes of health: anything but 200. */
  readonly unhealthy: number;
  /** Of the reader's questions: anything but 200. */
  readonly unread: number;
}

export interface Settled {
  readonly acknowledged: number;
  /** One sentence for each session that is not what was acknowledged. */
  readonly differences: readonly string[];
}

export type FromGood = { readonly figures: Figures } | { readonly settled: Settled } | 'done';

const EXPORT_EVERY_MS = 50;
const PROBE_EVERY_MS = 50;
const READ_EVERY_MS = 1_000;
const PROBE_MS = 10_000;
const FRESH_EVERY = 10;
const QUESTION = `${ROUTES.boards}/overview`;

class Phase {
  readonly exports = new Stalls();
  readonly health = new Stalls();
  readonly reads = new Stalls();
  acknowledged = 0;
  failed = 0;
  unhealthy = 0;
  unread = 0;

  get figures(): Figures {
    const { acknowledged, failed, unhealthy, unread } = this;
    return { exports: this.exports.waits, health: this.health.waits, reads: this.reads.waits, acknowledged, failed, unhealthy, unread };
  }
}

let phase = new Phase();
let paces: Pace[] = [];
let senders: GoodSender[] = [];
let door: Door | undefined;
/** Refused, or nobody knows: sent again at the end. */
const open: { readonly exports: GoodExports; readonly sent: GoodExport }[] = [];
const run = process.pid.toString(36);
const traffic = [new GoodExports(`http-${run}`, 'alice@example.com'), new GoodExports(`grpc-${run}`, 'bob@example.com')] as const;

function meet(given: Door): void {
  door = given;
  senders = [new HttpGoodSender(given), new GrpcGoodSender(given)];
  paces = [
    ...senders.map((sender, index) => new Pace(EXPORT_EVERY_MS, exporting(sender, traffic[index] ?? traffic[0]), () => phase.exports)),
    new Pace(PROBE_EVERY_MS, probing(given), () => phase.health),
    new Pace(READ_EVERY_MS, reading(given), () => phase.reads),
  ];
  for (const pace of paces) pace.start();
}

function exporting(sender: GoodSender, exports: GoodExports): () => Promise<void> {
  let count = 0;
  return async () => {
    const sent = exports.next(Date.now());
    const reply = await sender.send(sent.bytes, ++count % FRESH_EVERY === 0);
    if (reply === 'taken') {
      exports.acknowledge(sent);
      phase.acknowledged++;
      return;
    }
    phase.failed++;
    open.push({ exports, sent });
  };
}

/** Each on a connection of its own, as an orchestrator does it. */
function probing({ ports, tokens, ca }: Door): () => Promise<void> {
  let count = 0;
  return async () => {
    const path = ++count % 2 === 0 ? ROUTES.alive : ROUTES.ready;
    const { outcome } = await send({ port: ports.api, path, headers: { authorization: `Bearer ${tokens.read}` }, timeoutMs: PROBE_MS, ca });
    if (outcome !== '200') phase.unhealthy++;
  };
}

function reading({ ports, tokens, ca }: Door): () => Promise<void> {
  return async () => {
    const { outcome } = await send({ port: ports.api, path: QUESTION, headers: { authorization: `Bearer ${tokens.read}` }, ca });
    if (outcome !== '200') phase.unread++;
  };
}

async function part(): Promise<void> {
  await Promise.all(paces.map((pace) => pace.stop()));
  for (const sender of senders) sender.close();
}

const TRIES = 100;
const AGAIN_MS = 100;

/** Sends again what nobody knows about, until it is acknowledged; then asks for every session. */
async function settle(): Promise<Settled> {
  if (door === undefined) throw new Error('There is nobody to settle with.');
  const sender = new HttpGoodSender(door);
  const differences: string[] = [];
  for (const { exports, sent } of open.splice(0)) {
    if (await isTakenAtLast(sender, sent)) exports.acknowledge(sent);
    else differences.push(`An export of ${sent.session} was not taken in ${TRIES} tries.`);
  }
  sender.close();
  for (const exports of traffic) for (const [session, cost] of exports.costs) differences.push(...(await compare(door, session, cost)));
  return { acknowledged: traffic.reduce((sum, exports) => sum + exports.acknowledged, 0), differences };
}

async function isTakenAtLast(sender: GoodSender, sent: GoodExport): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    if ((await sender.send(sent.bytes, false)) === 'taken') return true;
    await delay(AGAIN_MS);
  }
  return false;
}

async function compare({ ports, tokens, ca }: Door, session: string, cost: bigint): Promise<string[]> {
  const { outcome, text } = await send({
    port: ports.api,
    path: `${ROUTES.session}/${session}`,
    headers: { authorization: `Bearer ${tokens.read}` },
    ca,
  });
  if (outcome !== '200') return [`Session ${session} was answered ${outcome}.`];
  const { cost_usd: found } = JSON.parse(text) as { cost_usd: string };
  return parseUsd(found) === cost ? [] : [`Session ${session} is booked with ${found}, acknowledged were ${cost} pico-dollars.`];
}

async function answer(message: ToGood): Promise<FromGood> {
  if (message === 'begin') {
    phase = new Phase();
    return 'done';
  }
  if (message === 'end') {
    await Promise.all(paces.map((pace) => pace.answered));
    return { figures: phase.figures };
  }
  if (message === 'settle') return { settled: await settle() };
  if (message === 'part') await part();
  else meet(message.meet);
  return 'done';
}

process.on('message', (message: ToGood) => void answer(message).then((answered) => process.send?.(answered)));
process.once('disconnect', () => process.exit(1));
