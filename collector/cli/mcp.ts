/** ledgerline mcp: the ledger for Claude Code and other clients of the Model Context Protocol, over stdin and stdout. */
import { Command } from 'commander';
import { describeError } from '../core/error.ts';
import { type SourceOptions, withSource } from './options.ts';
import { openSource, type Source } from './source.ts';
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
      const source = openedLater(() => openSource(options, terminal));
      if (process.stdin.isTTY === true)
        terminal.err('Waiting for an MCP client on stdin. Claude Code starts this command itself: see `ledgerline mcp --help`.');
      await serveMcp(process.stdin, process.stdout, {
        ask: async (question, { parameters, path }) => (await source.get()).ask(question, parameters, path),
        mayAsk: () => true,
        failed: (error) => terminal.err(describeError(error)),
      });
      await source.close();
    });
}

/** A client may start before there is a ledger, so the ledger is opened at the first question: until then it says what is missing. */
function openedLater(open: () => Promise<Source>) {
  let opened: Promise<Source> | undefined;
  return {
    get(): Promise<Source> {
      opened ??= open();
      // What could not be opened is tried again by the next question.
      opened.catch(() => {
        opened = undefined;
      });
      return opened;
    },
    close: async () => (await opened)?.close(),
  };
}
