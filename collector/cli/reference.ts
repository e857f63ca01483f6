/** docs/cli.md: every command as --help prints it, so that the page cannot say anything else. */
import type { Command } from 'commander';
import { createProgram } from './program.ts';

const INTRODUCTION = `# Commands

Generated from \`ledgerline --help\`. Change the texts in \`collector/cli/\` and run \`npm run generate\`.

\`npm run up\` installs what is missing and runs \`ledgerline serve\`; flags go after \`--\`, as in \`npm run up -- --demo\`. From a clone,
run any other command as \`node bin/ledgerline.mjs <command>\`.

\`report\`, \`session\` and \`doctor\` read the ledger's file in the data folder, even while a collector writes to it. For a collector on another
machine, use \`--url\` and, if it needs one, \`--token-file\`.
`;

export function commandReference(): string {
  const program = createProgram({ out: () => undefined, err: () => undefined, env: {}, now: () => 0, color: false });
  const sections = program.commands.flatMap((command) => [
    section(command),
    ...command.commands.map((inner) => section(inner, `${command.name()} `)),
  ]);
  return [INTRODUCTION, ...sections].join('\n');
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
