/**
 * A month's report, from the ledger and by ccusage from the transcripts, in turn in one run, after what was imported was found to be the same.
 *   npm run bench:transcripts [requests] [rounds]
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DAY_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import { scanTranscripts } from '../../collector/imports/transcripts/scan.ts';
import { sendRequests } from '../../collector/imports/transcripts/send.ts';
import { ccusage, ccusageProgram } from '../support/ccusage.ts';
import { spawnCollector } from '../support/collector-process.ts';
import { Random } from '../support/random.ts';
import { PROJECT } from '../support/sources.ts';
import { median, ms, Report, ratio } from './report.ts';

const REQUESTS = Number(process.argv[2] ?? 150_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const PER_SESSION = 200;
/** Lines of a response: each of its blocks is one, with the whole usage. */
const LINES = 2;
/** Of the content of a line. */
const TEXT = 'x'.repeat(1_500);

const run = promisify(execFile);
const program = ccusageProgram();
if (program === undefined) console.log('skipped: npm has no program of ccusage for this system.');
else await bench(program);

async function bench(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-bench-transcripts-'));
  const data = join(folder, 'data');
  const claude = join(folder, 'claude');
  mkdirSync(data);
  try {
    writeTranscripts(join(claude, 'projects'));
    const collector = await spawnCollector(data);
    const startedMs = performance.now();
    const { requests } = await scanTranscripts({ paths: [claude], nowMs: Date.now() + DAY_MS });
    const readMs = performance.now() - startedMs;
    const to = { url: `http://127.0.0.1:${collector.ports.otlpHttp}` };
    const answer = await sendRequests(requests, to, { repositoryOf: () => undefined }, async () => undefined);
    const importedMs = performance.now() - startedMs;
    const ours = () => run(process.execPath, [join(PROJECT, 'bin/ledgerline.mjs'), 'monthly', '--data', data, '--json']);
    const theirs = () => ccusage(path, 'monthly', claude);
    const asked = async (): Promise<void> => {
      const response = await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/usage?grain=month`);
      if (!response.ok) throw new Error(`the collector answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
    };
    const times = await inTurns([ours, theirs, asked]);
    await collector.stop();
    print(
      { answer: answer.requests, cost: answer.cost, theirs: (await theirs()).reduce((sum, { totalCost }) => sum + totalCost, 0), readMs, importedMs },
      times,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What else the machine does meets both; the first round only warms up. */
async function inTurns(candidates: readonly (() => Promise<unknown>)[]): Promise<readonly (readonly number[])[]> {
  const times = candidates.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, candidate] of candidates.entries()) {
      const startedMs = performance.now();
      await candidate();
      if (round > 0) times[index]?.push(performance.now() - startedMs);
    }
  }
  return times;
}

interface Found {
  readonly answer: number;
  readonly cost: string;
  readonly theirs: number;
  readonly readMs: number;
  readonly importedMs: number;
}

function print({ answer, cost, theirs, readMs, importedMs }: Found, [own = [], others = [], answers = []]: readonly (readonly number[])[]): void {
  const report = new Report();
  report.table(
    `A month's report of ${REQUESTS.toLocaleString('en')} requests, median of ${ROUNDS}`,
    ['', 'ms', 'least', 'USD'],
    [
      ['`ledgerline monthly`, from the ledger', ms(median(own)), ms(Math.min(...own)), Number(cost).toFixed(6)],
      ['`ccusage monthly`, from the transcripts', ms(median(others)), ms(Math.min(...others)), theirs.toFixed(6)],
      ['the same question, put to the collector', ms(median(answers)), ms(Math.min(...answers)), ''],
      ['once: reading the transcripts', ms(readMs), '', ''],
      [`once: reading and importing ${answer.toLocaleString('en')} requests`, ms(importedMs), '', ''],
    ],
  );
  const aims = [
    { name: 'the command', times: median(others) / median(own) },
    { name: 'the question', times: median(others) / median(answers) },
  ];
  for (const { name, times } of aims) report.aim({ name, aim: 'faster', measured: `${ratio(times)} times as fast`, isMet: times > 1 });
  console.log(report.aims);
  if (aims.some(({ times }) => times <= 1)) process.exitCode = 1;
}

/** Of models that both have a price for. */
function writeTranscripts(folder: string): void {
  const random = new Random(14);
  const firstMs = Date.now() - 20 * DAY_MS;
  for (let session = 0; session * PER_SESSION < REQUESTS; session++) {
    const id = `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`;
    const beganMs = firstMs + random.below(10 * DAY_MS);
    const lines: string[] = [];
    for (let index = 0; index < Math.min(PER_SESSION, REQUESTS - session * PER_SESSION); index++)
      lines.push(...linesOf(random, id, index, beganMs + index * MINUTE_MS));
    mkdirSync(join(folder, `-srv-${session % 20}`), { recursive: true });
    writeFileSync(join(folder, `-srv-${session % 20}`, `${id}.jsonl`), `${lines.join('\n')}\n`);
  }
}

function linesOf(random: Random, sessionId: string, index: number, timeMs: number): string[] {
  const written = random.below(8_000);
  const usage = {
    input_tokens: 1 + random.below(200),
    output_tokens: 1 + random.below(2_000),
    cache_read_input_tokens: random.below(120_000),
    cache_creation_input_tokens: written,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    service_tier: 'standard',
    speed: 'standard',
  };
  const model = random.pick(['claude-sonnet-4-5', 'claude-haiku-4-5']);
  return Array.from({ length: LINES }, (_, block) =>
    JSON.stringify({
      ...{
        parentUuid: null,
        isSidechain: false,
        type: 'assistant',
        uuid: `${sessionId}-${index}-${block}`,
        sessionId,
        version: '2.1.332',
        cwd: '/srv/api',
      },
      ...{ requestId: `req_${sessionId}_${index}`, timestamp: new Date(timeMs + block).toISOString() },
      message: { id: `msg_${sessionId}_${index}`, role: 'assistant', model, content: [{ type: 'text', text: TEXT }], usage },
    }),
  );
}
