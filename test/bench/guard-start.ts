/**
 * What a hook costs at every prompt and tool, and a status line after every message: the scripts with a kept answer and asking, and the
 * commands on Node, beside starting a program that does nothing, in the same rounds.
 *   npm run bench:guard-start [rounds]
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Cache, GUARD, PATH, SHELLS, type Shell } from '../guard/client/hook.ts';
import { inputOf } from '../guard/client/samples.ts';
import { ALLOW, standIn } from '../guard/client/stand-in.ts';
import { answerOf, inputOf as lineInput, removeScript, STATUSLINE } from '../guard/client/statusline.ts';
import { PROJECT } from '../support/sources.ts';
import { wholeAboveZero } from './flags.ts';
import { ms, Report } from './report.ts';
import { medianOf, type Start, startTable, timeStarts } from './starts.ts';

const ROUNDS = wholeAboveZero('rounds', process.argv[2] ?? '60');
const AIM_MS = 60;
const LONG = 'x'.repeat(200_000);

interface Candidate extends Omit<Start, 'env' | 'before'> {
  /** Nothing is kept of earlier answers. */
  readonly asks?: boolean;
}

const FLOOR = 'a program that does nothing (true)';
const CACHED = 'script, answer kept';
const LINE = 'status line, answer kept';
const PROMPT = inputOf('UserPromptSubmit');
const inShell = (shell: Shell): Candidate => ({ name: `script in ${shell.join(' ')}, answer kept`, command: [...shell, GUARD], input: PROMPT });
const CANDIDATES: readonly Candidate[] = [
  { name: FLOOR, command: ['true'] },
  { name: 'a shell that does nothing (sh)', command: ['sh', '-c', ':'] },
  { name: 'curl that does nothing', command: ['curl', '--version'] },
  { name: CACHED, command: ['sh', GUARD], input: PROMPT },
  ...SHELLS.filter(([shell, mode]) => shell !== 'sh' && shell !== 'dash' && mode !== '--posix').map(inShell),
  { name: 'script, answer kept, 200 kB of tool output', command: ['sh', GUARD], input: inputOf('PostToolUse', { tool_response: { stdout: LONG } }) },
  { name: 'script, asking', command: ['sh', GUARD], input: PROMPT, asks: true },
  { name: LINE, command: ['sh', STATUSLINE], input: lineInput() },
  { name: 'Node that does nothing', command: [process.execPath, '-e', '0'] },
  { name: '`ledgerline guard`, answer kept', command: [process.execPath, join(PROJECT, 'bin/ledgerline.mjs'), 'guard'], input: PROMPT },
];

const collector = await standIn();
collector.reply = (path) =>
  path.endsWith('/me/statusline') ? { body: answerOf() } : { ...ALLOW, headers: { 'cache-control': 'private, max-age=300' } };
const cache = new Cache();
const env = { PATH, LEDGERLINE_URL: collector.url, LEDGERLINE_TOKEN: 'll_token', LEDGERLINE_CACHE_DIR: cache.folder };

const starts = CANDIDATES.map(({ asks = false, ...start }) => ({
  ...{ ...start, env },
  before: () => (asks ? rmSync(cache.answers, { recursive: true, force: true }) : undefined),
}));
const times = await timeStarts(starts, ROUNDS);
const report = new Report();
startTable(report, `Start of the guard, ms of ${ROUNDS} rounds`, times, FLOOR);
for (const name of [CACHED, LINE]) {
  const own = medianOf(times, name);
  report.aim({ name, aim: `median under ${AIM_MS} ms`, measured: `${ms(own)} ms`, isMet: own < AIM_MS });
}
console.log(report.aims);
cache.remove();
removeScript();
await collector.stop();
