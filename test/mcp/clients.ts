/** The official client of the protocol, over HTTP and over the pipes of a real process. */
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

/** The handshake of 2025, and an envelope in each request, of 2026. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

export const CLI = join(import.meta.dirname, '../../collector/cli/main.ts');
const open: Client[] = [];

const clientOf = (revision: Revision): Client => {
  const mode = revision === '2026-07-28' ? { pin: revision } : 'legacy';
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  open.push(client);
  return client;
};

export async function overHttp(url: string, { token, revision = '2026-07-28' }: { token?: string; revision?: Revision } = {}): Promise<Client> {
  const client = clientOf(revision);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
  return client;
}

export async function overStdio(args: readonly string[], revision: Revision = '2026-07-28'): Promise<Client> {
  const client = clientOf(revision);
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', CLI, 'mcp', ...args],
      env: { PATH, NODE_COMPILE_CACHE },
      stderr: 'pipe',
    }),
  );
  return client;
}

/** For afterEach. */
export async function closeClients(): Promise<void> {
  for (const client of open.splice(0)) await client.close();
}

export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
  readonly structured: Readonly<Record<string, unknown>>;
}

/** The client holds what comes against the schema that the tool has announced, and rejects what does not keep to it. */
export async function call(client: Client, name: string, given: Record<string, unknown> = {}): Promise<ToolAnswer> {
  const { content, structuredContent, isError = false } = await client.callTool({ name, arguments: given });
  const [first] = content;
  return { text: first?.type === 'text' ? first.text : '', isError, structured: Object(structuredContent) };
}
