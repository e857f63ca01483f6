/** docs/benchmarks.md: what was measured, on what, how, and how far to trust it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fsyncMs } from './disk.ts';
import { OTHER_MEASUREMENTS } from './other-measurements.ts';
import { ms, type Report, whole } from './report.ts';
import { soakOf } from './soak/page.ts';

const PROJECT = join(import.meta.dirname, '../..');
const PAGE = join(PROJECT, 'docs/benchmarks.md');

/** One line for each fact that the figures depend on. */
export function machine(folder: string): string[] {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
  return [
    `- ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${whole(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    `- Ledgerline ${version}${commit()}, Node ${process.versions.node}, SQLite ${process.versions.sqlite}`,
    `- ${new Date().toISOString().slice(0, 10)}, load of the machine in the minute before: ${loadavg()[0]?.toFixed(1)}`,
    `- 4 kB written and synced to disk: ${ms(fsyncMs(folder))} ms (median of 200)`,
  ];
}

function commit(): string {
  try {
    return ` (${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()})`;
  } catch {
    // An archive without git says its version only.
    return '';
  }
}

/** `remark`: what is to be known about this very run. */
export function writePage(report: Report, about: readonly string[], seconds: number, remark?: string): void {
  const page = `${HEAD}

## Aims

${report.aims}

${report.markdown}

## The machine

${about.join('\n')}
- The load generator ran on the same cores, and so did whatever else the machine did. The run took ${whole(seconds / 60)} minutes.${remark === undefined ? '' : `\n- ${remark}`}

${METHOD}

${soakOf(readFileSync(PAGE, 'utf8'))}${OTHER_MEASUREMENTS}
`;
  writeFileSync(PAGE, page);
}

const HEAD = `# Benchmarks

Written by \`npm run bench -- --write\`, not by hand. Ratios carry over to other machines better than figures do.`;

const METHOD = `## How it is measured

- **Durable** is the whole collector, in a process of its own: an export is answered after its transaction is on disk. **Discard** is a second process with the
  same receivers, which decode the same bodies and then answer without doing anything with them. It has no telemetry of its own, no read worker and no ledger.
- The bodies are what the demo's organization of 2,000 users sends: real OTLP with all attributes, one export of one client each, sorted by time so that clients
  interleave. No body is sent twice to the ledger; every run has sessions of its own. Both servers were warmed up with 12,000 other exports of these
  users, and the first part of each run is not counted.
- **Live** is the load of production, and that of every line that says nothing else: the times of the exports run over half a minute up to the moment their file is
  written, seconds before it is sent. Days of sessions are moved by whole hours into one and the same hour, which is then squeezed; order stays. So all belongs to the
  present quarter of an hour, and each of its rows is hit by several exports, as in an organization some ten times as large.
- **Backfill** is the load of a past that is filled in: days from yesterday backwards, each as long as it was. A transaction spans many quarters of an hour, rows are
  rarely hit twice, and all roll-ups are written at once, since each quarter is over.
- The load generator is a third process: 64 lanes, each sends an export and waits for the answer (HTTP/1.1 keep-alive; for gRPC 8 connections with 8 streams). A
  client's exports are sent one after another, as a client does. Its bodies are in memory before it starts.
- Each line is measured three times, the servers in turns and changing who is first. Figures are medians; a ratio is the median of the rounds' ratios, which are
  listed too: where they lie far apart, the row says little.
- A **peer** is another OTLP endpoint of the same machine that was given with \`--peer\` and \`--peer-grpc\`; it is sent the same bodies in turns with ours. Without one its
  columns are not there. With \`--peer-pid\` its CPU, memory and bytes are those of its process and its children, as \`/proc\` has them.
- Latency runs from writing the request to having read the answer, with 64 requests under way: a queue's length, not the time one export alone takes.
  At a fixed rate it runs from when the request was due, so that a stall is seen by everyone who had to wait for it.
- CPU is all of the server's threads: what is durable does once what discard does, and the ledger's work on top, so the ratio of the two hardly depends on what else the
  machine does. RSS is read after each run. Bytes are those the kernel wrote to disk for the server, with journals and what was written twice.
- Connected clients are connections over HTTP that have sent an export without records and stay open, from two processes; meanwhile others send 100 exports/s.
- Questions are asked of a ledger that was filled through the store, without the wire: 50 teams, 100 workspaces, 6 models, 90 days. Median of 21; the
  first, with nothing compiled and nothing cached by the reader, is among them.
- Bytes are counted after the ledger was closed, by SQLite's own \`dbstat\`.

## How far to trust it

- The load generator shares the cores with the server. Where there are two cores, the generator, the receiver's thread and the writer's thread compete for them, so
  the rates are lower than on a machine with cores to spare, and durable's more so: discarding needs one thread of the server, keeping needs two.
- The demo's clients export events once a turn, real ones every five seconds: a session here has three exports of logs with eleven records each, a real one more and
  smaller ones. So the ledger meets more new sessions for each export than it would in production.
- In a live file a session takes seconds, and waits of minutes in it are gone. What the ledger does only after a minute without news of a session is not measured.
- Durable ingest lives on the disk as well, and a neighbor who writes to it hurts durable more than discard: with 64 exports under way a slow sync
  lowers its rate.
- Virtual machines are noisy: ratios that differ by less than a tenth are the same.

## Repeat it

\`\`\`sh
npm run bench                       # everything, a quarter of an hour
npm run bench -- --only ingest      # or clients, scrape, queries
npm run bench -- --case 'logs, HTTP/protobuf' --repeats 1   # one line, to measure a change
npm run bench -- --quick            # does it run? figures not to be quoted
npm run bench -- --peer http://127.0.0.1:14318 --peer-grpc http://127.0.0.1:14317 --peer-pid 4711   # beside another collector
npm run bench:soak -- --minutes 60  # does anything grow?
npm run bench -- --profile profiles # CPU profiles of each thread, for Chromium's developer tools
\`\`\``;
