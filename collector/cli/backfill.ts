/** ledgerline backfill: brings the ledger's past into a time-series store, so that boards installed today show last month. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { PORTS, PRODUCT } from '../catalog/names.ts';
import { HOUR_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { firstScrapeMs } from '../exposition/backfill/first-scrape.ts';
import { CREATE_BLOCKS, createBlocks, printOpenMetrics, writeOpenMetrics } from '../exposition/backfill/openmetrics.ts';
import type { Network } from '../exposition/backfill/post.ts';
import { remoteWrite } from '../exposition/backfill/remote-write.ts';
import { importText } from '../exposition/backfill/victoriametrics.ts';
import { history, type PastOptions, parseLabels } from './backfill-history.ts';
import { withLedger } from './options.ts';
import { readToken } from './source.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

interface PrometheusOptions extends PastOptions {
  readonly out?: string;
  readonly promtool?: string;
  readonly tsdb?: string;
  readonly url?: string;
  readonly tokenFile?: string;
}

interface StoreOptions extends PastOptions {
  readonly url: string;
  readonly tokenFile?: string;
}

/** What a running Prometheus has not yet made blocks of. After a restart it would drop samples of other jobs that are older than the newest block. */
const HEAD_MS = 3 * HOUR_MS;

const OVERVIEW = `
Writes the lifetime totals that /metrics exposes, as they were at each step, with the labels that a scrape adds. --job and
--instance must match the scrape configuration, so that past and present are the same series. Running the command again
writes the same samples at the same times and changes nothing.

Stores look back 5 minutes for a sample. Panels by day and hour need no more than --step 15m. For time ranges that begin at
any minute, use --step 5m, or start the store with --query.lookback-delta=16m (Prometheus) or -search.maxLookback=16m (VictoriaMetrics).`;

const PROMETHEUS_HELP = `${OVERVIEW}

Without --promtool, OpenMetrics text goes to --out or to the standard output, and promtool makes blocks of it:
  promtool ${CREATE_BLOCKS.join(' ')} history.txt /var/lib/prometheus
For more than a few days, use --promtool and --tsdb: promtool rereads its whole input for every block of two hours, so it gets
one block at a time. A running Prometheus finds new blocks within about a minute and merges them with each other and with what
it has scraped. It deletes blocks older than its --storage.tsdb.retention.time, so raise that first.

Without --to, the backfill ends at the first scrape, found through --url, and at least 3 hours ago: a running Prometheus keeps
newer samples in memory, and a block from that time would make it lose them at its next restart. To close the gap, run the same
command again 3 hours after the first scrape.

Examples:
  ledgerline backfill prometheus --promtool /usr/bin/promtool --tsdb /var/lib/prometheus --url http://127.0.0.1:9090
  ledgerline backfill prometheus --from 2026-10-01 --to 2026-11-01 --out october.txt`;

const VICTORIAMETRICS_HELP = `${OVERVIEW}

VictoriaMetrics keeps one month unless it is started with -retentionPeriod, and silently drops older samples.

Examples:
  ledgerline backfill victoriametrics --url http://127.0.0.1:8428`;

const REMOTE_WRITE_HELP = `${OVERVIEW}

Prometheus must be started with --web.enable-remote-write-receiver. It accepts samples only as old as
storage.tsdb.out_of_order_time_window in its configuration allows, such as 100d.

Examples:
  ledgerline backfill remote-write --url http://127.0.0.1:9090/api/v1/write
  ledgerline backfill remote-write --url https://mimir.example.com/api/v1/push --token-file token.txt`;

export function backfillCommand(terminal: Terminal, network: Network = { fetch, wait }): Command {
  const command = new Command('backfill')
    .description("write the ledger's history to a time-series store")
    .addHelpText('after', '\nThe ledger is only read; the collector may run.');
  withPast(command.command('prometheus').description('as blocks of Prometheus, through promtool'))
    .option('--out <file>', 'write OpenMetrics text to this file (default: the standard output)')
    .option('--promtool <path>', 'run this promtool, one block at a time')
    .option('--tsdb <folder>', 'with --promtool: data folder of the Prometheus')
    .option('--url <url>', 'address of the running Prometheus, to find its first scrape')
    .option('--token-file <file>', 'file with a bearer token for --url')
    .addHelpText('after', PROMETHEUS_HELP)
    .action((options: PrometheusOptions) => prometheus(options, terminal, network));
  withStore(command.command('victoriametrics').description('through the import API of VictoriaMetrics'), 'address, such as http://127.0.0.1:8428')
    .addHelpText('after', VICTORIAMETRICS_HELP)
    .action((options: StoreOptions) => toStore(importText, queryAddress, options, terminal, network));
  withStore(command.command('remote-write').description('through remote write, into Prometheus, Mimir, Thanos and others'), 'address of remote write')
    .addHelpText('after', REMOTE_WRITE_HELP)
    .action((options: StoreOptions) => toStore(remoteWrite, queryBesideWrite, options, terminal, network));
  return command;
}

