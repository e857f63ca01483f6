/** ledgerline budget request, withdraw, requests, approve and deny: more for a while, asked for and answered. */
import { Command, Option } from 'commander';
import { displayUsd, parseUsd } from '../core/money.ts';
import type { RequestAnswer } from '../query/request-answers.ts';
import { usingBudgets } from './budget-source.ts';
import { type SourceOptions, withSource } from './options.ts';
import { printView, terminalFor } from './reading-command.ts';
import { type OutputOptions, withOutput } from './reading-options.ts';
import { minute, requestsView } from './request-view.ts';
import { printable, withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

export const REQUESTING = [request, withdraw, requests, approve, deny];

interface RequestOptions extends SourceOptions {
  readonly by: string;
  readonly until?: string;
  readonly why: string;
  readonly user?: string;
}

const REQUEST_EXAMPLES = `
Asks the collector at --url or LEDGERLINE_URL as the user of the token (--token-file, LEDGERLINE_TOKEN_FILE or LEDGERLINE_TOKEN), which may be
one that only sends. Without an address the request is written into the data folder. It expires after three days (budget_requests.expire_days).

Examples:
  ledgerline budget request --by 50 --why "release week"
  ledgerline budget request platform --by 200 --until 2026-11-30 --why "migration"`;

function request(terminal: Terminal): Command {
  return withSource(new Command('request').description('ask for more of a budget for a time; an approver answers'))
    .argument('[budget]', 'name, or name/member (default: the one that binds you, or that is stopped)')
    .requiredOption('--by <amount>', 'amount to add: USD, or tokens for a token budget')
    .requiredOption('--why <reason>', 'reason, which the approver reads')
    .option('--until <day>', 'last day (default: that of the period)')
    .option('--user <user>', 'who asks, where no token says it')
    .addHelpText('after', REQUEST_EXAMPLES)
    .action((budget: string | undefined, { by, until, why, user, ...options }: RequestOptions) =>
      usingBudgets(asClient(options, terminal), terminal, async (source) => {
        const made = await source.request({ budget, by: by.replace(/^\$/, ''), until, why, user });
        terminal.out(`Request ${made.id}: ${amountOf(made)} more of "${printable(made.key)}" until ${minute(made.until)}.`);
        terminal.out(`It waits for an approver until ${minute(made.expires)}. \`ledgerline budget withdraw ${made.id}\` takes it back.`);
      }),
    );
}

/** As the hook of the guard finds its collector, unless a folder is named. */
const asClient = (options: SourceOptions, { env }: Terminal): SourceOptions => {
  const url = options.url ?? (options.data === undefined && options.config === undefined ? env.LEDGERLINE_URL : undefined);
  return url === undefined ? options : { ...options, url };
};

const amountOf = ({ unit, amount }: RequestAnswer): string => shown(unit, amount);
const shown = (unit: RequestAnswer['unit'], amount: string | number): string =>
  unit === 'usd' ? displayUsd(parseUsd(String(amount)) ?? 0n) : `${withThousands(amount)} tokens`;

function withdraw(terminal: Terminal): Command {
  return withSource(new Command('withdraw').description('take back a request of your own').argument('<id>', 'number of the request')).action(
    (id: string, options: SourceOptions) =>
      usingBudgets(asClient(options, terminal), terminal, async (source) => {
        await source.withdraw(id);
        terminal.out(`Request ${id} is withdrawn.`);
      }),
  );
}

interface RequestsOptions extends SourceOptions, OutputOptions {
  readonly state: string;
}

function requests(terminal: Terminal): Command {
  return withSource(withOutput(new Command('requests').description('list who asks for more, how much and why')))
    .addOption(new Option('--state <state>', 'open, or all: also those that were answered, or expired').choices(['open', 'all']).default('open'))
    .action((options: RequestsOptions, command: Command) => {
      const shownTo = terminalFor(options, command, terminal);
      return usingBudgets(options, shownTo, async (source) => {
        const answer = await source.requests(options.state);
        printView(requestsView(answer, options.state), answer, options, shownTo);
      });
    });
}

const APPROVE_EXAMPLES = `
The budget is raised once; the audit has who asked and who approved.

Examples:
  ledgerline budget approve 12
  ledgerline budget approve 12 --by 25`;

function approve(terminal: Terminal): Command {
  return withSource(new Command('approve').description('raise a budget as a request asks').argument('<id>', 'number of the request'))
    .option('--by <amount>', 'another amount than what was asked for')
    .addHelpText('after', APPROVE_EXAMPLES)
    .action((id: string, { by, ...options }: SourceOptions & { readonly by?: string }) =>
      usingBudgets(options, terminal, async (source) => {
        const { key, unit, amount, user, until, decision } = await source.approve(id, by?.replace(/^\$/, ''));
        terminal.out(
          `"${printable(key)}" is raised by ${shown(unit, decision?.amount ?? amount)} until ${minute(until)}, as ${printable(user)} asked.`,
        );
      }),
    );
}

function deny(terminal: Terminal): Command {
  return withSource(new Command('deny').description('deny a request').argument('<id>', 'number of the request'))
    .requiredOption('--why <reason>', 'reason, which whoever asked reads')
    .action((id: string, { why, ...options }: SourceOptions & { readonly why: string }) =>
      usingBudgets(options, terminal, async (source) => {
        const { user } = await source.deny(id, why);
        terminal.out(`Request ${id} of ${printable(user)} is denied.`);
      }),
    );
}
