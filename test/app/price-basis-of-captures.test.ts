/** All captures through the real receiver: reported less list, by cause, is all of the difference, and each request names its cause. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { SessionRequestsAnswer } from '../../collector/query/session-requests.ts';
import { loadAgreement, loadCaptures, Replayer } from '../support/captures.ts';
import { spawnCollector } from '../support/collector-process.ts';
import { usd } from '../support/entries.ts';

type Row = Readonly<Record<'price_basis' | 'cost_usd_events' | 'cost_usd_list' | 'cost_usd_list_uncertain', string>>;

const CAPTURES: readonly string[] = [
  '1.0.128/tools.http-json',
  '2.1.329/cut.http-json',
  '2.1.329/tools.http-json',
  '2.1.332/advisor.http-json',
  '2.1.332/respmodel.http-json',
];

test('the difference between reported and list cost of the captured clients is split by cause, without a remainder', async () => {
  const data = mkdtempSync(join(tmpdir(), 'ledgerline-price-basis-'));
  const collector = await spawnCollector(data, {});
  const api = `http://127.0.0.1:${collector.ports.api}/api/v1`;
  try {
    const replayer = new Replayer(collector.ports);
    for (const capture of CAPTURES) for (const request of loadCaptures().get(capture) ?? []) await replayer.send(request);
    replayer.close();
    const asked = 'measures=cost_events,cost_list,cost_list_uncertain&by=price_basis&from=2025-01-01&to=2027-01-01';
    const { rows } = (await (await fetch(`${api}/spend?${asked}`)).json()) as { rows: readonly Row[] };
    const sums = new Map(rows.map((row) => [row.price_basis, row]));
    const difference = (basis: string) => usd(sums.get(basis)?.cost_usd_events ?? '0') - usd(sums.get(basis)?.cost_usd_list ?? '0');
    expect(difference('list')).toBe(0n);
    // What came of the lost attempts, of the advisor, and of Opus where Sonnet answered: see test/ingest/claude-code/captures.test.ts.
    expect(difference('client_version')).toBe(usd('0.01716045') - usd('0.0127827') + usd('0.0647532') - usd('0.03230625'));
    expect(difference('advisor')).toBe(usd('0.05'));
    expect(difference('promotion')).toBe(usd('0.0038785') + usd('0.0070664'));
    expect([...sums.keys()].sort()).toEqual(['advisor', 'client_version', 'list', 'promotion']);
    const reported = loadAgreement().filter(({ capture }) => CAPTURES.includes(capture));
    const all = rows.reduce((sum, { cost_usd_events }) => sum + usd(cost_usd_events), 0n);
    expect(Number(all) / 1e12).toBeCloseTo(
      reported.reduce((sum, { eventCost }) => sum + eventCost, 0),
      9,
    );
    // 1.0.128 prices all cache writes alike, so nobody knows which were for an hour; all others say it.
    expect(usd(sums.get('list')?.cost_usd_list_uncertain ?? '0')).toBeGreaterThan(0n);
    expect(usd(sums.get('advisor')?.cost_usd_list_uncertain ?? '0')).toBe(0n);

    const { session = '' } = reported.find(({ capture }) => capture === '2.1.332/advisor.http-json') ?? {};
    const { requests } = (await (await fetch(`${api}/sessions/${session}/requests`)).json()) as SessionRequestsAnswer;
    expect(requests.flatMap(({ price_basis, price_note }) => (price_note === null ? [] : [[price_basis, price_note]]))).toEqual([
      ['advisor', expect.stringMatching(/^The reported cost includes a model that advised.*probably/)],
    ]);
  } finally {
    await collector.stop();
    rmSync(data, { recursive: true });
  }
});
