/** `promtool test rules` over a rule file: series go in, and what must fire when is compared, word by word. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runTool } from '../../support/backends.ts';
import type { Firing } from './cases.ts';

export interface Expectation {
  readonly alert: string;
  readonly at: string;
  /** None: it is quiet then. */
  readonly firing: readonly Firing[];
}

const RULES = 'rules.yaml';

/** Throws with promtool's words when it differs. */
export async function testRules(
  rules: string,
  series: Readonly<Record<string, string>>,
  expectations: readonly Expectation[],
  interval = '1m',
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerline-rules-'));
  const unit = {
    rule_files: [RULES],
    evaluation_interval: interval,
    tests: [
      {
        interval,
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: expectations.map(({ alert, at, firing }) => ({
          alertname: alert,
          eval_time: at,
          exp_alerts: firing.map(({ labels, annotations }) => ({ exp_labels: labels, exp_annotations: annotations })),
        })),
      },
    ],
  };
  try {
    await writeFile(join(folder, RULES), rules);
    await writeFile(join(folder, 'test.yaml'), stringify(unit));
    const { code, output } = await runTool('promtool', ['test', 'rules', 'test.yaml'], folder);
    if (code !== 0) throw new Error(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
