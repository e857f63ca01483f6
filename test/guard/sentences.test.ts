/** Every sentence that a developer reads from the guard, as committed in golden/sentences.txt. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { BudgetStatus } from '../../collector/budgets/status.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import type { Cause, Verdict } from '../../collector/guard/decide.ts';
import { moreLinkEnd, moreUrl, readMoreLink } from '../../collector/guard/more-link.ts';
import { SENTENCE_MAX, type SentenceContext, sentenceOf } from '../../collector/guard/sentences.ts';
import { NOON, usd } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { hardLimit, ofDay, ofRollingDays, ofTeam, ofTokens } from './statuses.ts';

const CONTEXT: SentenceContext = {
  ...{ nowMs: NOON, asOfMs: NOON - 12_000, timeZone: 'Europe/Berlin', contact: 'the platform leads (#ai-budget)' },
  budgetsUrl: 'https://ledgerline.example.com/boards/budgets',
};
const LINKED: SentenceContext = {
  ...CONTEXT,
  moreUrl: ({ key, periodEndMs }) =>
    moreUrl({ key, user: 'ada@example.com', untilMs: moreLinkEnd({ periodEndMs }, NOON) }, Buffer.alloc(32, 7), 'https://ledgerline.example.com'),
};
const BARE: SentenceContext = { ...CONTEXT, asOfMs: undefined, contact: undefined, budgetsUrl: undefined };

const stop = (cause: Cause, context = CONTEXT): string => sentenceOf({ decision: 'stop', causes: [cause] }, context) ?? '';
const warnIn = (context: SentenceContext, ...[first, ...others]: [Cause, ...Cause[]]): string =>
  sentenceOf({ decision: 'warn', causes: [first, ...others] }, context) ?? '';
const warn = (...causes: [Cause, ...Cause[]]): string => warnIn(CONTEXT, ...causes);
const coldCache = (event: string): Cause => ({ kind: 'cold_cache', event, estimate: usd('0.4213'), limit: usd('0.25') });

const SENTENCES: Readonly<Record<string, string>> = {
  'stop: budget of a user': stop({ kind: 'budget', status: ofDay('20.31') }),
  'stop: budget of a team': stop({ kind: 'budget', status: ofTeam('1203.5') }),
  'stop: budget of rolling days': stop({ kind: 'budget', status: ofRollingDays('1500') }),
  'stop: runaway, in rolling days': stop({ kind: 'runaway', status: ofRollingDays('700'), recent: usd('350'), minutes: 10 }),
  'warn: threshold of rolling days': warn({ kind: 'threshold', status: ofRollingDays('850'), at: 0.8 }),
  'stop: budget of tokens': stop({ kind: 'budget', status: ofTokens(52_000_000n, 50_000_000n) }),
  'stop: budget of everybody, nobody to ask, no page, nothing in the ledger': stop(
    { kind: 'budget', status: { ...ofTeam('0', '0'), scope: 'everything', key: 'everybody', name: 'everybody' } },
    BARE,
  ),
  'stop: budget of a user, with a link to ask': stop({ kind: 'budget', status: ofDay('20.31') }, LINKED),
  'stop: budget of a team, with a link to ask': stop({ kind: 'budget', status: ofTeam('1203.5') }, LINKED),
  'stop: runaway, with a link to ask': stop({ kind: 'runaway', status: ofDay('11'), recent: usd('9.5'), minutes: 10 }, LINKED),
  'stop: runaway, with no room for the link': stop(
    { kind: 'runaway', status: { ...ofDay('11'), key: 'each-developer/ada@example.com', name: 'each-developer' }, recent: usd('9.5'), minutes: 10 },
    LINKED,
  ),
  'warn: threshold, with a link to ask': warnIn(LINKED, { kind: 'threshold', status: ofDay('17'), at: 0.8 }),
  'stop: runaway': stop({ kind: 'runaway', status: ofDay('11'), recent: usd('9.5'), minutes: 10 }),
  'stop: session': stop({ kind: 'session_cost', cost: usd('25.2'), limit: usd('25') }),
  'stop: change of the model': stop(coldCache('PreModelSwitch')),
  'warn: threshold': warn({ kind: 'threshold', status: ofDay('17'), at: 0.8 }),
  'warn: threshold of tokens': warn({ kind: 'threshold', status: ofTokens(45_000_000n, 50_000_000n), at: 0.9 }),
  'warn: session': warn({ kind: 'session_cost', cost: usd('6'), limit: usd('5') }),
  'warn: resumed': warn(coldCache('SessionStart')),
  'warn: change of the model': warn(coldCache('PreModelSwitch')),
  'warn: several': warn({ kind: 'session_cost', cost: usd('6'), limit: usd('5') }, { kind: 'threshold', status: ofDay('17'), at: 0.8 }),
};

test('are as committed', () => {
  const text = Object.entries(SENTENCES).map(([name, sentence]) => `# ${name}\n${sentence}\n`);
  expectGolden(join(import.meta.dirname, 'golden', 'sentences.txt'), text.join('\n'));
});

describe('the command', () => {
  const said = (given: Partial<BudgetStatus>): string => stop({ kind: 'budget', status: { ...ofDay('20.31'), ...given } });
  const by = (...dimensions: Filter['dimension'][]): Partial<BudgetStatus> => ({
    where: dimensions.map((dimension) => ({ dimension, values: ['x'] })),
  });

  test('names the budget: the only one that may be asked for need not be the one that stops', () => {
    expect(said({})).toContain('or run: ledgerline budget request each/ada@example.com --by 5 --why "…".');
    expect(stop({ kind: 'budget', status: ofTeam('1203.5') })).toContain('ledgerline budget request platform --by 250');
    expect(said(by('organization', 'team'))).toContain('budget request');
    expect(said(by('repository', 'user'))).toContain('budget request');
  });

  test.each(['repository', 'workspace', 'job'] as const)('is left out for a budget by %s, which cannot be asked for', (dimension) => {
    const text = said(by(dimension, 'team'));
    expect(text).not.toContain('ledgerline budget');
    expect(text).toContain('ask the platform leads (#ai-budget). https://');
  });

  test('can be copied as it is, or is left out', () => {
    expect(said({ key: 'each/Ada Lovelace $(id)' })).toContain("request 'each/Ada Lovelace $(id)' --by");
    expect(said({ key: 'each/DOMAIN\\ada' })).toContain("request 'each/DOMAIN\\ada' --by");
    for (const key of ["each/o'hara", "each/'$(id)'", 'each/a\nb', 'each/\u202ea', `each/${'x'.repeat(200)}`]) {
      expect(said({ key })).not.toContain('ledgerline budget');
    }
  });
});

test('a link that finds no room is left out, not cut off', () => {
  const links = new Set<string | undefined>();
  for (let length = 1; length <= 120; length++) {
    const context = { ...LINKED, contact: 'x'.repeat(length) };
    links.add(/https:\S*/.exec(stop({ kind: 'runaway', status: ofDay('11'), recent: usd('9.5'), minutes: 10 }, context))?.[0]);
  }
  expect([...links]).toEqual([expect.stringMatching(/\/more\/.*\.[\w-]{22}$/), CONTEXT.budgetsUrl, undefined]);
});

