/**
 * For tests that need a real server: describeWithBackend() instead of describe(), and the start functions in its hooks.
 *
 *   describeWithBackend(['prometheus', 'promtool'], 'the generated rules', () => {
 *     let prometheus: ConfiguredServer;
 *     beforeAll(async () => { prometheus = await startPrometheus({ config: { scrape_configs: [] } }); });
 *     afterAll(() => prometheus?.stop());
 *   });
 */
import { describe, test } from '@jest/globals';
import { type BackendName, backendsRequired, findBackend } from './backends-find.ts';

export { type Backend, type BackendName, findBackend } from './backends-find.ts';
export { freePort, type RunningServer, runTool, type ToolResult } from './backends-run.ts';
export {
  type ConfiguredServer,
  type ConfiguredServerOptions,
  launchChromium,
  type RunningBrowser,
  type RunningStore,
  startAlertmanager,
  startPrometheus,
  startVictoriaMetrics,
} from './backends-servers.ts';

/** In the title of a skipped suite, so that jest's report carries the reason and `npm run verify` can name it. */
export const SKIPPED = 'skipped: ';

/** A suite that runs where its servers are, is skipped aloud where they are not, and fails instead where CI=true. */
export function describeWithBackend(names: BackendName | readonly BackendName[], title: string, body: () => void): void {
  const wanted = typeof names === 'string' ? [names] : names;
  const reasons = wanted.map(findBackend).flatMap((backend) => (backend.kind === 'none' ? [backend.reason] : []));
  if (reasons.length === 0) {
    describe(title, body);
    return;
  }
  const reason = reasons.join('; ');
  if (!backendsRequired()) {
    describe.skip(`${title} [${SKIPPED}${reason}]`, body);
    return;
  }
  describe(title, () => {
    test('has the servers it needs', () => {
      throw new Error(`${reason}. With CI=true or TEST_REQUIRE_BACKENDS=1 that is a failure.`);
    });
  });
}
