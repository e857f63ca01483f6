/** What is durable before it is committed: found again after a kill, whole and once, and gone when it is no longer needed. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decoder, Encoder, type Job } from '../../../collector/storage/batch-codec.ts';
import { RedoLog } from '../../../collector/storage/sqlite/redo-log.ts';
import { messagesOf, recordOf } from '../../../collector/storage/sqlite/redo-record.ts';
import { event, NOON } from '../../support/entries.ts';
import { seededRandom } from '../../support/random.ts';

const record = (text: string): Buffer => Buffer.from(text);

describe('a redo log', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-redo-'));
    file = join(folder, 'ledger.sqlite-redo');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const using = <Result>(use: (log: RedoLog) => Result): Result => {
    const log = new RedoLog(file);
    try {
      return use(log);
    } finally {
      log.close();
    }
  };
  const appendAll = (...texts: string[]) =>
    using((log) => {
      for (const text of texts) log.append(record(text));
    });
  const found = (done = 0) => using((log) => log.after(done).map(({ number, bytes }) => `${number} ${bytes}`));

  test('has what was appended, in order and numbered, also after it is opened again', () => {
    appendAll('a', 'bb');
    appendAll('ccc');
    expect(found()).toEqual(['1 a', '2 bb', '3 ccc']);
    expect(found(2)).toEqual(['3 ccc']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('writes over what is committed, and does not find it any more', () => {
    using((log) => {
      for (const text of ['first', 'second', 'third']) log.append(record(text));
      log.reuse(log.last);
      expect([log.size, log.after(0)]).toEqual([0, []]);
      log.append(record('x'));
    });
    expect(found()).toEqual(['4 x']);
  });

  test('is cut off by a kill at any byte: what was whole before is there, and nothing else', () => {
    using((log) => {
      for (const text of ['one', 'two']) log.append(record(text));
      log.reuse(log.last);
      for (const text of ['three', 'four', 'five']) log.append(record(text));
    });
    const whole = readFileSync(file);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      const numbers = using((log) => log.after(2)).map(({ number }) => number);
      expect(numbers).toEqual([3, 4, 5].slice(0, numbers.length));
    }
    expect(found()).toEqual(['3 three', '4 four', '5 five']);
  });

  test.each([0, 4, 12, 17])('takes nothing from a record of which byte %i is damaged, or from those behind it', (at) => {
    appendAll('one', 'two', 'three');
    const bytes = readFileSync(file);
    const second = 16 + 'one'.length;
    bytes[second + at] = (bytes[second + at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(found()).toEqual(['1 one']);
  });

  test('of which the first record is longer than the file is empty', () => {
    appendAll('one');
    truncateSync(file, 17);
    expect(found()).toEqual([]);
  });

  test('goes on with the numbers that the ledger knows where the file is new', () => {
    using((log) => {
      log.reuse(70);
      log.append(record('a'));
    });
    expect(found(70)).toEqual(['71 a']);
  });

  test('has nothing of what could not be written, and takes it later', () => {
    const full = new RedoLog('/dev/full');
    expect(() => full.append(record('a'))).toThrow(/ENOSPC/);
    expect([full.size, full.last, full.after(0)]).toEqual([0, 0, []]);
    full.close();
  });

  test('leaves no byte of what it had when it is cleared, and no file when it is removed', () => {
    using((log) => {
      log.append(record('ada@example.com'));
      log.clear();
      expect(readFileSync(file)).toHaveLength(0);
      log.append(record('b'));
      expect(log.after(0).map(({ number }) => number)).toEqual([2]);
      log.remove();
    });
    expect(existsSync(file)).toBe(false);
  });

  test('of random cycles of appends, commits and kills never loses or repeats a record', () => {
    const random = seededRandom('redo log');
    let done = 0;
    let appended: string[] = [];
    for (let round = 0; round < 300; round++) {
      const killed = join(folder, 'killed');
      using((log) => {
        if (log.size === 0) log.reuse(Math.max(log.last, done));
        for (let group = 0; group < 1 + random.below(4); group++) {
          const records = Array.from({ length: 1 + random.below(3) }, () => 'x'.repeat(1 + random.below(60)));
          for (const text of records) log.append(record(text));
          appended.push(...records);
        }
        if (random.chance(0.5)) {
          done = log.last;
          appended = [];
          log.reuse(done);
        }
        copyFileSync(file, killed);
      });
      copyFileSync(killed, file);
      expect(using((log) => log.after(done)).map(({ bytes }) => String(bytes))).toEqual(appended);
    }
  });
});

describe('a record', () => {
  const encoder = new Encoder();
  const decoder = new Decoder();
  const batches = [
    { entries: [event({ id: 'a' }), event({ id: 'b', sessionId: 's2', user: 'ada', team: 'core' })], receivedMs: NOON, sender: 'team token' },
    {
      entries: [
        event({ id: 'c' }),
        event({ id: 'r', source: 'metrics', cumulative: { series: 'one', startMs: NOON - 5 } }),
        event({ id: 'd', cost: '9000000000', repeats: 2, keys: ['user:x', 'host:y'] }),
      ],
      receivedMs: NOON + 1,
    },
    { entries: [], receivedMs: NOON + 2 },
  ];

  test('stands alone: it says the same without those before it', () => {
    const jobs = batches.map((batch) => decoder.decode(encoder.encode(batch)));
    for (const group of [jobs, jobs.slice(1), jobs.slice(0, 1)]) {
      const again = new Decoder();
      const decoded = messagesOf(recordOf(group)).map((message) => again.decode(message));
      const facts = ({ entries, receivedMs, sender }: Job) => ({ entries, receivedMs, sender });
      expect(decoded.map(facts)).toEqual(group.map(facts));
    }
  });

  test('is a fraction of what it was in the first logs, which are read, too', () => {
    const jobs = [decoder.decode(encoder.encode({ entries: Array.from({ length: 30 }, (_, id) => event({ id: `${id}` })), receivedMs: NOON }))];
    const plain = serialize({ format: 1, exports: messagesOf(recordOf(jobs)).map(({ dims: _, ...rest }) => ({ ...rest, dims: [] })) });
    expect(recordOf(jobs).length).toBeLessThan(plain.length / 2);
    expect(messagesOf(plain).map(({ cells }) => cells)).toEqual(messagesOf(recordOf(jobs)).map(({ cells }) => cells));
  });

  test('of a newer program is refused with the remedy, and not half understood', () => {
    const stored = { format: 1, exports: [{ receivedMs: 0, sender: '', cells: [], repeats: [], dims: [[['hue', 'red'], undefined]] }] };
    expect(() => messagesOf(serialize(stored))).toThrow(/newer Ledgerline: it has a dimension "hue"/);
    expect(() => messagesOf(serialize({ ...stored, format: 2 }))).toThrow(/newer Ledgerline: its form is 2, this program knows 1/);
  });
});
