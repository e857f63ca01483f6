/** ledgerline limits push: hard limits as spend limits of a gateway. Shows what would change, asks, sets it, and looks whether it is so. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { GATEWAY_ADDRESS, type GatewayConfig, isGatewayAddress } from '../config/gateway.ts';
import { LedgerlineError } from '../core/error.ts';
import { applySteps, type StepOutcome, unverified } from '../gateway/apply.ts';
import { SpendLimitApi } from '../gateway/client.ts';
import { type Desired, desiredLimits } from '../gateway/desired.ts';
import { isDrift, isToDo, type Plan, planOf } from '../gateway/plan.ts';
import { type GatewayLock, Ownership } from '../gateway/records.ts';
import { lockGatewayRecords, openGatewayRecords, readBudgetJournal, readGatewayRecords } from '../storage/open.ts';
import { EXIT_CONDITION, EXIT_ERROR, EXIT_INTERRUPTED } from './exit-codes.ts';
import { historyJson, pushJson } from './limits-json.ts';
import { historyLines, outcomeLines, planLines, scopeWords, wrapped } from './limits-lines.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import type { Terminal } from './terminal.ts';

interface PushOptions extends LedgerOptions {
  readonly gateway?: string;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly history?: boolean;
  readonly prune?: boolean;
  readonly adopt?: boolean;
  readonly yes?: boolean;
  readonly output?: 'table' | 'json';
}

const HELP = `
Reads gateway: in ledgerline.yaml and the budgets of the ledger. A budget of a team becomes a pool of its group, a budget of or per
user becomes limits of users; what cannot be expressed at a gateway is listed with the reason. Limits that somebody else set are left
alone without --adopt. Tried against a stand-in made from the documentation of the API, not against a real gateway. See docs/gateway.md.

  +  created    ~  changed    -  removed    =  already so    !  set otherwise by somebody else    ?  no longer wanted    *  adopted

Exit codes: 0 done, or nothing to do; 1 with --check, the gateway differs; 2 an error, or not everything was set; 130 stopped with Ctrl+C.

Examples:
  ledgerline limits push --dry-run
  ledgerline limits push                        shows what would change, and asks
  ledgerline limits push --yes --prune          in a job: also removes limits that are no longer wanted
  ledgerline limits push --check                ends with 1 if the gateway differs
  ledgerline limits push --history              who set what, and when`;

export const limitsPushCommand = (terminal: Terminal): Command =>
  withLedger(new Command('push').description('set hard limits as spend limits of an Anthropic-compatible gateway'))
    .option('--gateway <url>', 'address of the gateway (default: gateway.url)')
    .option('--dry-run', 'only show what would change')
    .addOption(new Option('--check', 'only show what differs, and end with 1 if anything does').conflicts(['dryRun', 'yes']))
    .addOption(new Option('--history', 'show what was set from this ledger').conflicts(['dryRun', 'yes', 'check']))
    .option('--prune', 'remove limits that were set from here and are no longer wanted')
    .option('--adopt', 'take over limits that somebody else set for the same group or user')
    .option('--yes', 'do not ask')
    .addOption(new Option('-o, --output <format>', 'how the answer is printed').choices(['table', 'json']).default('table'))
    .addHelpText('after', HELP)
    .action(async (options: PushOptions) => {
      const config = settings(options, terminal);
      if (options.history === true) await showHistory(config, options, terminal);
      else if (options.dryRun === true || options.check === true) await show(gatewayOf(config, options), config, options, terminal);
      else await push(gatewayOf(config, options), config, options, terminal);
    });

/** With the address of --gateway, and without a slash at the end. */
function gatewayOf({ gateway }: Config, { gateway: given }: PushOptions): GatewayConfig {
  if (gateway === undefined) {
    throw new LedgerlineError('invalid', 'No gateway is configured.', {
      hint: 'Add gateway: with url, key_file and groups to ledgerline.yaml; see docs/gateway.md.',
    });
  }
  const url = given ?? gateway.url;
  if (!isGatewayAddress(url))
    throw new LedgerlineError('invalid', `--gateway ${GATEWAY_ADDRESS}.`, { hint: 'Example: https://gateway.example.com.' });
  return { ...gateway, url: withoutSlash(url) };
}

