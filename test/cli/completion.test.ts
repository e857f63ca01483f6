/** Completion scripts in the shells that load them. A shell that is not there is skipped aloud. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { completedCommands } from '../../collector/cli/completion/tree.ts';
import { createProgram } from '../../collector/cli/program.ts';
import { SKIPPED } from '../support/backends.ts';
import { event, NOON } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { printed } from './command.ts';

const MAIN = join(import.meta.dirname, '../../collector/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-completion-'));
const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, LC_ALL: 'C.UTF-8', TERM: 'dumb' };
let ledger: TestLedger;
let data: string;

beforeAll(async () => {
  ledger = await openTestLedger();
  data = dirname(ledger.file);
  const now = Date.now();
  const entries = [
    event({ id: '1', cost: '3', timeMs: now }),
    event({ id: '2', cost: '2', team: 'platform-web', timeMs: now }),
    event({ id: '3', cost: '1', team: 'R and D', timeMs: now }),
    event({ id: '4', cost: '1', team: 'search', timeMs: now }),
  ];
  await ledger.writer.append({ entries, receivedMs: now });
  // As it is on the PATH of whoever installed it.
  const command = join(folder, 'ledgerline');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${MAIN}' "$@"\n`);
  chmodSync(command, 0o755);
  for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(join(folder, shell), `${await printed(['completion', shell])}\n`);
});
afterAll(async () => {
  await ledger.destroy();
  rmSync(folder, { recursive: true });
});

const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** `body` where the shell is on the PATH. */
function describeShell(shell: string, body: () => void): void {
  if (isThere(shell)) describe(shell, body);
  else describe.skip(`${shell} [${SKIPPED}${shell} is not on the PATH]`, body);
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** What is typed, and some of what is offered. */
const OFFERED: readonly (readonly [string, readonly string[]])[] = [
  ['ledgerline rep', ['report']],
  ['ledgerline budget ra', ['raise']],
  ['ledgerline completion z', ['zsh']],
  ['ledgerline report --ti', ['--timezone']],
  ['ledgerline report --by te', ['team', 'terminal']],
  ['ledgerline report --by team,ag', ['team,agent']],
  ['ledgerline report -o ', ['table', 'json', 'csv']],
  ['ledgerline daily -o de', ['desc']],
  ['ledgerline report --period last-m', ['last-month']],
  ['ledgerline report qu', ['quarterly']],
  ['ledgerline report --where mod', ['model:']],
];

describeShell('bash', () => {
  const complete = (typed: string): string[] => {
    const script = `source "$1"; COMP_WORDBREAKS=' =:'; COMP_LINE="$2"; COMP_POINT=\${#2}; _ledgerline; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(execFileSync('bash', ['--noprofile', '--norc', '-c', script, 'bash', join(folder, 'bash'), typed], { env, encoding: 'utf8' }));
  };

  // Readline takes a colon for the end of a word, and replaces what stands behind it.
  test.each(OFFERED)('%s offers %j', (typed, offered) => expect(complete(typed)).toEqual(expect.arrayContaining([...offered])));

  test('values of a filter come from the ledger that is named, the largest first, quoted where they have to be', () => {
    expect(complete(`ledgerline report --data ${data} --where team:p`)).toEqual(['platform', 'platform-web']);
    expect(complete(`ledgerline report --data=${data} --where team:R`)).toEqual(['R\\ and\\ D']);
  });

  test('a value behind = is completed alike, and what an option takes is no command', () => {
    expect(complete('ledgerline report --by=te')).toEqual(['team', 'terminal']);
    expect(complete('ledgerline report --by session --out')).toEqual(['--output', '--out-file']);
  });

  test('what cannot be known is not guessed', () => {
    expect(complete('ledgerline report --since ')).toEqual([]);
    expect(complete('ledgerline report --data /nowhere --where team:')).toEqual([]);
    expect(complete('ledgerline budget raise platform --by ')).toEqual([]);
  });
});

describeShell('fish', () => {
  const complete = (typed: string): string[] => {
    const out = execFileSync('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', join(folder, 'fish'), typed], {
      env,
      encoding: 'utf8',
    });
    return lines(out).map((line) => line.split('\t', 1)[0] ?? '');
  };

  test.each(OFFERED)('%s offers %j', (typed, offered) => expect(complete(typed)).toEqual(expect.arrayContaining([...offered])));

  test('values of a filter come from the ledger that is named', () => {
    expect(complete(`ledgerline report --data ${data} --where team:p`).sort()).toEqual(['team:platform', 'team:platform-web']);
  });
});

describeShell('zsh', () => {
  /** Types into a terminal, presses Tab, and reads the line as the shell has it then. */
  const completed = (typed: string): string => {
    const script = `
zmodload zsh/zpty
zpty shell "exec zsh -f -i"
zpty -w shell 'PS1=; PROMPT_EOL_MARK=; unsetopt beep; bindkey -e; autoload -Uz compinit; compinit -u -D; source "$COMPLETION"'
zpty -w shell 'show() { print -r -- "<""$BUFFER"">"; }; zle -N show; bindkey "^X" show; print -r -- "rea""dy"'
zpty -r -m shell out '*ready*'
zpty -w -n shell "$1"$'\\t\\x18'
zpty -r -m shell out '*<*>*'
print -r -- "$out"
zpty -d shell`;
    const out = execFileSync('zsh', ['-f', '-c', script, 'zsh', typed], { env: { ...env, COMPLETION: join(folder, 'zsh') }, encoding: 'utf8' });
    return /<(.*)>/.exec(out)?.[1] ?? out;
  };

  test.each([
    ['ledgerline rep', 'ledgerline report '],
    ['ledgerline budget ra', 'ledgerline budget raise '],
    ['ledgerline report --ti', 'ledgerline report --timezone '],
    ['ledgerline report --by team,ag', 'ledgerline report --by team,agent'],
    ['ledgerline daily -o de', 'ledgerline daily -o desc '],
    ['ledgerline report --period last-m', 'ledgerline report --period last-month '],
    ['ledgerline report --where mod', 'ledgerline report --where model:'],
  ])('%s becomes %s', (typed, line) => expect(completed(typed)).toBe(line));

  test('values of a filter come from the ledger that is named', () => {
    expect(completed(`ledgerline report --data ${data} --where team:s`)).toBe(`ledgerline report --data ${data} --where team:search `);
  });
});

test('every command and option can be completed', async () => {
  const program = await createProgram({ out: () => undefined, err: () => undefined, env: {}, now: () => NOON, color: false });
  const commands = completedCommands(program);
  expect(commands.map(({ path }) => path)).toEqual(expect.arrayContaining(['', 'report', 'budget set', 'completion']));
  expect(commands.flatMap(({ path }) => path)).not.toContain('__complete');
});
