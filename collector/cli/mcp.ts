/** ledgerline mcp: the ledger for Claude Code and other clients of the Model Context Protocol, over stdin and stdout. */
import { Command } from 'commander';
import { describeError, LedgerlineError } from '../core/error.ts';
import type { McpOptions } from '../mcp/mcp.ts';
import { type SourceOptions, withSource } from './options.ts';
import { openSource } from './source.ts';
import type { Source } from './source-contract.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
Claude Code starts it. From the folder of this clone, add it with:
  claude mcp add ledgerline -- node "$PWD/bin/ledgerline.mjs" mcp

or in .mcp.json of a project, or ~/.claude.json:
  {
    "mcpServers": {
      "ledgerline": { "command": "node", "args": ["/path/to/ledgerline/bin/ledgerline.mjs", "mcp"] }
    }
  }

A collector also serves MCP itself, at /mcp on its REST port; what its answers hold is what the token may see:
  claude mcp add --transport http ledgerline http://127.0.0.1:8484/mcp --header "Authorization: Bearer $(cat TOKEN_FILE)"

Then ask Claude Code: what did my team spend this week, and why?`;

export function mcpCommand(terminal: Terminal): Command {
  return withSource(new Command('mcp').description('serve the ledger to Claude Code and other MCP clients, over stdin and stdout'))
    .addHelpText('after', EXAMPLES)
    .action(async (options: SourceOptions) => {
      // The protocol's library is loaded only to speak it.
      const { serveMcp } = await import('../mcp/mcp.ts');
      const source = reopening(() => openSource(options, terminal));
      if (process.stdin.isTTY === true)
        terminal.err('Waiting for an MCP client on stdin. Claude Code starts this command itself: see `ledgerline mcp --help`.');
      await serveMcp(process.stdin, process.stdout, {
        ask: source.ask,
        mayAsk: () => true,
        failed: (error) => terminal.err(describeError(error)),
      });
      await source.close();
    });
}

/**
 * A client may start before there is a ledger, and its session lasts for days: what is asked is opened at the first question, and again after one
 * for which it was not there.
 */
function reopening(open: () => Promise<Source>) {
  let opened: Promise<Source> | undefined;
  const close = async (): Promise<void> => {
    const before = opened;
    opened = undefined;
    await before?.then((source) => source.close()).catch(() => undefined);
  };
  const ask: McpOptions['ask'] = async (question, { parameters, path }) => {
    opened ??= open();
    const source = await opened.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return source.ask(question, parameters, path).catch(async (error: unknown) => {
      if (LedgerlineError.from(error).code === 'unavailable') await close();
      throw error;
    });
  };
  return { ask, close };
}
