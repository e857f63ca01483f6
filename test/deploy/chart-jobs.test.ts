/** What the chart's jobs run before an upgrade, by the configuration and in the order that Helm has from it, on a real PostgreSQL. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { printed } from '../cli/command.ts';
import { describeWithBackend, SKIPPED } from '../support/backends.ts';
import { PROJECT } from '../support/backends-find.ts';
import { helmIsMissing, render } from '../support/helm.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';

const TIMEOUT_MS = 240_000;
const CHART = join(PROJECT, 'deploy/helm/ledgerline');

const missing = helmIsMissing();
if (missing === undefined) describeWithBackend('postgres15', 'the jobs of the chart', theJobs);
else describe.skip(`the jobs of the chart [${SKIPPED}${missing}]`, theJobs);

function theJobs(): void {
  let server: RunningPostgres;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-jobs-'));
    server = await startPostgres();
  }, TIMEOUT_MS);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.destroy();
  });

  /** What each prints; the first that fails rejects. */
  async function upgrade(url: string, timezone: string, adoptSettings: boolean): Promise<readonly string[]> {
    const config = { timezone, server: { insecure: true } };
    const { objects, error } = render(CHART, { mode: 'postgres', config, postgres: { url, tls: { enabled: false }, adoptSettings } });
    expect(error).toBe('');
    const weight = ({ metadata: { annotations = {} } }: (typeof objects)[number]) => Number(annotations['helm.sh/hook-weight']);
    const [map, ...jobs] = objects
      .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook']?.includes('pre-upgrade'))
      .sort((a, b) => weight(a) - weight(b));
    const file = join(folder, 'ledgerline.yaml');
    writeFileSync(file, map?.data['ledgerline.yaml'].replace('data: /data', `data: ${folder}`));
    const said: string[] = [];
    for (const { spec } of jobs) {
      const args: readonly string[] = spec.template.spec.containers[0].args;
      said.push(await printed(args.map((arg) => (arg === '/etc/ledgerline/ledgerline.yaml' ? file : arg))));
    }
    return said;
  }

  test(
    'make the tables, and change the time zone when they are asked to alone',
    async () => {
      const url = await server.createDatabase();
      expect(await upgrade(url, 'UTC', false)).toEqual([expect.stringContaining('Made the tables of a ledger')]);
      // A ledger that no replica has started on yet has no settings.
      expect(await upgrade(url, 'UTC', true)).toEqual([expect.stringContaining('Nothing to change'), expect.stringContaining('nothing to change')]);
      await expect(upgrade(url, 'Asia/Kolkata', false)).rejects.toThrow('another calendar');
      const [adopted, made] = await upgrade(url, 'Asia/Kolkata', true);
      expect(adopted).toContain('timezone: "UTC" -> "Asia/Kolkata"');
      expect(made).toContain('nothing to change');
      expect(await upgrade(url, 'Asia/Kolkata', false)).toEqual([expect.stringContaining('nothing to change')]);
    },
    TIMEOUT_MS,
  );
}
