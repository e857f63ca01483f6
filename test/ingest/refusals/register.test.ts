import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pathRemedy } from '../../../collector/catalog/wrong-paths.ts';
import { DAY_MS } from '../../../collector/core/duration.ts';
import { readRefusals, writeRefusals } from '../../../collector/ingest/refusals/refusal-file.ts';
import { RefusalRegister } from '../../../collector/ingest/refusals/register.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const MISSING = { kind: 'token_missing', detail: '', count: 1 } as const;
const path = (detail: string) => ({ kind: 'wrong_path', detail, count: 1 }) as const;

function newRegister() {
  let nowMs = NOW;
  const register = new RefusalRegister(() => nowMs);
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { register, wait };
}

describe('the register of refusals', () => {
  test('counts by kind, with first and last time and the senders, the latest first', () => {
    const { register, wait } = newRegister();
    register.note(MISSING, '::ffff:10.0.0.7');
    wait(1_000);
    register.note(MISSING, '10.0.0.8');
    register.note({ kind: 'rejected', detail: 'invalid_cost', count: 3 }, '10.0.0.8');
    wait(1_000);
    register.note(MISSING, '10.0.0.7');
    expect(register.totals()).toEqual([
      {
        kind: 'token_missing',
        detail: '',
        count: 3,
        firstMs: NOW,
        lastMs: NOW + 2_000,
        senders: [
          { address: '10.0.0.7', count: 2, lastMs: NOW + 2_000 },
          { address: '10.0.0.8', count: 1, lastMs: NOW + 1_000 },
        ],
        hasMoreSenders: false,
      },
      expect.objectContaining({ kind: 'rejected', detail: 'invalid_cost', count: 3 }),
    ]);
  });

  test('stays small with 100,000 addresses and as many paths', () => {
    const { register } = newRegister();
    for (let index = 0; index < 100_000; index++) {
      register.note(MISSING, `2001:db8::${index.toString(16)}`);
      register.note(path(`/${index}/${'x'.repeat(10_000)}`), '10.0.0.1');
    }
    const totals = register.totals();
    expect(totals).toHaveLength(22);
    expect(totals.find(({ kind }) => kind === 'token_missing')).toMatchObject({ count: 100_000, hasMoreSenders: true });
    expect(totals.find(({ detail }) => detail === '(other)')).toMatchObject({ kind: 'wrong_path', count: 99_980 });
    expect(totals.every(({ senders, detail }) => senders.length <= 5 && detail.length <= 100)).toBe(true);
    expect(JSON.stringify(totals).length).toBeLessThan(20_000);
  });

  test.each([
    ['/v1/logs/ll_0123456789abcdef', '/v1/logs/<secret>'],
    ['/v1/logs/4bf92f3577b34da6a3ce929d0e0e4736', '/v1/logs/...'],
    ['/v1/logs\u0007\n"', '/v1/logs___'],
  ])('keeps nothing of %j that may be a secret or harm a terminal', (sent, kept) => {
    const { register } = newRegister();
    register.note(path(sent), '10.0.0.7\n');
    expect(register.totals()[0]).toMatchObject({ detail: kept, senders: [{ address: '10.0.0.7_' }] });
  });

  test('forgets what did not come back for a week, and has room again', () => {
    const { register, wait } = newRegister();
    for (let index = 0; index < 25; index++) register.note(path(`/${index}`), '');
    wait(8 * DAY_MS);
    expect(register.totals()).toEqual([]);
    register.note(path('/new'), '');
    expect(register.totals()).toMatchObject([{ detail: '/new', count: 1, senders: [] }]);
  });
});

describe('on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-refusals-'));
  const file = join(folder, 'refusals.json');

  test('the register goes on after a restart', () => {
    const { register, wait } = newRegister();
    register.note(MISSING, '10.0.0.7');
    wait(1_000);
    register.note(MISSING, '10.0.0.8');
    writeRefusals(file, register.totals());
    const again = new RefusalRegister(() => NOW + 60_000, readRefusals(file));
    expect(again.totals()).toEqual(register.totals());
    again.note(MISSING, '10.0.0.7');
    expect(again.totals()).toMatchObject([{ count: 3, firstMs: NOW, senders: [{ address: '10.0.0.7', count: 2 }, { address: '10.0.0.8' }] }]);
  });

  test.each(['', '{', '[{"kind":"unheard_of"}]', '{"kind":"conflicts"}'])('a file that is not ours (%s) counts as none', (text) => {
    writeFileSync(file, text);
    expect(readRefusals(file)).toEqual([]);
  });

  test('no file counts as none', () => {
    rmSync(folder, { recursive: true });
    expect(readRefusals(file)).toEqual([]);
  });
});

test.each([
  ['/', 'Name the path in OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'],
  ['/v1/log', 'Write /v1/logs instead of /v1/log at the sender.'],
  ['/v1/logs/', 'Write /v1/logs without the slash at its end at the sender.'],
  ['/otel/v1/logs', 'Let the proxy strip its prefix /otel, or send to /v1/logs.'],
  ['/v1/logs/v1/metrics', 'set OTEL_EXPORTER_OTLP_ENDPOINT without it, or OTEL_EXPORTER_OTLP_METRICS_ENDPOINT with it.'],
  ['/api/v1/status', 'is not on this port: see server.api_port'],
  ['/metrics', 'is not on this port: see server.api_port'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf'],
  ['/wp-login.php', 'Send OTLP to /v1/logs, /v1/metrics, /v1/traces'],
])('the remedy for the path %s', (wrong, remedy) => expect(pathRemedy(wrong)).toContain(remedy));
