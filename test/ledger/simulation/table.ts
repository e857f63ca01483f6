/**
 * `node bin/node26.mjs test/ledger/simulation/table.ts [histories]`: over- and under-booking in per cent of the true cost, by what goes wrong and
 * by rule, as the Markdown table of ADR 2.
 */

import { NOON } from '../../support/entries.ts';
import { Random } from '../../support/random.ts';
import { RULES } from './rules.ts';
import { SCENARIOS } from './scenarios.ts';

const SEED = 1;
const histories = Number(process.argv[2] ?? 2_000);
const per = (part: bigint, whole: bigint): string => (Number((part * 10_000n) / whole) / 100).toFixed(2);

console.log(`| over / under, % | ${Object.keys(RULES).join(' | ')} |`);
console.log(
  `| --- | ${Object.keys(RULES)
    .map(() => '---:')
    .join(' | ')} |`,
);
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const random = new Random(SEED);
  const made = Array.from({ length: histories }, () => scenario(random, NOON));
  const truth = made.reduce((sum, history) => sum + history.truth, 0n);
  const cells = Object.values(RULES).map((rule) => {
    const errors = made.map((history) => rule(history) - history.truth);
    const over = errors.filter((error) => error > 0n).reduce((sum, error) => sum + error, 0n);
    const under = errors.filter((error) => error < 0n).reduce((sum, error) => sum - error, 0n);
    return `${per(over, truth)} / ${per(under, truth)}`;
  });
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
