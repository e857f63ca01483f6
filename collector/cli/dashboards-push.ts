/** Boards into a Grafana through the HTTP API that Grafana 11, 12 and 13 share: /api/search, /api/folders and /api/dashboards. */
import { z } from 'zod';
import { LedgerlineError } from '../core/error.ts';

export interface Grafana {
  /** Without a slash at the end. */
  readonly url: string;
  /** Of a service account. Never printed. */
  readonly token: string;
  readonly fetch: typeof fetch;
}

export interface BoardModel {
  readonly uid: string;
  readonly title: string;
}

export interface PushSettings {
  readonly folder: string;
  readonly dryRun: boolean;
  readonly datasourceUid: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ANSWER_MS = 30_000;
const ANSWER_CHARACTERS_SHOWN = 300;
const UID_CHARACTERS = 40;

const messageSchema = z.object({ message: z.string() });
const foldersSchema = z.array(z.object({ uid: z.string(), title: z.string() }));
const storedSchema = z.object({ dashboard: z.object({ version: z.number() }), meta: z.object({ provisioned: z.boolean().optional() }) });
const savedSchema = z.object({ url: z.string() });

/** One line of progress for each board. Stops at the first failure; the boards before it stay, and the same command goes on. */
export async function pushBoards(
  grafana: Grafana,
  boards: readonly BoardModel[],
  settings: PushSettings,
  say: (line: string) => void,
): Promise<void> {
  if (settings.datasourceUid !== undefined) await requireDatasource(grafana, settings.datasourceUid);
  const folderUid = await folderOf(grafana, settings, say);
  for (const board of boards) await pushBoard(grafana, board, folderUid, settings, say);
  say(settings.dryRun ? 'Nothing was changed: this was a dry run.' : `${boards.length} boards are in the folder ${settings.folder}.`);
}

async function requireDatasource(grafana: Grafana, uid: string): Promise<void> {
  const { status, body } = await ask(grafana, 'GET', `/api/datasources/uid/${encodeURIComponent(uid)}`);
  // A role that may save boards may not be permitted to look at data sources.
  if (status === 200 || status === 403) return;
  if (status !== 404) throw refusal(grafana, status, body, 'the data source');
  throw new LedgerlineError('invalid', `Grafana has no data source with the uid ${uid.slice(0, 80)}.`, {
    hint: 'The uid is not the name: it is the last part of the address of the data source in Grafana (Connections, Data sources).',
  });
}

/** The folder of this title, made if there is none. Undefined in a dry run that would make it. */
async function folderOf(grafana: Grafana, { folder, dryRun }: PushSettings, say: (line: string) => void): Promise<string | undefined> {
  const found = await ask(grafana, 'GET', `/api/search?type=dash-folder&query=${encodeURIComponent(folder)}`);
  if (found.status !== 200) throw refusal(grafana, found.status, found.body, 'the list of folders');
  const existing = read(grafana, foldersSchema, found.body).find(({ title }) => title === folder);
  if (existing !== undefined) return existing.uid;
  say(`${dryRun ? 'would create' : 'creating'}  folder ${folder}`);
  if (dryRun) return undefined;
  const made = await ask(grafana, 'POST', '/api/folders', { uid: uidFor(folder), title: folder });
  if (made.status !== 200) throw refusal(grafana, made.status, made.body, `the folder ${folder}`);
  return read(grafana, foldersSchema.element, made.body).uid;
}

const uidFor = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, UID_CHARACTERS);

async function pushBoard(grafana: Grafana, board: BoardModel, folderUid: string | undefined, { dryRun }: PushSettings, say: (line: string) => void) {
  const stored = await ask(grafana, 'GET', `/api/dashboards/uid/${board.uid}`);
  if (stored.status !== 200 && stored.status !== 404) throw refusal(grafana, stored.status, stored.body, board.title);
  const old = stored.status === 200 ? read(grafana, storedSchema, stored.body) : undefined;
  if (old?.meta.provisioned === true) {
    throw new LedgerlineError('invalid', `The board ${board.title} is provisioned from a file and cannot be overwritten.`, {
      hint: 'Replace the files (`ledgerline dashboards build`), or remove them from provisioning first.',
    });
  }
  if (dryRun) return say(`${old === undefined ? 'would create' : 'would update'}  ${board.title}`);
  // With the version that was just read, a change that somebody else saves in between is a conflict and not lost.
  const dashboard = { ...board, id: null, version: old?.dashboard.version ?? 0 };
  const body = { dashboard, folderUid, overwrite: false, message: 'ledgerline dashboards push' };
  const saved = await ask(grafana, 'POST', '/api/dashboards/db', body);
  if (saved.status !== 200) throw refusal(grafana, saved.status, saved.body, board.title);
  say(`${old === undefined ? 'created' : 'updated'}  ${board.title}  ${new URL(read(grafana, savedSchema, saved.body).url, grafana.url).href}`);
}

async function ask({ url, token, fetch }: Grafana, method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  const headers = { accept: 'application/json', authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const init = { method, headers, signal: AbortSignal.timeout(ANSWER_MS), ...(body !== undefined && { body: JSON.stringify(body) }) };
  try {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (cause) {
    throw new LedgerlineError('unavailable', `No Grafana responds at ${url}.`, { cause, hint: 'Check --url, and that Grafana is running.' });
  }
}

/** Grafana answers JSON; a proxy before it may not. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim() };
  }
}

function read<Shape>({ url }: Grafana, schema: z.ZodType<Shape>, body: unknown): Shape {
  const answer = schema.safeParse(body);
  if (answer.success) return answer.data;
  throw new LedgerlineError('unsupported', `The server at ${url} is not Grafana, or an unsupported version of it.`, {
    hint: 'Check --url: it is the address of Grafana itself, including its path. Grafana 11, 12 and 13 are supported.',
  });
}

const HINTS: Readonly<Record<number, string>> = {
  401: 'Grafana rejected the token: it may be mistyped, expired, or from another Grafana.',
  403: 'The token lacks permission: give its service account the role Editor, or the permissions listed by --help.',
  404: 'Check --url: it is the address of Grafana itself, including its path.',
  409: 'That name is already in use. Choose another --folder, or rename the existing one.',
  412: 'The board was saved by someone else meanwhile, or the folder has another board with this title. Check it in Grafana, then run the command again.',
};

function refusal({ url }: Grafana, status: number, body: unknown, what: string): LedgerlineError {
  const said = messageSchema.safeParse(body);
  const words = said.success ? `: ${said.data.message.slice(0, ANSWER_CHARACTERS_SHOWN)}` : '.';
  const code = status === 401 ? 'unauthenticated' : status === 403 ? 'forbidden' : status >= 500 ? 'unavailable' : 'invalid';
  return new LedgerlineError(code, `Grafana at ${url} responded with ${status} for ${what}${words}`, {
    hint: HINTS[status] ?? 'See the log of Grafana for details.',
  });
}
