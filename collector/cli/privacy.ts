/** ledgerline privacy: what is kept about a person, and taking a person out of it. */
import { chmodSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { erasePerson, everyNameOf, withPseudonyms } from '../app/privacy.ts';
import { ROUTES } from '../catalog/names.ts';
import type { Config } from '../config/config.ts';
import { DAY_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { loadDirectory } from '../directory/load.ts';
import type { StatementRecords } from '../imports/statements.ts';
import type { Eraser, OperatorRecords } from '../ledger/erasure.ts';
import { type ErasureOutcome, exportPerson, isNobody } from '../query/personal-data.ts';
import {
  openDirectoryRecords,
  openLedgerReader,
  openLedgerWriter,
  openPersonalRecords,
  openStatementRecords,
  readDirectory,
} from '../storage/open.ts';
import { type LedgerOptions, type SourceOptions, settings, tokenFileOf, withLedger, withSource } from './options.ts';
import { remoteCollector, writingCollector } from './source.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface EraseOptions extends SourceOptions {
  readonly also?: readonly string[];
  /** commander's name for --no-remember. */
  readonly remember: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

interface ExportOptions extends LedgerOptions {
  readonly also?: readonly string[];
  readonly output?: string;
}

/** A ledger is written anew, which takes as long as copying it. */
const ERASURE_MS = DAY_MS;

const EXAMPLES = `
The collector may be running: then it does the work, and --token-file names a file with an admin token where there are tokens.
Money, tokens and requests stay, under a pseudonym such as erased-q1w2e3; no total moves. Backups made before still hold the names. See
docs/privacy.md.

Examples:
  ledgerline privacy export ada@example.com --output ada.json
  ledgerline privacy erase ada@example.com --dry-run
  ledgerline privacy erase ada@example.com --also 0f8fad5b-d9cb-469f-a165-70867728950e
  ledgerline privacy audit`;

const collect = (name: string, before: readonly string[] = []): readonly string[] => [...before, name];

export function privacyCommand(terminal: Terminal): Command {
  const command = new Command('privacy').description('what is kept about a user; erase a user').addHelpText('after', EXAMPLES);
  command.addCommand(
    withSource(new Command('erase').description('put a pseudonym in the place of a user').argument('<user>', 'address or other name of the user'))
      .option('--also <name>', 'another name of the same user; repeatable', collect)
      .option('--no-remember', 'keep no digest of the names: records that come later are booked under the name again')
      .option('--dry-run', 'show what would be changed')
      .option('--yes', 'do not ask')
      .action((user: string, options: EraseOptions) => erase(user, options, terminal)),
  );
  command.addCommand(
    withLedger(new Command('export').description('print everything that is kept about a user, as JSON').argument('<user>', 'address or other name'))
      .option('--also <name>', 'another name of the same user; repeatable', collect)
      .option('--output <file>', 'write it to a file that only this user may read')
      .action((user: string, options: ExportOptions) => exportTo(user, options, terminal)),
  );
  command.addCommand(
    withLedger(new Command('audit').description('who exported or erased whom')).action((options: LedgerOptions) =>
      using(settings(options, terminal), async (records) => {
        for (const { atMs, who, what, subject } of await records.audit())
          terminal.out(`${new Date(atMs).toISOString()}  ${what}  ${printable(subject)}  by ${printable(who)}`);
      }),
    ),
  );
  return command;
}

async function erase(user: string, options: EraseOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const users = namesOf(user, options.also);
  if (options.dryRun !== true && options.yes !== true) await confirm(users, terminal);
  const request = { users, isRemembered: options.remember, isTrial: options.dryRun === true, who: localUser() };
  const url = options.url ?? (await writingCollector(config));
  if (url === undefined) {
    // Says where a ledger was looked for when there is none.
    await (await openLedgerReader(config)).close();
    const ledger = await openLedgerWriter(config);
    try {
      report(await erasePerson(request, { ledger, config, nowMs: terminal.now() }), options, terminal);
    } finally {
      await ledger.close();
    }
    return;
  }
  const body = { users, remember: options.remember, dry_run: request.isTrial };
  const ask = remoteCollector(url, tokenFileOf(options, terminal));
  report(await ask<ErasureOutcome>(ROUTES.erasures, { method: 'POST', body, answerMs: ERASURE_MS }), options, terminal);
}

function namesOf(user: string, also: readonly string[] = []): readonly string[] {
  const nobody = [user, ...also].find(isNobody);
  if (nobody === undefined) return [user, ...also];
  throw new LedgerlineError('invalid', `"${nobody}" is no user.`, { hint: 'Name an address or account as `ledgerline report --by user` shows it.' });
}

async function confirm(users: readonly string[], { ask }: Terminal): Promise<void> {
  const question = `Take ${users.map(printable).join(', ')} out of this ledger for good? Type yes: `;
  if (ask !== undefined && (await ask(question)).trim() === 'yes') return;
  throw new LedgerlineError('invalid', 'Nothing was changed.', { hint: 'Answer yes, or use --yes; --dry-run shows what would be changed.' });
}

function report(outcome: ErasureOutcome, { dryRun = false }: EraseOptions, { out }: Terminal): void {
  const { pseudonym, names, combinations, values, sessions, links, budgets, alerts, messages, statements, directory, isInConfiguration } = outcome;
  out(`${dryRun ? 'Would erase' : 'Erased'} ${names.map(printable).join(', ')}${dryRun ? '' : `, from now on ${pseudonym}`}.`);
  out(`  ledger   ${combinations} combinations of dimensions, ${values} values, ${sessions} session ids, ${links} keys`);
  out(
    `  others   ${budgets} entries of the journal of budgets, ${alerts} alerts, ${messages} messages, ${statements} kinds of statement lines, ${directory} of the directory`,
  );
  if (isInConfiguration) out('The configuration names the user, too: edit it, and restart the collector.');
  out('Backups made before, files of the directory, logs and what Prometheus stored are not changed. See docs/privacy.md.');
}

async function exportTo(user: string, options: ExportOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const names = withPseudonyms(await everyNameOf(namesOf(user, options.also), config, terminal.now()), config);
  const reader = await openLedgerReader(config);
  try {
    await using(config, async (records) => {
      const store = await readDirectory(config);
      const { feeds } = loadDirectory(config, await store.stored());
      await store.close();
      const nowMs = terminal.now();
      const data = await exportPerson({
        names,
        reader,
        records: async (eraser) => ({
          ...(await records.find(eraser)),
          statements: await found(await openStatementRecords(config), eraser),
          scim: await found(await openDirectoryRecords(config), eraser),
        }),
        feeds,
        config,
        nowMs,
      });
      const text = JSON.stringify(data, null, 2);
      if (options.output === undefined) terminal.out(text);
      else writePrivately(options.output, `${text}\n`);
      await records.note({ atMs: nowMs, who: localUser(), what: 'exported', subject: user });
    });
  } finally {
    await reader.close();
  }
}

async function found(records: Pick<StatementRecords, 'find' | 'close'>, eraser: Eraser): Promise<readonly unknown[]> {
  try {
    return await records.find(eraser);
  } finally {
    await records.close();
  }
}

function writePrivately(file: string, text: string): void {
  try {
    writeFileSync(file, '', { mode: 0o600 });
    chmodSync(file, 0o600);
    writeFileSync(file, text);
  } catch (cause) {
    throw new LedgerlineError('invalid', `${file} cannot be written.`, { cause, hint: 'Name a file in a folder that exists and is yours.' });
  }
}

async function using(config: Config, run: (records: OperatorRecords) => Promise<void>): Promise<void> {
  const records = await openPersonalRecords(config);
  try {
    await run(records);
  } finally {
    await records.close();
  }
}

const localUser = (): string => `cli:${userInfo().username}`;
