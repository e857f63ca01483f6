/** Where answers come from: the collector, what is kept of it, and what holds when it is away, slow, wrong or refuses the token. */
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ClosedPort, closedPort } from '../../support/closed-port.ts';
import { waitFor } from '../../support/wait.ts';
import { Cache, DISTINCT_SHELLS, type Ended, hook } from './hook.ts';
import { inputOf, SESSION } from './samples.ts';
import { ALLOW, type Reply, STOP, type StandIn, standIn, WARN } from './stand-in.ts';

let collector: StandIn;
let nowhere: ClosedPort;
beforeAll(async () => {
  collector = await standIn();
  nowhere = await closedPort();
});
afterAll(async () => {
  nowhere.release();
  await collector.stop();
});
let cache: Cache;
beforeEach(() => {
  cache = new Cache();
});
afterEach(() => cache.remove());

const TURN = `${SESSION}.turn`;
/** Seconds: an answer of the stand-in is not fresh any more, and not even for the pause between two hooks. */
const STALE = 125;
const OLD = 200;
const line = (reply: Reply): string => `${reply.body}\n`;

describe.each(DISTINCT_SHELLS.map((shell) => [shell.join(' '), shell] as const))('in %s', (_, shell) => {
  const ask = (event = 'UserPromptSubmit', env: Record<string, string> = {}, more = {}): Promise<Ended> =>
    hook(inputOf(event, more), {
      shell,
      env: { LEDGERLINE_URL: collector.url, LEDGERLINE_TOKEN: 'll_token', LEDGERLINE_CACHE_DIR: cache.folder, ...env },
    });
  const away = (event?: string, env: Record<string, string> = {}): Promise<Ended> =>
    ask(event, { LEDGERLINE_URL: `http://127.0.0.1:${nowhere.port}`, ...env });
  /** How often the collector is asked meanwhile. */
  const counted = async (work: () => Promise<unknown>): Promise<number> => {
    const before = collector.requests.length;
    await work();
    return collector.requests.length - before;
  };

  describe('a kept answer', () => {
    test('serves all events of a turn while it is fresh, for its session alone', async () => {
      collector.reply = STOP;
      const events = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolBatch'];
      const asked = await counted(async () => {
        for (const event of events) expect((await ask(event)).out).toBe(line(STOP));
      });
      expect(asked).toBe(1);
      expect(await counted(() => ask('PreToolUse', {}, { session_id: 'another' }))).toBe(1);
    });

    test('that is no longer fresh serves once more, while a new one is fetched', async () => {
      collector.reply = ALLOW;
      await ask();
      cache.age(STALE);
      collector.reply = STOP;
      expect((await ask('PostToolUse')).out).toBe('');
      await waitFor('the new answer', () => cache.read(TURN).includes('stopReason'));
      expect((await ask('PostToolUse')).out).toBe(line(STOP));
    });

    test('is fetched in the background by one of many hooks', async () => {
      collector.reply = ALLOW;
      await ask();
      cache.age(STALE);
      collector.reply = { ...ALLOW, held: true };
      const asked = await counted(async () => {
        const all = await Promise.all(Array.from({ length: 8 }, () => ask('PostToolUse')));
        expect(all.map(({ out, err }) => out + err)).toEqual(all.map(() => ''));
        await waitFor('the question', () => cache.files.includes(`${TURN}.asking`));
        collector.release();
        await waitFor('the answer', () => !cache.files.includes(`${TURN}.asking`));
      });
      collector.reply = ALLOW;
      expect(asked).toBe(1);
    });

    test('that stops is asked for anew as soon as it is no longer fresh', async () => {
      collector.reply = STOP;
      await ask();
      cache.age(STALE);
      collector.reply = ALLOW;
      expect((await ask()).out).toBe('');
    });

    test('that is older than the pause between two turns is asked for anew', async () => {
      collector.reply = ALLOW;
      await ask();
      cache.age(OLD);
      collector.reply = STOP;
      expect((await ask()).out).toBe(line(STOP));
    });

    test.each(['', 'nonsense', '1\n', '99999999999 5 -\n{}\n', '12 5 -\n{"continue":false\n', 'x y z\n{}'])(
      'that is damaged (%j) is asked for anew',
      async (text) => {
        collector.reply = ALLOW;
        await ask();
        writeFileSync(join(cache.answers, TURN), text);
        collector.reply = STOP;
        expect(await ask()).toEqual({ out: line(STOP), err: '', code: 0 });
      },
    );
  });

  describe('a warning', () => {
    test('is shown once in a session, whichever event shows it, and again when it is another', async () => {
      collector.reply = WARN;
      expect((await ask()).out).toBe(line(WARN));
      for (const event of ['PreToolUse', 'PostToolUse', 'UserPromptSubmit']) expect((await ask(event)).out).toBe('');
      cache.age(OLD);
      expect((await ask()).out).toBe('');
      cache.age(OLD);
      const other = { body: '{"systemMessage":"90 % of budget \\"team\\" is spent."}' };
      collector.reply = other;
      expect((await ask()).out).toBe(line(other));
      collector.reply = WARN;
      expect((await ask('UserPromptSubmit', {}, { session_id: 'another' })).out).toBe(line(WARN));
    });

    test('is shown by one of many hooks at once', async () => {
      collector.reply = WARN;
      const all = await Promise.all(Array.from({ length: 6 }, () => ask('PreToolUse')));
      expect(all.filter(({ out }) => out !== '')).toEqual([{ out: line(WARN), err: '', code: 0 }]);
    });
  });

  /** What may stand where the collector should; each in the words that the guard has for it. */
  const FAILURES: Readonly<Record<string, Reply>> = {
    'HTTP 500': { status: 500, body: STOP.body ?? '' },
    'HTTP 503': { status: 503 },
    'HTTP 404': { status: 404, body: '{"error":"not found"}' },
    'HTTP 302': { status: 302, headers: { location: 'http://127.0.0.1/' } },
    'a page': { body: '<html>Sign in</html>' },
    nothing: { body: '' },
    'other JSON': { body: '{"decision":"allow"}' },
    'half of it': { body: '{"continue":false,"stopReason":"Budget' },
    'half of it, at a quote': { body: '{"continue":false,"stopReason":"Budget {\\"a\\"}' },
    'two lines': { body: '{"continue":false,\n"stopReason":"x"}' },
    'a megabyte': { body: `{"systemMessage":"${'x'.repeat(1_000_000)}"}` },
  };
  const failing: readonly (readonly [string, () => Promise<Ended>, (env: Record<string, string>) => Promise<Ended>])[] = [
    ...Object.entries(FAILURES).map(([name, reply]) => {
      const asked = (env: Record<string, string> = {}): Promise<Ended> => {
        collector.reply = reply;
        return ask('UserPromptSubmit', env);
      };
      return [name, asked, asked] as const;
    }),
    ['nobody there', () => away(), (env) => away('UserPromptSubmit', env)],
  ];

  describe.each(failing)('with %s instead of an answer', (_name, opened, asked) => {
    test('work goes on, or stops where failures close; the last answer holds for its time', async () => {
      const closed = { LEDGERLINE_GUARD_ON_FAILURE: 'closed' };
      expect(await opened()).toEqual({ out: '', err: '', code: 0 });
      cache.age(OLD);
      const stopped = await asked(closed);
      expect([stopped.err, stopped.code]).toEqual(['', 0]);
      expect(JSON.parse(stopped.out)).toEqual({ continue: false, stopReason: expect.stringContaining('cannot check your budgets') });
      cache.age(OLD);
      collector.reply = ALLOW;
      await ask();
      cache.age(3500);
      expect((await asked(closed)).out).toBe('');
      cache.age(3600);
      expect(JSON.parse((await asked(closed)).out).continue).toBe(false);
      expect((await asked({})).out).toBe('');
    });
  });

  test('a last answer that stops says how old it is', async () => {
    collector.reply = STOP;
    await ask();
    cache.age(600);
    const { out } = await away();
    expect(JSON.parse(out).stopReason).toMatch(
      /^Budget "team" is used up: 10.00 of 10.00 USD. \(Answer of 10 min ago: the collector at http:\/\/127.0.0.1:\d+ does not answer.\)$/,
    );
    expect((await away('UserPromptSubmit', { LEDGERLINE_GUARD_OFFLINE_SECONDS: '300' })).out).toBe('');
  });

  describe('without an answer of its own, an event has that of the turn', () => {
    const OWN_FORM: Readonly<Record<string, (sentence: unknown) => object>> = {
      PreCompact: (reason) => ({ decision: 'block', reason }),
      PreModelSwitch: (reason) => ({ decision: 'block', reason }),
      SessionStart: (systemMessage) => ({ systemMessage }),
    };
    const events = Object.entries(OWN_FORM);
    const keptFirst = async (reply: Reply, event = 'UserPromptSubmit'): Promise<void> => {
      collector.reply = reply;
      await ask(event);
      cache.age(OLD);
    };
    const closed = { LEDGERLINE_GUARD_ON_FAILURE: 'closed' };

    test.each(events)('a stop, at %s', async (event, form) => {
      await keptFirst(STOP);
      const words =
        /^Budget "team" is used up: 10.00 of 10.00 USD. \(Answer of 3 min ago: the collector at http:\/\/127.0.0.1:\d+ does not answer.\)$/;
      expect(JSON.parse((await away(event)).out)).toEqual(form(expect.stringMatching(words)));
      expect((await away(event, { LEDGERLINE_GUARD_OFFLINE_SECONDS: '100' })).out).toBe('');
    });

    test.each(events)('that work goes on, at %s, also where failures close', async (event) => {
      await keptFirst(ALLOW);
      expect((await away(event, closed)).out).toBe('');
      const { out } = await away(event, { ...closed, LEDGERLINE_GUARD_OFFLINE_SECONDS: '100' });
      expect(out).toContain('its last answer is 3 min old');
    });

    test.each(events)('a stop that is newer than its own, at %s', async (event) => {
      await keptFirst(ALLOW, event);
      await keptFirst(STOP);
      expect((await away(event)).out).toContain('used up');
    });

    test('and a newer one lifts the stop of a compaction, but no stop of a change of the model', async () => {
      const blocked = { body: '{"decision":"block","reason":"No."}' };
      for (const event of ['PreCompact', 'PreModelSwitch']) await keptFirst(blocked, event);
      await keptFirst(ALLOW);
      expect((await away('PreCompact', closed)).out).toBe('');
      expect((await away('PreModelSwitch')).out).toContain('"decision":"block","reason":"No. (Answer of');
    });

    test('of another session is none', async () => {
      await keptFirst(STOP);
      const env = { LEDGERLINE_URL: `http://127.0.0.1:${nowhere.port}` };
      expect((await ask('PreCompact', env, { session_id: 'another' })).out).toBe('');
    });
  });

  test('a collector that holds its answer keeps the first hook for the time limit, and no other', async () => {
    collector.reply = { ...STOP, held: true };
    const env = { LEDGERLINE_GUARD_TIMEOUT_SECONDS: '1' };
    const asked = await counted(async () => {
      expect(await ask('UserPromptSubmit', env)).toEqual({ out: '', err: '', code: 0 });
      const later = await Promise.all(['PreToolUse', 'PostToolUse', 'PostToolBatch'].map((event) => ask(event, env)));
      expect(later.map(({ out }) => out)).toEqual(['', '', '']);
    });
    // The second question goes on in the background; when it is answered, the answer holds.
    expect(asked).toBeLessThanOrEqual(2);
    await waitFor('the question in the background', () => {
      collector.release();
      return cache.files.includes(TURN);
    });
    expect((await ask()).out).toBe(line(STOP));
    collector.reply = ALLOW;
  });

  describe.each([401, 403])('a token that is refused with %d', (status) => {
    const refused: Reply = { status, body: '{"error":"unauthorized"}' };

    test('is reported once in a session; work goes on', async () => {
      collector.reply = refused;
      expect(JSON.parse((await ask()).out).systemMessage).toContain(`refuses the token (HTTP ${status})`);
      for (const event of ['PreToolUse', 'PostToolUse']) expect((await ask(event)).out).toBe('');
      cache.age(OLD);
      expect((await ask()).out).toBe('');
      expect(JSON.parse((await ask('PreToolUse', {}, { session_id: 'another' })).out)).toHaveProperty('systemMessage');
    });

    test('does not lift a stop', async () => {
      collector.reply = STOP;
      await ask();
      cache.age(OLD);
      collector.reply = refused;
      expect(JSON.parse((await ask()).out).continue).toBe(false);
    });

    test('stops where failures close', async () => {
      collector.reply = refused;
      expect(JSON.parse((await ask('PreToolUse', { LEDGERLINE_GUARD_ON_FAILURE: 'closed' })).out).continue).toBe(false);
    });
  });

  test('without a folder that it may write to, every hook asks, and what begins a turn shows warnings', async () => {
    const env = { LEDGERLINE_CACHE_DIR: '', HOME: '/dev/null/home', TMPDIR: '/dev/null/tmp' };
    collector.reply = WARN;
    const asked = await counted(async () => {
      expect(await ask('UserPromptSubmit', env)).toEqual({ out: line(WARN), err: '', code: 0 });
      expect(await ask('PreToolUse', env)).toEqual({ out: '', err: '', code: 0 });
      collector.reply = STOP;
      expect(await ask('PreToolUse', env)).toEqual({ out: line(STOP), err: '', code: 0 });
    });
    expect(asked).toBe(3);
  });

  test('what it keeps is for its user alone, and never the token or the prompt', async () => {
    collector.reply = WARN;
    await ask('UserPromptSubmit', { LEDGERLINE_TOKEN: 'll_very-secret' }, { prompt: 'very-secret' });
    await away('UserPromptSubmit', {});
    const names = readdirSync(cache.answers);
    expect(names.length).toBeGreaterThan(1);
    expect(names.map((name) => statSync(join(cache.answers, name)).mode & 0o777)).toEqual(names.map(() => 0o600));
    expect(statSync(cache.answers).mode & 0o777).toBe(0o700);
    expect(names.map((name) => cache.read(name)).join()).not.toContain('very-secret');
  });

  test('what it keeps is bounded: files of earlier days go, and all of them where there are too many', async () => {
    collector.reply = ALLOW;
    await ask();
    writeFileSync(join(cache.answers, 'old.turn'), '1 5 -\n{}\n');
    utimesSync(join(cache.answers, 'old.turn'), 1, 1);
    writeFileSync(join(cache.folder, 'not-ours'), '');
    utimesSync(join(cache.folder, 'not-ours'), 1, 1);
    await ask('UserPromptSubmit', {}, { session_id: 'second' });
    expect(cache.files).toEqual([TURN, 'second.turn']);
    for (let index = 0; index < 700; index++) writeFileSync(join(cache.answers, `many-${index}.turn`), '1 5 -\n{}\n');
    await ask('UserPromptSubmit', {}, { session_id: 'third' });
    expect(cache.files).toEqual(['third.turn']);
    expect(readdirSync(cache.folder)).toContain('not-ours');
  });
});
