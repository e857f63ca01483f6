/**
 * A disk without space, for real: a small file system in memory that only the collector's process sees, and a ballast file
 * that fills it. Needs a Linux that lets people mount in a namespace of their own.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf } from '../../collector/core/error-code.ts';
import { settle } from '../../collector/storage/sqlite/settle.ts';
import { SKIPPED } from '../support/backends.ts';
import { backendsRequired } from '../support/backends-find.ts';
import { seededRandom } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import { CollectorProcess } from './collector-process.ts';
import { Inspector, noFindings } from './inspect.ts';
import { Load } from './load.ts';
import { ledgerInFile } from './opened-ledger.ts';
import { Traffic } from './traffic.ts';
import { Truth } from './truth.ts';

const MOUNT = 'mount -t tmpfs -o size=16m tmpfs "$0" && exec "$@"';
const canMount = spawnSync('unshare', ['-Urm', 'sh', '-c', MOUNT, tmpdir(), 'true']).status === 0;
const REASON = 'unshare -Urm cannot mount a file system here';

if (canMount || backendsRequired()) describe('a full disk', aFullDisk);
else describe.skip(`a full disk [${SKIPPED}${REASON}]`, aFullDisk);

function aFullDisk(): void {
  let data: string;
  let collector: CollectorProcess;
  let truth: Truth;
  let load: Load;

  beforeEach(() => {
    if (!canMount) throw new Error(`${REASON}. With CI=true or TEST_REQUIRE_BACKENDS=1 that is a failure.`);
    data = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
    collector = new CollectorProcess(['unshare', '-Urm', 'sh', '-c', MOUNT, data]);
    truth = new Truth();
    const random = seededRandom('a full disk');
    load = new Load(new Traffic(random, Date.now()), random, truth);
  });
  afterEach(async () => {
    await collector?.kill();
    rmSync(data, { recursive: true });
  });

  /** A file of the collector's folder, through its eyes. */
  const seen = (name: string) => `/proc/${collector.pid}/root${join(data, name)}`;

  function fill(): void {
    const ballast = openSync(seen('ballast'), 'w');
    try {
      for (const block of [1024 * 1024, 4096]) fillWith(ballast, Buffer.alloc(block, 1));
    } finally {
      closeSync(ballast);
    }
  }

  /** Nothing may be in flight. SQLite follows links, so it would not open the ledger through the collector's eyes; it opens a copy. */
  async function inspected() {
    for (const name of ['ledger.sqlite-shm', 'ledger.sqlite.generation']) rmSync(join(data, name), { force: true });
    for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-redo']) copyFileSync(seen(name), join(data, name));
    // What was acknowledged and could not be committed any more.
    settle(join(data, 'ledger.sqlite'), { timeZone: 'UTC', weekStart: 'monday' });
    const inspector = new Inspector(ledgerInFile(join(data, 'ledger.sqlite')), truth);
    await inspector.look(truth.sessions);
    await inspector.lookInside();
    return { findings: inspector.findings, committedUnanswered: inspector.committedUnanswered };
  }

  async function sendUntil(what: string, condition: () => boolean, ports: Awaited<ReturnType<CollectorProcess['start']>>): Promise<void> {
    const running = load.run(ports);
    await waitFor(what, condition);
    load.stop();
    await running;
  }

  test('is answered 503 with Retry-After, commits nothing of what it refuses, and is over when there is space again', async () => {
    const ports = await collector.start({ data });
    await sendUntil('50 acknowledged exports', () => truth.acknowledgedExports >= 50, ports);
    fill();
    await sendUntil('20 refused exports', () => load.counts.refused >= 20, ports);
    const full = await inspected();
    expect(full.findings).toEqual(noFindings());
    expect(full.committedUnanswered).toBe(0);
    await waitFor('its log to say so', () => collector.said, { until: (said) => said.includes('database or disk is full') });
    const before = truth.acknowledgedExports;
    rmSync(seen('ballast'));
    await sendUntil('50 more acknowledged exports', () => truth.acknowledgedExports >= before + 50, ports);
    await load.settle(ports);
    expect(await inspected()).toEqual({ findings: noFindings(), committedUnanswered: 0 });
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });
}

function fillWith(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (codeOf(error) !== 'ENOSPC') throw error;
  }
}
