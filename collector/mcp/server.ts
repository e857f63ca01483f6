/** One MCP server: tools made from questions, the catalogue as a resource, and a prompt. */
import { type CallToolResult, McpServer, type StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { PRODUCT } from '../catalog/names.ts';
import { describeError, LedgerlineError } from '../core/error.ts';
import { VERSION } from '../core/version.ts';
import { wanted, whileWanted } from '../core/wanted.ts';
import { CATALOGUE } from '../query/catalogue.ts';
import type { Given, Question } from '../query/question.ts';
import { SPEND } from '../query/spend.ts';
import { readArguments } from './arguments.ts';
import { type Bounded, bounded } from './bounded.ts';
import { INSTRUCTIONS, teamSpendPrompt } from './prompts.ts';
import { type JsonSchema, schemasOf } from './schemas.ts';
import { answerText } from './text.ts';
import { TOOLS, type ToolText } from './tools.ts';

export interface McpOptions {
  /** Puts a question for whoever this server was made for. */
  readonly ask: (question: Question, given: Given) => Promise<unknown>;
  /** May who asks put this question at all? Others are not offered. */
  readonly mayAsk: (question: Question) => boolean;
  /** Something failed that no other argument would have helped. */
  readonly failed: (error: LedgerlineError) => void;
}

const READS_ONLY = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const FIXED = { listChanged: false };

export function createServer(options: McpOptions): McpServer {
  const server = new McpServer(
    { name: PRODUCT, title: 'Ledgerline', version: VERSION },
    { instructions: INSTRUCTIONS, capabilities: { tools: FIXED, resources: FIXED, prompts: FIXED } },
  );
  const { mayAsk } = options;
  for (const tool of TOOLS.filter(({ question }) => mayAsk(question))) addTool(server, tool, options);
  if (mayAsk(CATALOGUE)) addCatalogue(server, options);
  if (mayAsk(SPEND)) addPrompt(server);
  return server;
}

function addTool(server: McpServer, { question, title, when }: ToolText, options: McpOptions): void {
  const { input, output } = schemasOf(question);
  const { id, summary, description } = question;
  server.registerTool(
    id,
    {
      title,
      description: [summary, description, when].filter((part) => part !== undefined).join(' '),
      inputSchema: checkedLater(input),
      outputSchema: checkedLater(output),
      annotations: { title, ...READS_ONLY },
    },
    (given, { mcpReq }) => whileWanted(mcpReq.signal, () => call(question, given, options)),
  );
}

async function call(question: Question, given: unknown, { ask, failed }: McpOptions): Promise<CallToolResult> {
  try {
    const answer = await askedInPages(readArguments(question, Object(given)), async (words) => Object(await ask(question, words)));
    return { content: [{ type: 'text', text: answerText(answer) }], structuredContent: answer };
  } catch (thrown) {
    const error = LedgerlineError.from(thrown);
    // What was stopped since nobody waits for it is no failure.
    if (error.code === 'internal' && wanted()?.aborted !== true) failed(error);
    return { isError: true, content: [{ type: 'text', text: describeError(error) }] };
  }
}

/** Where rows that are wide do not fit, fewer are asked for, so that the next page follows the last one shown. */
async function askedInPages(given: Given, ask: (given: Given) => Promise<object>): Promise<Bounded> {
  const answer = await ask(given);
  const shown = bounded(answer);
  const fewer = 'next' in answer && given.parameters.has('limit') ? shown.cut_lists?.find(({ list }) => Object.hasOwn(answer, list)) : undefined;
  if (fewer === undefined) return shown;
  const parameters = new URLSearchParams(given.parameters);
  parameters.set('limit', String(fewer.shown));
  return bounded(await ask({ ...given, parameters }));
}

/** The question checks its words itself, with a remedy for each mistake; of its answers the tests prove that they are as they should be. */
const checkedLater = (schema: JsonSchema): StandardSchemaWithJSON => ({
  '~standard': {
    version: 1,
    vendor: PRODUCT,
    validate: (value) => ({ value }),
    jsonSchema: { input: () => ({ ...schema }), output: () => ({ ...schema }) },
  },
});

const CATALOGUE_URI = `${PRODUCT}://catalogue`;

function addCatalogue(server: McpServer, { ask }: McpOptions): void {
  const about = {
    title: 'Measures and dimensions',
    description: 'Everything that spend can measure, group by and filter by, with units and meanings.',
    mimeType: 'text/markdown',
  };
  server.registerResource('catalogue', CATALOGUE_URI, about, async () => {
    // Gauges are for series and boards: no tool takes them.
    const { gauges, ...catalogue } = Object(await ask(CATALOGUE, { parameters: new URLSearchParams() }));
    return { contents: [{ uri: CATALOGUE_URI, mimeType: about.mimeType, text: answerText(catalogue) }] };
  });
}

function addPrompt(server: McpServer): void {
  server.registerPrompt(
    'team_spend',
    {
      title: 'What did my team spend this week, and why?',
      description: 'The spend of a team in a period, who and what it was made of, and what changed.',
      argsSchema: z.object({
        team: z.string().optional().describe('Name of the team. Without it: the only one, or a question back.'),
        period: z.string().optional().describe('this_week, last_week, this_month, last_month, … Without it: this_week.'),
      }),
    },
    ({ team, period }) => ({ messages: [{ role: 'user', content: { type: 'text', text: teamSpendPrompt(team, period ?? 'this_week') } }] }),
  );
}
