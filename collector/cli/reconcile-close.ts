/** ledgerline reconcile close, keys and verify: a month whose figures do not move any more, as signed files. */
import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { ROUTES } from '../catalog/names.ts';
import type { Config } from '../config/config.ts';
import { closedFolderOf, KEPT_FILES } from '../config/data-folder.ts';
import { HOUR_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import type { KeptFiles } from '../core/kept-files.ts';
import { fingerprintOf, newSigningKey, publicKeyOf, signingKeyOf } from '../exports/closed-month/signature.ts';
import { verifyClosedMonth } from '../exports/closed-month/verify.ts';
import { documentFileOf, previousOf, writeClosedMonth } from '../exports/closed-month/write.ts';
import type { ClosedMonth } from '../ledger/closed-months.ts';
import { closeChecks } from '../query/reconcile/close-checks.ts';
import { RECONCILE, type ReconciliationAnswer } from '../query/reconcile.ts';
import { openKeptFiles, openLedgerReader, openLedgerWriter } from '../storage/open.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { type LedgerOptions, settings, tokenFileOf, withLedger } from './options.ts';
import { openSource, remoteCollector, writingCollector } from './source.ts';
import { storedPrices } from './stored-prices.ts';
import { printable, withThousands } from './table.ts';
import { paint, type Terminal } from './terminal.ts';
import { wrapTo } from './width.ts';

interface CloseOptions extends LedgerOptions {
  readonly month?: string;
  readonly yes?: boolean;
  readonly tokenFile?: string;
}

/** The writer is done with what it has begun first. */
const CLOSING_MS = HOUR_MS;

const CLOSE_HELP = `
Shows first what speaks against it, and asks. From then on the figures of the month stay as they are: what comes for it later is an adjustment
in the open month, which "ledgerline reconcile" lists. There is no way back. Writes closed/MONTH.csv, every day, team, user, workspace, model
and cost center, and closed/MONTH.json, its sums and the bill, signed, into the data folder. Run again, it writes them where they are missing.
Run it on the machine of the data folder; the collector may be running.

Examples:
  ledgerline reconcile close --month 2026-10
  ledgerline reconcile close --month 2026-10 --yes --token-file admin.token`;

export const closeCommand = (terminal: Terminal): Command =>
  withLedger(new Command('close').description('close a month: its figures stay, and are written as signed files'))
    .option('--month <month>', 'the month, such as 2026-10')
    .option('--yes', 'do not ask')
    .option(
      '--token-file <file>',
      'file with a token of the role admin, where a collector is running that has tokens (default: LEDGERLINE_TOKEN_FILE)',
    )
    .addHelpText('after', CLOSE_HELP)
    // Options of the command around it are read there, wherever they stand.
    .action((_options: CloseOptions, command: Command) => close(command.optsWithGlobals<CloseOptions>(), terminal));

async function close(options: CloseOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const { month } = options;
  if (month === undefined) throw new LedgerlineError('invalid', '--month is missing.', { hint: 'Say which month, such as --month 2026-10.' });
  const bill = (): Promise<ReconciliationAnswer> => reconciled(month, config, options, terminal);
  const before = await closedMonths(config);
  if (!before.some((one) => one.month === month)) {
    const last = before.at(-1);
    // There is no way back once it is closed.
    if (last !== undefined) previousOf(closedFolderOf(config), last);
    showChecks(await bill(), terminal);
    if (options.yes !== true) await confirm(month, terminal);
    const closed = await closeMonth(month, config, options, terminal);
    terminal.out(`${closed} is closed: its figures do not move any more.`);
  } else terminal.out(`${month} is closed already.`);
  // Asked for again: what came while the question was open is in the rows, and belongs on the bill beside them.
  await write(month, config, bill, terminal);
}

async function reconciled(month: string, config: Config, options: CloseOptions, terminal: Terminal): Promise<ReconciliationAnswer> {
  const source = await openSource({ ...options, data: config.data }, terminal);
  try {
    return await source.ask(RECONCILE, new URLSearchParams({ month }));
  } finally {
    await source.close();
  }
}

async function closedMonths(config: Config): Promise<readonly ClosedMonth[]> {
  const reader = await openLedgerReader(config);
  try {
    return await reader.closedMonths();
  } finally {
    await reader.close();
  }
}

function showChecks(answer: ReconciliationAnswer, terminal: Terminal): void {
  for (const { isGood, message, remedy } of closeChecks(answer, Date.parse(answer.range.to), terminal.now())) {
    const mark = paint(terminal, isGood ? 'green' : 'yellow', isGood ? 'ok  ' : 'look');
    const [first = '', ...more] = wrapTo(terminal.columns && terminal.columns - 5, printable(`${message} ${remedy}`.trim()));
    terminal.out([`${mark} ${first}`, ...more.map((line) => `     ${line}`)].join('\n'));
  }
}

async function confirm(month: string, { ask }: Terminal): Promise<void> {
  if (ask !== undefined && (await ask(`Close ${printable(month)} for good? Type yes: `)).trim() === 'yes') return;
  throw new LedgerlineError('invalid', 'Nothing was closed.', { hint: 'Answer yes, or use --yes.' });
}

/** By the collector, where one is running on the ledger: it alone writes. */
async function closeMonth(month: string, config: Config, options: CloseOptions, terminal: Terminal): Promise<string> {
  const url = await writingCollector(config, 'Try again once it is ready.');
  if (url !== undefined) {
    const ask = remoteCollector(url, tokenFileOf(options, terminal));
    return (await ask<{ readonly month: string }>(ROUTES.closedMonths, { method: 'POST', body: { month }, answerMs: CLOSING_MS })).month;
  }
  const ledger = await openLedgerWriter(config);
  try {
    return (await ledger.closeMonth(month, terminal.now())).month;
  } finally {
    await ledger.close();
  }
}

/** What was handed out stays as it is: files that are there are not written again. */
async function write(month: string, config: Config, bill: () => Promise<ReconciliationAnswer>, { out }: Terminal): Promise<void> {
  const folder = closedFolderOf(config);
  if (existsSync(documentFileOf(folder, month))) {
    out(`Its files are there: ${documentFileOf(folder, month)}`);
    return;
  }
  const key = await signingKey(config);
  const prices = await storedPrices(config);
  const reconciliation = await bill();
  const reader = await openLedgerReader(config);
  try {
    const written = await reader.snapshot(async (ledger) => {
      const months = await ledger.closedMonths();
      const closed = months.find((one) => one.month === month);
      if (closed === undefined) throw new LedgerlineError('internal', `${month} is not closed.`);
      const before = months[months.indexOf(closed) - 1];
      return writeClosedMonth(ledger, { closed, before, reconciliation, prices, timeZone: config.timezone, folder, key });
    });
    out(`Wrote ${written.document} and ${written.rows}, ${withThousands(written.count)} rows.`);
    out(`Signed with the key ${fingerprintOf(publicKeyOf(key))}; "ledgerline reconcile keys" prints it.`);
  } finally {
    await reader.close();
  }
}

export const keysCommand = (terminal: Terminal): Command =>
  withLedger(new Command('keys').description('print the public key that closed months are signed with')).action(
    async (_options: LedgerOptions, command: Command) => {
      const publicKey = publicKeyOf(await signingKey(settings(command.optsWithGlobals<LedgerOptions>(), terminal)));
      terminal.out(publicKey);
      terminal.err(`Ed25519, SHA-256 ${fingerprintOf(publicKey)}`);
    },
  );

interface VerifyOptions extends LedgerOptions {
  readonly key?: string;
}

const VERIFY_HELP = `
Checks the signature, that the rows beside it are those that were signed, and that the month before it is the one that it follows. The key is that of the
data folder, where there is one; --key for who has the files alone. Exit code 1 where anything differs.

Examples:
  ledgerline reconcile verify ledgerline-data/closed/2026-10.json
  ledgerline reconcile verify 2026-10.json --key MCowBQYDK2VwAyEA…`;

export const verifyCommand = (terminal: Terminal): Command =>
  withLedger(new Command('verify').description('check a closed month against its signature').argument('<file>', 'MONTH.json'))
    .option('--key <key>', 'public key as "reconcile keys" prints it, or a file that has it')
    .addHelpText('after', VERIFY_HELP)
    .action(async (file: string, _options: VerifyOptions, command: Command) => {
      const trusted = await trustedKey(command.optsWithGlobals<VerifyOptions>(), terminal);
      const { month, fingerprint, checks } = verifyClosedMonth(file, trusted);
      for (const { what, isGood, detail } of checks)
        terminal.out(`${paint(terminal, isGood ? 'green' : 'red', isGood ? 'ok    ' : 'DIFFERS')} ${what}: ${printable(detail)}`);
      const isGood = checks.every((check) => check.isGood);
      terminal.out(`${printable(month)} ${isGood ? 'is as it was signed' : 'is not as it was signed'}, by the key ${fingerprint}.`);
      if (trusted === undefined) terminal.err('No key to hold it against: --key says which key it must be signed with.');
      if (!isGood) process.exitCode = EXIT_CONDITION;
    });

async function trustedKey(options: VerifyOptions, terminal: Terminal): Promise<string | undefined> {
  if (options.key !== undefined) return existsSync(options.key) ? readFileSync(options.key, 'utf8').trim() : options.key.trim();
  return withFiles(settings(options, terminal), async (files) => {
    const bytes = await files.read(KEPT_FILES.signingKey);
    return bytes && publicKeyOf(signingKeyOf(bytes, files.placeOf(KEPT_FILES.signingKey)));
  });
}

/** Made where there is none. */
const signingKey = (config: Config): Promise<KeyObject> =>
  withFiles(config, async (files) => signingKeyOf(await files.once(KEPT_FILES.signingKey, newSigningKey), files.placeOf(KEPT_FILES.signingKey)));

async function withFiles<Answer>(config: Config, use: (files: KeptFiles) => Promise<Answer>): Promise<Answer> {
  const files = await openKeptFiles(config);
  try {
    return await use(files);
  } finally {
    await files.close();
  }
}
