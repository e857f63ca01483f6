/**
 * Where the CPU time of a durable export goes, stage by stage in one thread without ports: decoding (the floor), what interprets, attributes, prices
 * and charges, the way to the writer, and the ledger. An hour of the demo's organization arrives as it would, in groups that are committed together.
 * As under load, groups are deferred and some of them are committed to the file together; 1: each by itself.
 *   npm run bench:stages -- [--people 2000] [--exports 20000] [--group 32] [--groups-a-commit 64] [--past]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configSchema } from '../../collector/config/config.ts';
import { dayOf, sessionsOfDay } from '../../collector/demo/generate.ts';
import { organization } from '../../collector/demo/people.ts';
import { type DemoExport, encodeProtobuf } from '../../collector/demo/wire.ts';
import type { Batch } from '../../collector/ledger/entry.ts';
import { Decoder, Encoder } from '../../collector/storage/batch-codec.ts';
import { SqliteStore } from '../../collector/storage/sqlite/ledger-store.ts';
import { decodeProtobuf } from '../support/decode.ts';
import { ingestInto } from '../support/demo-feed.ts';
import { wholeAboveZero } from './flags.ts';

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '2000' },
    exports: { type: 'string', default: '20000' },
    group: { type: 'string', default: '32' },
    'groups-a-commit': { type: 'string', default: '64' },
    past: { type: 'boolean', default: false },
  },
});
const SEED = 'stages';
const PEOPLE = wholeAboveZero('--people', values.people);
const EXPORTS = wholeAboveZero('--exports', values.exports);
const SIZE = wholeAboveZero('--group', values.group);
const GROUPS = wholeAboveZero('--groups-a-commit', values['groups-a-commit']);
const DAY_MS = Date.UTC(2026, 10, 18);
const FROM_MS = DAY_MS + 14 * 3_600_000;
const NONE = { appended: 0, duplicates: 0, conflicts: 0, expired: 0 };

const config = configSchema.parse({});
let nowMs = 0;
let batches: Batch[] = [];
const ingest = ingestInto({
  config,
  ledger: {
    append: async (batch) => {
      batches.push(batch);
      return NONE;
    },
  },
  now: () => nowMs,
});

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
/** As for all who send without a token: what is known of a sender is remembered by it. */
const NOBODY = {};
const spent = { decode: 0, ingest: 0, codec: 0, ledger: 0 };
let counted = { exports: 0, entries: 0, groups: 0 };

async function group(sent: readonly DemoExport[], apply: (batches: readonly Batch[]) => void): Promise<void> {
  const bodies = sent.map((one) => [one.signal, encodeProtobuf([one])] as const);
  const beganUs = cpuUs();
  const decoded = bodies.map(([signal, body]) => decodeProtobuf(signal, body, config.limits));
  const decodedUs = cpuUs();
  batches = [];
  for (const [index, { received }] of decoded.entries()) {
    nowMs = values.past ? DAY_MS + 5 * 86_400_000 : (sent[index]?.timeMs ?? 0) + 50;
    await ingest(received, NOBODY);
  }
  spent.decode += decodedUs - beganUs;
  spent.ingest += cpuUs() - decodedUs;
  apply(batches);
  counted = {
    exports: counted.exports + sent.length,
    entries: counted.entries + batches.reduce((sum, { entries }) => sum + entries.length, 0),
    groups: counted.groups + 1,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-stages-'));
const store = new SqliteStore(join(folder, 'ledger.sqlite'), { timeZone: 'UTC', weekStart: 'monday' });
let applied = 0;
const encoder = new Encoder();
const decoder = new Decoder();
const apply = (sent: readonly Batch[]): void => {
  const beganUs = cpuUs();
  const jobs = sent.map((batch) => decoder.decode(structuredClone(encoder.encode(batch))));
  const codedUs = cpuUs();
  store.apply(jobs, { isDeferred: ++applied % GROUPS !== 0 });
  spent.codec += codedUs - beganUs;
  spent.ledger += cpuUs() - codedUs;
};

const day: DemoExport[] = [];
for (const session of sessionsOfDay(SEED, organization(SEED, PEOPLE), dayOf(DAY_MS))) day.push(...session.exports);
const hour = day.filter(({ timeMs }) => timeMs >= FROM_MS).sort((a, b) => a.timeMs - b.timeMs);
const WARM = Math.min(6_000, Math.floor(hour.length / 4));
const LAST = Math.min(hour.length, WARM + EXPORTS);
let wroteBytes = process.resourceUsage().fsWrite;
for (let at = 0; at < LAST; at += SIZE) {
  if (at >= WARM && at < WARM + SIZE) {
    for (const name of Object.keys(spent) as (keyof typeof spent)[]) spent[name] = 0;
    counted = { exports: 0, entries: 0, groups: 0 };
    wroteBytes = process.resourceUsage().fsWrite;
  }
  await group(hour.slice(at, at + SIZE), apply);
}
const { exports, entries, groups } = counted;
const written = ((process.resourceUsage().fsWrite - wroteBytes) * 512) / exports;
console.log(`${exports} exports, ${(entries / exports).toFixed(1)} entries each, ${groups} commits; ${(written / 1000).toFixed(1)} kB written each`);
for (const [name, us] of Object.entries(spent)) {
  console.log(`  ${name.padEnd(8)} ${(us / exports).toFixed(1).padStart(8)} µs of CPU each, ${(us / spent.decode).toFixed(2)} of decoding`);
}
store.close();
rmSync(folder, { recursive: true });
