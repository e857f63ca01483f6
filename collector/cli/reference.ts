/** docs/cli.md: every command as --help prints it, so that the page cannot say anything else. */
import type { Command } from 'commander';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { createProgram } from './program.ts';

const INTRODUCTION = `# Commands

Generated from \`ledgerline --help\`. Change the texts in \`collector/cli/\` and run \`npm run generate\`.

\`npm run up\` installs what is missing and runs \`ledgerline serve\`; flags go after \`--\`, as in \`npm run up -- --demo\`. From a clone,
run any other command as \`node bin/ledgerline.mjs <command>\`.

Commands that read ask the collector that runs on the data folder (its address is in \`collector.json\` there); where none answers, they read the ledger's file, which is possible while a
collector writes to it. \`--data\` forces the file, \`--url\` another collector, and \`-v\` says which of them it was. Where the collector wants a
token, name its file with \`--token-file\` or in \`LEDGERLINE_TOKEN_FILE\`.

So that commands start faster, Node keeps what it has compiled in \`~/.cache/ledgerline\` (or in \`ledgerline\` in \`XDG_CACHE_HOME\`), where nobody else can
write. \`NODE_COMPILE_CACHE\` names another folder, \`NODE_DISABLE_COMPILE_CACHE=1\` keeps nothing.
${EXIT_CODES_HELP}

A filter value that no record has ends with 2 where another is near it, because it is most likely a slip: the nearest is named on standard error.
`;

export async function commandReference(): Promise<string> {
  const program = await createProgram({ out: () => undefined, err: () => undefined, env: {}, now: () => 0, color: false });
  const sections = program.commands.flatMap((command) => [
    section(command),
    ...command.commands.map((inner) => section(inner, `${command.name()} `)),
  ]);
  return [INTRODUCTION, `\`\`\`text\n${helpText(program)}\n\`\`\`\n`, ...sections].join('\n');
}

function section(command: Command, within = ''): string {
  return `## ledgerline ${within}${command.name()}\n\n\`\`\`text\n${helpText(command)}\n\`\`\`\n`;
}

/** The whole help, with the examples that helpInformation leaves out. */
function helpText(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.trimEnd();
}