test('allow says nothing', () => expect(sentenceOf({ decision: 'allow', causes: [] }, CONTEXT)).toBeNull());

test('of a warning do not change with what is spent or with the time', () => {
  const at = (spent: string, minutes: number): string | null =>
    sentenceOf(
      {
        decision: 'warn',
        causes: [
          { kind: 'threshold', status: ofDay(spent), at: 0.8 },
          { kind: 'session_cost', cost: usd(spent), limit: usd('5') },
        ],
      },
      { ...LINKED, nowMs: NOON + minutes * 60_000, asOfMs: NOON },
    );
  expect(at('19.99', 30)).toBe(at('16', 0));
});

describe('with names that are long, or not for a terminal', () => {
  const names = ['x'.repeat(5_000), '\u001b[31m\n\r\u2028"<b>', '\u{1F600}'.repeat(400), '\ud83d', 'a\u0000b'];
  const causes = names.flatMap((name): Cause[] => {
    const status = hardLimit({
      spent: usd('21'),
      limit: usd('20'),
      key: `each/${name}`,
      name: name.slice(0, 80),
      scope: `team=${name}|${name}, user=${name}`,
    });
    return [
      { kind: 'budget', status },
      { kind: 'threshold', status, at: 0.8 },
      { kind: 'runaway', status, recent: usd('9'), minutes: 10 },
      { kind: 'session_cost', cost: usd('999999999'), limit: usd('5') },
      { kind: 'cold_cache', event: 'PreModelSwitch', estimate: usd('999999'), limit: usd('5') },
    ];
  });

  test('are short, on one line, and well-formed', () => {
    const wrong: string[] = [];
    for (const cause of causes) {
      for (const contact of [...names.map((name) => name.slice(0, 120)), undefined]) {
        for (const budgetsUrl of [CONTEXT.budgetsUrl, `https://example.com/${'p'.repeat(2_000)}`]) {
          const verdicts: Verdict[] = [
            { decision: 'stop', causes: [cause] },
            { decision: 'warn', causes: [cause, ...causes.slice(0, 4)] },
          ];
          for (const [verdict, given] of verdicts.flatMap((one) => [[one, CONTEXT] as const, [one, LINKED] as const])) {
            const text = sentenceOf(verdict, { ...given, contact, budgetsUrl }) ?? '';
            const more = /\/more\/(\S*)/.exec(text)?.[1];
            if (more !== undefined && readMoreLink(more, Buffer.alloc(32, 7)) === undefined) wrong.push(text);
            if (text === '' || text.length >= SENTENCE_MAX || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) || !text.isWellFormed()) wrong.push(text);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
