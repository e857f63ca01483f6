/** An example of each message in each channel, from a real ledger by the real engine, compared with committed files. docs/images shows some. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../collector/alerts/digest.ts';
import { planSending } from '../../collector/alerts/grouping.ts';
import type { AlertMessage } from '../../collector/alerts/message.ts';
import type { Delivery } from '../../collector/alerts/outbox.ts';
import { sampleMessage } from '../../collector/alerts/sample-message.ts';
import { ALERTS } from '../../collector/catalog/alert-names.ts';
import { compareMessage, GOLDEN } from './compare.ts';
import { anomalyDelivery, BERLIN, delivery, EXAMPLES, found, foundAnomalies, foundRates, LINKS, ONLY_BY_RULES } from './examples.ts';
import { type Alerting, NOVEMBER } from './setup.ts';

const OTHERS = [
  ...['digest', 'test', 'grouped-12', 'grouped-500', 'grouped-kinds', 'hostile', 'right-to-left'],
  // requests.test.ts
  ...['request-asked', 'request-approved', 'request-denied', 'request-hostile'],
];

let firing: ReadonlyMap<string, Delivery>;
let resolved: ReadonlyMap<string, Delivery>;
let digest: AlertMessage;

const digestIn = ({ reader, config }: Alerting): Promise<AlertMessage> => {
  const dueMs = Date.parse('2026-11-23T07:00:00Z');
  const calendar = { timeZone: BERLIN, weekStart: 'monday' } as const;
  const context = { reader, calendar, budgets: config.budgets, dueMs, nowMs: dueMs, links: LINKS };
  return digestOf({ name: 'all', schedule: '0 8 * * 1', period: 'week', channels: ['mail'] }, context);
};

beforeAll(async () => {
  const [budgets, anomalies, rates] = [await found(digestIn), foundAnomalies(), await foundRates()];
  firing = new Map([...budgets.firing, ...anomalies.firing, ...rates.firing]);
  resolved = new Map([...budgets.resolved, ...anomalies.resolved, ...rates.resolved]);
  digest = budgets.more;
}, 240_000);
afterAll(() => {
  firing = resolved = new Map();
});

const firingOf = (name: string): Delivery => {
  const one = firing.get(name);
  if (one === undefined) throw new Error(`no ${name}`);
  return one;
};

/** One message for all of them. */
function compareGrouped(
  name: string,
  due: readonly Delivery[],
  alerts: { readonly messages_at_once: number; readonly messages_per_hour: number },
): void {
  const [group, ...more] = planSending(due, { alerts, links: LINKS, sentMs: [], nowMs: NOVEMBER }).grouped;
  if (group === undefined || more.length > 0) throw new Error('not one group');
  compareMessage(name, { ...delivery('grouped', group.summary.message, 'summary'), labels: group.summary.labels });
}

describe('each message, in each channel', () => {
  test('has an example of every alert the collector raises, with every severity, firing and resolved, and no other', () => {
    const named = (name: string): boolean => EXAMPLES.some((example) => example.startsWith(`${name}-`));
    expect(Object.values(ALERTS).filter((name) => !named(name))).toEqual(expect.arrayContaining([...ONLY_BY_RULES]));
    expect(Object.values(ALERTS).filter(named)).toHaveLength(Object.keys(ALERTS).length - ONLY_BY_RULES.length);
    expect([...firing.keys()].toSorted()).toEqual(EXAMPLES.toSorted());
    expect([...resolved.keys()].toSorted()).toEqual(EXAMPLES.toSorted());
    const files = [...EXAMPLES.flatMap((name) => [name, `${name}-resolved`]), ...OTHERS].flatMap((name) => [`${name}.txt`, `${name}.html.txt`]);
    if (process.env.UPDATE_GOLDEN !== '1') expect(readdirSync(GOLDEN).toSorted()).toEqual(files.toSorted());
  });

  test.each(EXAMPLES)('is as in the committed example: %s, firing and resolved', (name) => {
    const over = resolved.get(name);
    if (over === undefined) throw new Error(`no end of ${name}`);
    compareMessage(name, firingOf(name));
    compareMessage(`${name}-resolved`, over);
    // What no longer holds is not said as if it did.
    expect(JSON.stringify(over.message)).not.toContain('is refused');
  });

  test('is as in the committed example: a digest, a test', () => {
    compareMessage('digest', delivery('digest', digest, 'digest'));
    compareMessage('test', delivery('test', sampleMessage(LINKS), 'test'));
  });

  test('is as in the committed example: twelve and five hundred of a kind at once, one of each kind', () => {
    const { message, labels } = firingOf('LedgerlineBudgetThreshold-warning');
    for (const count of [12, 500]) {
      const due = Array.from({ length: count }, (_, index) => {
        const mood = index % 6 === 5 ? 'critical' : 'warning';
        const one: AlertMessage = { ...message, title: `Budget m/u${index}: 84 % used`, mood };
        return { ...delivery(`${index}`, one), labels: { ...labels, budget: `m/u${index}` } };
      });
      compareGrouped(`grouped-${count}`, due, { messages_at_once: 10, messages_per_hour: 60 });
    }
    const ofKinds = [...firing].filter(([name]) => !/Stopped|BudgetThreshold-critical|Forecast-critical/.test(name)).map(([, one]) => one);
    compareGrouped('grouped-kinds', ofKinds, { messages_at_once: 10, messages_per_hour: 1 });
  });

  test('is as in the committed example: hostile names', () => {
    const spend = { kind: 'spend', severity: 'warning' } as const;
    const hostile = `<!channel> *x* [x](https://evil.example) <img src=x>\n\u202eB ${'x'.repeat(10_000)}`;
    const rightToLeft = '\u05e6\u05d5\u05d5\u05ea \u05d0';
    for (const [name, value] of Object.entries({ hostile, 'right-to-left': rightToLeft })) {
      const words = `${value} spent $1,234.50 today until 13:00, 4.2 times the median of $293.93 for a Friday until that time (8 weeks).`;
      compareMessage(name, anomalyDelivery({ ...spend, scope: { dimension: 'team', value }, words }));
    }
  });
});
