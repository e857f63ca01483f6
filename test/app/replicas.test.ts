/** What each role answers, what one replica at a time does, and what happens when that one is killed or frozen. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithBackend } from '../support/backends.ts';
import { StandInServer } from '../support/stand-in-server.ts';
import { waitFor } from '../support/wait.ts';
import { Replicas } from './replicas.ts';

/** Where alerts are sent. */
class Inbox extends StandInServer {
  readonly received: unknown[] = [];

  protected override async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    this.received.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end();
  }
}

describeWithBackend('postgres15', 'replicas by role', () => {
  let replicas: Replicas;
  const inbox = new Inbox();
  const alerting = () => ({
    budgets: [{ name: 'everything', period: 'month', amount_usd: '1.00' }],
    alerts: { deliver: true, interval_seconds: 1, channels: [{ name: 'inbox', type: 'webhook', url: inbox.url }], routes: [{ channels: ['inbox'] }] },
  });

  beforeAll(async () => {
    await inbox.start();
    replicas = await Replicas.on();
    await replicas.start('receiver-1', 'receiver', alerting());
    await Promise.all([
      replicas.start('receiver-2', 'receiver', alerting()),
      replicas.start('reader-1', 'reader', alerting()),
      replicas.start('reader-2', 'reader', alerting()),
      replicas.start('worker-1', 'worker', alerting()),
    ]);
  });
  afterAll(async () => {
    await replicas?.destroy();
    await inbox.stop();
  });

  test('what comes to any receiver, twice or to both, every reader answers once', async () => {
    const sent = [
      replicas.send('receiver-1', 'a'),
      replicas.send('receiver-2', 'b'),
      replicas.send('receiver-2', 'a'),
      replicas.send('receiver-1', 'a'),
    ];
    expect(await Promise.all(sent)).toEqual([200, 200, 200, 200]);
    for (const name of ['reader-1', 'reader-2']) {
      const { text } = await replicas.get(name, '/api/v1/spend?from=today&by=user&measures=cost,requests');
      expect(JSON.parse(text)).toMatchObject({ total: '0.50', rows: [{ user: 'ada@example.com', cost_usd: '0.50', requests: 2 }] });
    }
  });

  test('health is answered by every role, and everything else by readers alone', async () => {
    for (const name of replicas.names) {
      expect([name, (await replicas.get(name, '/healthz')).status, (await replicas.get(name, '/readyz')).status]).toEqual([name, 200, 200]);
    }
    expect(replicas.process('reader-1').ports).toMatchObject({ otlpHttp: 0, otlpGrpc: 0 });
    for (const name of ['receiver-1', 'worker-1']) {
      expect([name, (await replicas.get(name, '/api/v1/spend')).status, (await replicas.get(name, '/')).status]).toEqual([name, 404, 404]);
    }
  });

  const showsLedger = async (name: string, path: string): Promise<boolean> => {
    const { status, text } = await replicas.get(name, path, 'metrics');
    return status === 200 && text.includes('\nledgerline_cost_usd{');
  };
  const showing = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const name of replicas.names) if (await showsLedger(name, '/metrics')) found.push(name);
    return found;
  };

  test('one replica shows the ledger on /metrics, every reader on /metrics/ledger, and each shows itself', async () => {
    const [holder, ...more] = await waitFor('who shows the ledger', showing, { until: (found) => found.length > 0 });
    expect([holder?.startsWith('reader-'), more]).toEqual([true, []]);
    for (const name of replicas.names) {
      expect([name, await showsLedger(name, '/metrics/ledger')]).toEqual([name, name.startsWith('reader-')]);
      const { text } = await replicas.get(name, '/metrics/replica', 'metrics');
      expect(text).toContain(`ledgerline_replica_info{role="${name.split('-')[0]}",`);
      expect([name, text.includes('ledgerline_cost_usd')]).toEqual([name, false]);
    }
    const { text } = await replicas.get('reader-1', '/metrics/ledger', 'metrics');
    expect(text).toMatch(/^ledgerline_ledger_appended_entries_total 2$/m);
    expect(text).toMatch(/^ledgerline_ledger_duplicate_entries_total 2$/m);
  });

  test('a replica with other settings does not start, and says which', async () => {
    await expect(replicas.start('other', 'receiver', { ...alerting(), timezone: 'Europe/Berlin' })).rejects.toThrow(
      /timezone is "Europe\/Berlin" here and "UTC" there[\s\S]*ledgerline storage adopt-settings/,
    );
  });

  test('a repricing that one reader began another one sees to its end', async () => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"apply": false}' };
    expect((await replicas.get('reader-1', '/api/v1/repricings', 'api', post)).status).toBeLessThan(300);
    const ended = await waitFor('its end at the other reader', async () => {
      const { current } = JSON.parse((await replicas.get('reader-2', '/api/v1/repricings')).text);
      return current?.running === false ? current : undefined;
    });
    expect(ended).toMatchObject({ applied: false, failure: null, outcome: { is_whole: true } });
  });

  test('a worker that is killed is followed by another, for each thing that one does', async () => {
    const leases = ['alerts', 'fold', 'retention'];
    const holders = await Promise.all(leases.map((lease) => waitFor(`the holder of ${lease}`, () => replicas.holderOf(lease))));
    await replicas.start('worker-2', 'worker', alerting());
    await replicas.kill('worker-1');
    for (const [index, lease] of leases.entries()) {
      await waitFor(`another holder of ${lease}`, async () => {
        const holder = await replicas.holderOf(lease);
        return holder !== undefined && holder !== holders[index];
      });
    }
  });

  test('an alert is sent once, although the worker that would send it is frozen, followed by another, and wakes up', async () => {
    await replicas.start('worker-3', 'worker', alerting());
    const frozen = await waitFor('the holder', () => replicas.holderOf('alerts'));
    replicas.process('worker-2').child.kill('SIGSTOP');
    for (const request of ['c', 'd', 'e']) expect(await replicas.send('receiver-1', request)).toBe(200);
    await waitFor('another holder', async () => {
      const holder = await replicas.holderOf('alerts');
      return holder !== undefined && holder !== frozen;
    });
    await waitFor('the alert', () => inbox.received.length > 0);
    const sent = inbox.received.length;
    replicas.process('worker-2').child.kill('SIGCONT');
    await waitFor('the one that was frozen', async () => (await replicas.get('worker-2', '/readyz')).status === 200);
    // Both deliver no more than what there is: the next message comes from the holder alone.
    expect(await replicas.send('receiver-1', 'f')).toBe(200);
    const asOf = await waitFor('an evaluation after it', async () => JSON.parse((await replicas.get('reader-1', '/api/v1/alerts')).text));
    expect(asOf).toBeDefined();
    expect(new Set(inbox.received.map((message) => JSON.stringify(message))).size).toBe(inbox.received.length);
    expect(inbox.received.length).toBeGreaterThanOrEqual(sent);
  });

  test('when the reader that shows the ledger ends, another one does', async () => {
    const [holder = ''] = await waitFor('who shows the ledger', showing, { until: (found) => found.length === 1 });
    await replicas.kill(holder);
    const [next] = await waitFor('who shows it then', showing, { until: (found) => found.length === 1 });
    expect(next).not.toBe(holder);
  });
});
