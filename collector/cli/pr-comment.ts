/** ledgerline export pr-comment: the cost of a branch, a pull request or a run, as a comment for it. */
import { Command } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import { type SourceOptions, withSource } from './options.ts';
import { writeOut } from './output.ts';
import { withProgress } from './progress.ts';
import { openSource } from './source.ts';
import type { Terminal } from './terminal.ts';

interface PrCommentOptions extends SourceOptions {
  readonly repository: string;
  readonly branch?: string;
  readonly run?: string;
  readonly pullRequest?: string;
  readonly base: string;
  readonly budget?: string;
  /** Of the command above; '-' is standard output. */
  readonly output: string;
}

const EXAMPLES = `
Examples:
  ledgerline export pr-comment --repository acme/api --pull-request 12 --output comment.md
  ledgerline export pr-comment --repository acme/api --run 4711 --budget nightly --url https://ledgerline.example.com

The token may be the one that the job sends with. Workflows for GitHub and GitLab are in docs/ci.md.`;

export function prCommentCommand(terminal: Terminal): Command {
  const command = new Command('pr-comment')
    .description('write a comment in Markdown with the cost of a branch, a pull request or a run of CI')
    .requiredOption('--repository <repository>', 'the repository, such as acme/api')
    .option('--branch <branch>', 'about a branch')
    .option('--pull-request <number>', 'about a pull or merge request')
    .option('--run <id>', 'about one run')
    .option('--base <branch>', 'branch on which runs are compared with', 'main')
    .option('--budget <key>', 'budget to show (default: the one of these jobs that is used up most)');
  return withSource(command)
    .addHelpText('after', EXAMPLES)
    .action(async (_options: unknown, command: Command) => {
      // The command above has options of the same names, and takes them first.
      const options = command.optsWithGlobals<PrCommentOptions>();
      const subject = subjectOf(options);
      const parameters = new URLSearchParams({ base: options.base, ...(options.budget !== undefined && { budget: options.budget }) });
      // Loaded for this alone: other commands start without it.
      const { JOB_COST } = await import('../query/job-cost.ts');
      const { prComment } = await import('./pr-comment-text.ts');
      const source = await openSource(options, terminal);
      try {
        const answer = await withProgress(terminal, 'Reading', source.ask(JOB_COST, parameters, subject));
        writeOut(prComment(answer, options.base), options.output === '-' ? undefined : options.output, terminal, '--output');
      } finally {
        await source.close();
      }
    });
}

/** What stands in the path of the question. */
function subjectOf({ repository, ...options }: PrCommentOptions): Readonly<Record<string, string>> {
  const subjects = { branch: options.branch, pull_request: options.pullRequest, run: options.run };
  const [subject, ...more] = Object.entries(subjects).filter(([, value]) => value !== undefined && value !== '');
  if (subject === undefined || more.length > 0) {
    throw new LedgerlineError('invalid', `${subject === undefined ? 'None' : 'Several'} of --branch, --pull-request and --run given.`, {
      hint: 'Give one of them.',
    });
  }
  const [about, value = ''] = subject;
  return { repository, about, value };
}