const collected = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const withPast = (command: Command): Command =>
  withLedger(command)
    .option('--from <time>', "first day or instant (default: the day of the ledger's first record)")
    .option('--to <time>', 'last day or instant, excluded (default: the first scrape, where the store knows it; else now; for blocks, 3 hours ago)')
    .option('--step <duration>', 'time between two samples, from 1m to 1d', '15m')
    .option('--job <name>', 'label job', PRODUCT)
    .option('--instance <name>', 'label instance', `collector:${PORTS.metrics}`)
    .option('--label <name=value>', 'another label; repeatable', collected);

const withStore = (command: Command, address: string): Command =>
  withPast(command).requiredOption('--url <url>', address).option('--token-file <file>', 'file with a bearer token for --url');

async function prometheus(options: PrometheusOptions, terminal: Terminal, network: Network): Promise<void> {
  const { out, promtool, tsdb, url } = options;
  if ((promtool === undefined) !== (tsdb === undefined) || (promtool !== undefined && out !== undefined)) {
    throw new LedgerlineError('invalid', '--promtool and --tsdb go together, and exclude --out.', {
      hint: 'Give both to make blocks, or --out to write a file for promtool.',
    });
  }
  if (url !== undefined) requireAddress(url);
  const first = url === undefined ? undefined : await firstScrape(queryAddress(url), options, terminal, network);
  const past = await history(options, terminal, Math.min(first ?? Number.POSITIVE_INFINITY, terminal.now() - HEAD_MS));
  try {
    if (promtool !== undefined && tsdb !== undefined) past.done(await createBlocks(past.instants, promtool, tsdb, past.progress));
    else if (out === undefined) past.done(await printOpenMetrics(past.instants, (text) => terminal.out(text.trimEnd())));
    else {
      past.done(await writeOpenMetrics(past.instants, out, past.progress));
      terminal.out(`Next: promtool ${CREATE_BLOCKS.join(' ')} ${out} DATA_FOLDER_OF_PROMETHEUS`);
    }
  } finally {
    await past.close();
  }
}

/** Where a store answers queries, given its address. */
const queryAddress = (url: string): string => `${url.replace(/\/+$/, '')}/api/v1/query`;
/** The same beside the address of remote write; undefined where the address does not name it. */
const queryBesideWrite = (url: string): string | undefined => (/\/api\/v1\/write$/.test(url) ? url.replace(/write$/, 'query') : undefined);

/** Asked only where --to leaves it open. */
async function firstScrape(
  address: string | undefined,
  options: PastOptions & { readonly tokenFile?: string },
  terminal: Terminal,
  network: Network,
): Promise<number | undefined> {
  if (options.to !== undefined || address === undefined) return undefined;
  const token = options.tokenFile === undefined ? undefined : readToken(options.tokenFile);
  const firstMs = await firstScrapeMs({ url: address, token }, parseLabels(options), terminal.now(), network);
  if (firstMs !== undefined) terminal.err(`First scraped ${new Date(firstMs).toISOString()}: the backfill ends there.`);
  return firstMs;
}

async function toStore(
  send: typeof importText,
  queryOf: (url: string) => string | undefined,
  options: StoreOptions,
  terminal: Terminal,
  network: Network,
): Promise<void> {
  requireAddress(options.url);
  const token = options.tokenFile === undefined ? undefined : readToken(options.tokenFile);
  const past = await history(options, terminal, await firstScrape(queryOf(options.url), options, terminal, network));
  let doneMs: number | undefined;
  let sent = 0;
  try {
    const progress = (atMs: number, samples: number): void => {
      [doneMs, sent] = [atMs, samples];
      past.progress(atMs, samples);
    };
    past.done(await send(past.instants, { url: options.url, token }, network, progress));
  } catch (error) {
    if (doneMs !== undefined)
      terminal.err(`${withThousands(sent)} samples were accepted. To continue from there: --from ${new Date(doneMs).toISOString()}`);
    throw error;
  } finally {
    await past.close();
  }
}

function requireAddress(text: string): void {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new LedgerlineError('invalid', `--url ${text.slice(0, 80)} is not an address.`, { hint: 'Write it with http:// or https://.' });
  }
  if (url.username === '' && url.password === '') return;
  throw new LedgerlineError('invalid', '--url carries a user or a password, which other processes of this machine could read.', {
    hint: 'Leave them out, and name a file with a bearer token in --token-file.',
  });
}
