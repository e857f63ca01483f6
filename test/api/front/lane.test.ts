import { describe, expect, test } from '@jest/globals';
import { ALL_QUESTIONS } from '../../../collector/api/api.ts';
import { Lane } from '../../../collector/api/front/lane.ts';
import { isHeavy } from '../../../collector/api/front/weight.ts';

const never = new AbortController().signal;

/** Asks for places under the names of addresses such as "a1", and notes who got one. */
function lanes(options: { runningMax: number; waitingMax?: number }) {
  const lane = new Lane({ waitingMax: 100, ...options });
  const entered: string[] = [];
  const leaves = new Map<string, () => void>();
  const ask = (name: string, signal = never): Promise<string> =>
    lane.enter(name.slice(0, 1), signal).then(
      (leave) => {
        leaves.set(name, leave);
        entered.push(name);
        return name;
      },
      (error: Error) => `${name} refused: ${error.message}`,
    );
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { ask, entered, settled, leave: (name: string) => leaves.get(name)?.() };
}

describe('a lane', () => {
  test('lets so many in at once, of one address all but one', async () => {
    const { ask, entered, settled } = lanes({ runningMax: 3 });
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) void ask(name);
    await settled();
    expect(entered).toEqual(['a1', 'a2', 'b1']);
  });

  test('with a single place serves whoever asks', async () => {
    const { ask } = lanes({ runningMax: 1 });
    expect(await ask('a1')).toBe('a1');
  });

  test('gives a place that is free to whoever has fewest, not to whoever asked most', async () => {
    const { ask, entered, settled, leave } = lanes({ runningMax: 2 });
    for (const name of ['a1', 'b1', 'a2', 'a3', 'a4', 'b2', 'c1']) void ask(name);
    await settled();
    for (const name of ['b1', 'a1', 'a2', 'b2', 'a3']) {
      leave(name);
      await settled();
    }
    expect(entered).toEqual(['a1', 'b1', 'b2', 'a2', 'c1', 'a3', 'a4']);
  });

  test('when too many wait refuses the last of whoever has most of them', async () => {
    const { ask, settled } = lanes({ runningMax: 1, waitingMax: 3 });
    const asked = ['a1', 'a2', 'a3', 'a4'].map((name) => ask(name));
    await settled();
    const newcomer = ask('b1');
    expect(await asked[3]).toMatch(/^a4 refused: .*limits\.queries_waiting/);
    expect(await Promise.race([ask('a5'), newcomer])).toMatch(/^a5 refused: .*limits\.queries_waiting/);
  });

  test('forgets whoever goes while waiting, also one that was refused before it went', async () => {
    const { ask, entered, settled, leave } = lanes({ runningMax: 1, waitingMax: 1 });
    const gone = new AbortController();
    await ask('a1');
    const waiting = ask('a2', gone.signal);
    expect(await ask('a3', gone.signal)).toContain('refused');
    gone.abort(new Error('gone'));
    expect(await waiting).toBe('a2 refused: gone');
    leave('a1');
    void ask('b1');
    await settled();
    expect(entered).toEqual(['a1', 'b1']);
  });

  test('takes a place back once, however often it is given back', async () => {
    const { ask, entered, settled, leave } = lanes({ runningMax: 2 });
    for (const name of ['a1', 'b1', 'c1', 'd1']) void ask(name);
    await settled();
    leave('a1');
    leave('a1');
    await settled();
    expect(entered).toEqual(['a1', 'b1', 'c1']);
  });
});

test.each([
  ['/', false],
  ['/assets/page.css', false],
  ['/boards/overview', false],
  ['/api/v1/me/budget?user=alice', false],
  ['/api/v1/me/statusline?user=alice', false],
  ['/api/v1/me/guard?session=4711&event=UserPromptSubmit', false],
  ['/api/v1/boards', false],
  ['/api/v1/boards/', false],
  ['/api/v1/boards/overview', true],
  ['/API/v1/Boards/overview/panels/cost.csv', true],
  ['/api/v1/sessions', true],
  ['/api/v1/sessions/?limit=500', true],
  ['/api/v1/sessions/4711', false],
  ['/api/v1/spend', false],
  ['/api/v1/spend?by=team,model&grain=day', false],
  ['/api/v1/spend?by=team,model,user', true],
  ['/api/v1/spend?by=team&where=model:a&where=user:b', true],
  ['/api/v1/spend?by=team&where=team:a&where=team:b', false],
  ['/api/v1/spend?grain=quarter_hour', true],
  ['/api/v1/spend?tz=Europe/Berlin', true],
  ['/mcp', true],
])('%s is heavy: %s', (url, heavy) => expect(isHeavy(url)).toBe(heavy));

test('every question is heavy, but for those that are answered from what is at hand or about one thing', () => {
  const typical = (path: string): string => `/api/v1${path.replaceAll(/\{\w+\}/g, 'x')}`;
  const light = ALL_QUESTIONS.filter(({ path }) => !isHeavy(typical(path))).map(({ id }) => id);
  expect(light.sort()).toEqual([
    'alerts',
    'boards',
    'budget',
    'budget_audit',
    'budget_requests',
    'budgets',
    'catalogue',
    'guard',
    'me',
    'my_budget',
    'session',
    'spend',
    'status',
    'statusline',
  ]);
});
