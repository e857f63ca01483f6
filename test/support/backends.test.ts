import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  describeWithBackend,
  findBackend,
  freePort,
  launchChromium,
  runTool,
  startAlertmanager,
  startPrometheus,
  startVictoriaMetrics,
} from './backends.ts';
import { backendsRequired } from './backends-find.ts';
import { waitFor } from './wait.ts';

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describeWithBackend('prometheus', 'a Prometheus for a test', () => {
  test('answers queries, reads changed rules, and leaves nothing behind', async () => {
    const prometheus = await startPrometheus({ config: { rule_files: ['rules.yml'] }, files: { 'rules.yml': { groups: [] } } });
    const rules = async () => (await fetch(`${prometheus.url}/api/v1/rules`)).text();
    expect(await rules()).not.toContain('always');
    await prometheus.reload({ 'rules.yml': { groups: [{ name: 'always', rules: [{ record: 'always', expr: 'vector(1)' }] }] } });
    expect(await rules()).toContain('always');
    await prometheus.stop();
    expect(await answers(prometheus.url)).toBe(false);
    expect(existsSync(prometheus.folder)).toBe(false);
  });

  test('says why it did not start', async () => {
    await expect(startPrometheus({ config: 'scrape_configs: 7' })).rejects.toThrow('cannot unmarshal');
  });

  test('ends when the process that started it is killed', async () => {
    const backend = findBackend('prometheus');
    if (backend.kind !== 'native') return; // A container is removed by testcontainers' own reaper.
    const folder = await mkdtemp(join(tmpdir(), 'ledgerline-guard-'));
    await writeFile(join(folder, 'prometheus.yml'), '{}');
    const port = await freePort();
    const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`];
    const script = `import { startNative } from '${join(import.meta.dirname, 'backends-run.ts')}'; startNative(process.argv[1], process.argv.slice(2)); setInterval(() => {}, 1e6);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script, backend.path, ...args]);
    await waitFor('Prometheus', () => answers(`http://127.0.0.1:${port}/-/ready`));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await waitFor('the end of Prometheus', async () => !(await answers(`http://127.0.0.1:${port}/-/ready`)));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
});

describeWithBackend('alertmanager', 'an Alertmanager for a test', () => {
  test('is ready and alone', async () => {
    const alertmanager = await startAlertmanager({ config: { route: { receiver: 'none' }, receivers: [{ name: 'none' }] } });
    expect(await (await fetch(`${alertmanager.url}/api/v2/status`)).json()).toMatchObject({ cluster: { status: 'disabled' } });
    await alertmanager.stop();
    expect(await answers(alertmanager.url)).toBe(false);
  });
});

describeWithBackend('victoriametrics', 'a VictoriaMetrics for a test', () => {
  test('shows a sample soon after it is flushed', async () => {
    const store = await startVictoriaMetrics();
    await fetch(`${store.url}/api/v1/import/prometheus`, { method: 'POST', body: 'written 7\n' });
    await store.flush();
    await waitFor('the sample', async () => (await (await fetch(`${store.url}/api/v1/query?query=written`)).text()).includes('"7"'));
    await store.stop();
  });
});

describeWithBackend('chromium', 'a Chromium for a test', () => {
  test('runs the scripts of a page', async () => {
    const { browser, stop } = await launchChromium();
    const page = await browser.newPage();
    await page.setContent('<p></p><script>document.querySelector("p").textContent = 6 * 7</script>');
    expect(await page.textContent('p')).toBe('42');
    await stop();
  });
});

describeWithBackend(['promtool', 'amtool'], 'the tools', () => {
  test('give their exit code and what they printed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ledgerline-tools-'));
    await writeFile(join(folder, 'rules.yml'), 'groups: [{name: a, rules: [{record: a, expr: "sum("}]}]');
    await writeFile(join(folder, 'alertmanager.yml'), 'route: {receiver: a}\nreceivers: [{name: a}]');
    expect(await runTool('promtool', ['check', 'rules', 'rules.yml'], folder)).toMatchObject({
      code: 1,
      output: expect.stringContaining('parse error'),
    });
    expect(await runTool('amtool', ['check-config', 'alertmanager.yml'], folder)).toMatchObject({ code: 0 });
    await rm(folder, { recursive: true });
  });
});

describe('a missing server', () => {
  test.each([
    [{}, false],
    [{ CI: 'true' }, true],
    [{ CI: 'false' }, false],
    [{ TEST_REQUIRE_BACKENDS: '1' }, true],
  ])('with %p in the environment fails instead of being skipped: %p', (env, required) => expect(backendsRequired(env)).toBe(required));
});