function withoutSlash(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

interface Comparison {
  readonly desired: Desired;
  readonly plan: Plan;
}

/** What the budgets want, beside what the gateway has. */
async function compare(gateway: GatewayConfig, config: Config, options: PushOptions, api: SpendLimitApi, nowMs: number): Promise<Comparison> {
  const desired = await wantedOf(gateway, config, nowMs);
  const listed = await api.list();
  const records = await readGatewayRecords(config);
  try {
    const own = new Ownership(await records.records(gateway.url));
    return { desired, plan: planOf(desired.limits, listed, own, { prune: options.prune === true, adopt: options.adopt === true }) };
  } finally {
    await records.close();
  }
}

async function wantedOf(gateway: GatewayConfig, config: Config, nowMs: number): Promise<Desired> {
  const journal = await readBudgetJournal(config);
  try {
    return desiredLimits(await journal.budgets(config.budgets), { gateway, calendar: ledgerCalendar(config), nowMs });
  } finally {
    await journal.close();
  }
}

async function show(gateway: GatewayConfig, config: Config, options: PushOptions, terminal: Terminal): Promise<void> {
  const { desired, plan } = await compare(gateway, config, options, apiOf(gateway, terminal), terminal.now());
  report({ gateway, desired, plan }, options, terminal);
  if (options.dryRun === true && options.output !== 'json') terminal.out('Nothing was changed: this was a dry run.');
  if (options.check === true && plan.steps.some(isDrift)) process.exitCode = EXIT_CONDITION;
}

interface Report extends Comparison {
  readonly gateway: GatewayConfig;
  readonly outcomes?: readonly StepOutcome[];
  readonly isVerified?: boolean;
}

function report({ gateway, desired, plan, outcomes, isVerified }: Report, { output }: PushOptions, terminal: Terminal): void {
  if (output === 'json') {
    terminal.out(JSON.stringify(pushJson({ gateway: gateway.url, plan, remarks: desired.remarks, outcomes, isVerified }), null, 2));
    return;
  }
  for (const line of planLines(plan, desired.remarks, terminal)) terminal.out(line);
}

async function push(gateway: GatewayConfig, config: Config, options: PushOptions, terminal: Terminal): Promise<void> {
  const stop = new AbortController();
  // The request that is under way is waited for, so that what came of it is known; a second Ctrl+C ends at once.
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  const lock = await lockGatewayRecords(config);
  try {
    await pushLocked({ gateway, config, options, lock, stop: stop.signal }, terminal);
  } finally {
    await lock.release();
    process.removeListener('SIGINT', onSignal);
  }
}

interface Pushing {
  readonly gateway: GatewayConfig;
  readonly config: Config;
  readonly options: PushOptions;
  readonly lock: GatewayLock;
  readonly stop: AbortSignal;
}

async function pushLocked(pushing: Pushing, terminal: Terminal): Promise<void> {
  const { gateway, config, options, stop } = pushing;
  const api = apiOf(gateway, terminal, stop);
  const { desired, plan } = await compare(gateway, config, options, api, terminal.now());
  const isJson = options.output === 'json';
  const isNothing = !plan.steps.some(isToDo);
  if (!isJson || isNothing) report({ gateway, desired, plan }, options, terminal);
  if (isNothing) return isJson ? undefined : terminal.out('Nothing to do.');
  if (options.yes !== true) await confirm(plan, terminal);
  const outcomes = await apply(plan, api, pushing, terminal);
  const isVerified = await verify(outcomes, api, terminal);
  if (isJson) report({ gateway, desired, plan, outcomes, ...(isVerified !== undefined && { isVerified }) }, options, terminal);
  else for (const line of [...outcomeLines(outcomes, terminal), ...wrapped(account(outcomes, isVerified), terminal)]) terminal.out(line);
  finish(outcomes, isVerified, stop, terminal);
}

/** An error of the gateway carries the next step; Ctrl+C and a partial run have exit codes of their own. */
function finish(outcomes: readonly StepOutcome[], isVerified: boolean | undefined, stop: AbortSignal, terminal: Terminal): void {
  const hints = new Set(outcomes.flatMap(({ error }) => (error === undefined || error.hint === '' ? [] : [error.hint])));
  for (const hint of hints) for (const line of wrapped(hint, terminal)) terminal.err(line);
  if (stop.aborted) process.exitCode = EXIT_INTERRUPTED;
  else if (isVerified === false || outcomes.some(({ outcome }) => outcome !== 'done')) process.exitCode = EXIT_ERROR;
}

async function confirm({ steps }: Plan, { ask }: Terminal): Promise<void> {
  const count = steps.filter(isToDo).length;
  if (ask !== undefined && (await ask(`Set ${count === 1 ? 'this limit' : `these ${count} limits`} at the gateway? Type yes: `)).trim() === 'yes')
    return;
  throw new LedgerlineError('invalid', 'Nothing was changed.', { hint: 'Answer yes, or use --yes; --dry-run shows what would change.' });
}

async function apply(plan: Plan, api: SpendLimitApi, { gateway, config, lock, stop }: Pushing, terminal: Terminal) {
  const records = await openGatewayRecords(config);
  try {
    const who = `cli:${userInfo().username}`;
    return await applySteps(plan.steps, { api, records, lock, gateway: gateway.url, who, now: terminal.now, isStopped: () => stop.aborted });
  } finally {
    await records.close();
  }
}

/** Undefined where the gateway could not be asked again, or nothing was set. */
async function verify(outcomes: readonly StepOutcome[], api: SpendLimitApi, terminal: Terminal): Promise<boolean | undefined> {
  if (!outcomes.some(({ outcome }) => outcome === 'done')) return undefined;
  try {
    const wrong = unverified(outcomes, await api.list());
    for (const { wanted, current } of wrong) {
      const limit = wanted ?? current;
      const words = limit === undefined ? '' : `The gateway took the limit of ${scopeWords(limit)}, and does not have it so now.`;
      for (const line of wrapped(words, terminal)) terminal.err(line);
    }
    return wrong.length === 0;
  } catch (thrown) {
    terminal.err(LedgerlineError.from(thrown).message);
    return undefined;
  }
}

function account(outcomes: readonly StepOutcome[], isVerified: boolean | undefined): string {
  const done = outcomes.filter(({ outcome }) => outcome === 'done').length;
  const checked =
    isVerified === undefined ? 'not verified' : isVerified ? 'verified by reading again' : 'and the gateway differs when it is read again';
  const rest = outcomes.length - done;
  return `${done} of ${outcomes.length} done${done === 0 ? '' : `, ${checked}`}.${rest === 0 ? '' : ' Run the command again to go on with the rest.'}`;
}

function apiOf({ url, key_file }: GatewayConfig, { now }: Terminal, stop?: AbortSignal): SpendLimitApi {
  const pause = async (ms: number): Promise<void> => {
    try {
      await setTimeout(ms, undefined, stop === undefined ? {} : { signal: stop });
    } catch {
      throw new LedgerlineError('unavailable', 'Stopped while the gateway was busy.');
    }
  };
  return new SpendLimitApi({ url, key: readKey(key_file), fetch, pause, now });
}

/** A header takes nothing but printable ASCII. */
const KEY = /^[\x21-\x7e]+$/;

function readKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new LedgerlineError('invalid', `gateway.key_file: cannot read ${file}.`, {
      cause,
      hint: 'Check the path and the permissions of the file.',
    });
  }
  if (KEY.test(text)) return text;
  throw new LedgerlineError('invalid', `gateway.key_file: ${file} holds no key.`, { hint: 'Write the key alone on one line.' });
}

async function showHistory(config: Config, { output, gateway }: PushOptions, terminal: Terminal): Promise<void> {
  const store = await readGatewayRecords(config);
  try {
    const records = await store.records(gateway !== undefined && isGatewayAddress(gateway) ? withoutSlash(gateway) : gateway);
    if (output === 'json') terminal.out(JSON.stringify(historyJson(records), null, 2));
    else
      for (const line of historyLines(records, config.storage.url === undefined ? 'this data folder' : 'the ledger in this database', terminal))
        terminal.out(line);
  } finally {
    await store.close();
  }
}
