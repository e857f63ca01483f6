/** Puts the settings of a collector into a file, and takes them out. */
import { LedgerlineError } from '../../core/error.ts';
import { apply, type Change, joined, removeRecognized, revert } from './changes.ts';
import { gitExposure } from './git-exposure.ts';
import { type ConnectRecord, ownScripts, readRecord, removeRecord, sha256, writeBackup, writeRecord } from './record.ts';
import { installScriptsOf, removeScripts, scriptsOf } from './scripts.ts';
import { assertWritable, makeFolderOf, readSettings, removeSettings, type SettingsFile, writeSettings } from './settings-file.ts';
import { checkSettings } from './settings-text.ts';
import { type Connection, planOf, telemetryEnv } from './wanted.ts';

/** What an edit comes to, before it is carried out. */
export interface Prepared {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** For whoever reads along. */
  readonly notes: readonly string[];
  /** Carries it out; returns further notes. */
  commit(): readonly string[];
}

const EMPTY = '{}\n';
/** Managed settings are read by every user of the machine. */
const NEW_MODE = { user: 0o600, local: 0o600, project: 0o644, managed: 0o644 } as const;
const OWNER_ONLY = 0o700;

const present = ({ text = '' }: SettingsFile): string => (text.trim() === '' ? EMPTY : text);

/** Throws `invalid` where the file cannot be edited, something of others stands in the way, or a token would get into a repository. */
export function prepareConnect(given: string, connection: Connection, nowMs: number): Prepared {
  const settings = readSettings(given);
  const { file } = settings;
  const text = present(settings);
  checkSettings(text, file);
  const record = readRecord(file);
  const earlier = record?.changes ?? [];
  const { wanted, parts, notes } = planOf(connection, text, earlier);
  const { text: after, changes } = apply(text, wanted, earlier);
  const holdsToken = connection.token !== undefined && after.includes(connection.token);
  if (holdsToken) assertPrivate(connection, file);
  const oldMode = settings.mode ?? NEW_MODE[connection.scope];
  const mode = holdsToken && connection.scope !== 'managed' ? oldMode & OWNER_ONLY : oldMode;
  const commit = (): readonly string[] => {
    assertWritable(settings);
    makeFolderOf(file, connection.scope === 'managed');
    const isOurs = record !== undefined && settings.text !== undefined && sha256(settings.text) === record.sha256;
    const backup = settings.text === undefined || isOurs || after === text ? undefined : writeBackup(file, settings.text, nowMs);
    const scripts = installScriptsOf(connection.folder, scriptsOf(parts, connection.shell));
    if (after === text && record === undefined && scripts.length === 0) return [];
    const others = record?.scripts.filter(({ file: other }) => scripts.every((script) => script.file !== other)) ?? [];
    writeRecord(file, {
      version: 1,
      written_at: new Date(nowMs).toISOString(),
      sha256: sha256(after),
      mode: record?.mode ?? (settings.mode === mode ? undefined : settings.mode),
      ...originalOf({ settings, record, isOurs, backup }),
      changes: [...joined(earlier, changes, text)],
      scripts: [...others, ...scripts],
    });
    try {
      if (after !== text) writeSettings(settings, after, mode);
    } catch (error) {
      if (record === undefined) removeRecord(file, backup);
      else writeRecord(file, record);
      throw error;
    }
    return [...(backup === undefined ? [] : [`The file as it was: ${backup}`]), ...scripts.map((script) => `Wrote ${script.file}.`)];
  };
  return { file, before: settings.text ?? '', after, notes: [...notes, ...warningsOf(connection, after)], commit };
}

interface Origin {
  readonly settings: SettingsFile;
  readonly record: ConnectRecord | undefined;
  readonly isOurs: boolean;
  readonly backup: string | undefined;
}

/** Where the very bytes of before are; nowhere once somebody else has changed what was written. */
function originalOf({ settings: { text }, record, isOurs, backup }: Origin): Pick<ConnectRecord, 'original'> {
  if (record !== undefined) return isOurs && record.original !== undefined ? { original: record.original } : {};
  if (text === undefined) return { original: null };
  return backup === undefined ? {} : { original: { backup, sha256: sha256(text) } };
}

function assertPrivate({ scope, tokenFile }: Connection, file: string): void {
  const refuse = (why: string, hint: string): LedgerlineError =>
    new LedgerlineError('invalid', `The token would stand in ${file}, ${why}.`, { hint: `Nothing was changed. ${hint}` });
  const elsewhere = 'Use --scope user, or --headers-helper with a command that prints the headers.';
  if (scope === 'project') throw refuse('which goes into the repository', elsewhere);
  const exposure = gitExposure(file);
  if (exposure === 'tracked')
    throw refuse(
      'which git tracks',
      scope === 'user' ? `Use --headers-helper${tokenFile === undefined ? ', and --token-file for the guard' : ''}.` : elsewhere,
    );
  if (exposure === 'untracked' && scope === 'local')
    throw refuse('which git does not ignore', 'Add .claude/settings.local.json to .gitignore, or use --scope user.');
}

function warningsOf({ scope, parts, addresses, token }: Connection, after: string): readonly string[] {
  const isPlain = /^http:\/\/(?!127\.|localhost[:/]|\[::1\])/.test(`${addresses.otlp}/`);
  return [
    ...(parts.includes('telemetry') && (scope === 'project' || scope === 'local')
      ? ['Newer clients ignore OTEL_* in the settings of a repository: use --scope user or managed for telemetry.']
      : []),
    ...(scope === 'managed' && token !== undefined && after.includes(token)
      ? ['Every user of this machine can read the token in managed settings: give it the role ingest, and a team at most.']
      : []),
    ...(isPlain && token !== undefined ? ['The address is http, not https: the token can be read on its way.'] : []),
  ];
}

/** `connection` is that of the collector to recognize, where there is no record. */
export function prepareUndo(given: string, connection: Connection | undefined, nowMs: number): Prepared {
  const settings = readSettings(given);
  const { file } = settings;
  const record = readRecord(file);
  const installed = record === undefined ? [] : ownScripts(file, record);
  if (settings.text === undefined) return nothingLeft(file, installed);
  const text = present(settings);
  const original = record === undefined ? undefined : originalText(settings.text, record);
  if (original === undefined) checkSettings(text, file);
  const { text: after, kept } = original === undefined ? undoneOf(text, record?.changes, connection) : { text: original.text, kept: [] };
  const isGone = after === null || (record?.original === null && after.trim() === '{}');
  const commit = (): readonly string[] => {
    assertWritable(settings);
    const changed = original === undefined && after !== settings.text ? writeBackup(file, settings.text ?? '', nowMs) : undefined;
    if (isGone) removeSettings(settings);
    else if (after !== settings.text) writeSettings(settings, after, record?.mode ?? settings.mode ?? NEW_MODE.user);
    const scripts = removeScripts(installed);
    removeRecord(file, original?.backup);
    return [
      ...(changed === undefined ? [] : [`The file as it was, with the token: ${changed}`]),
      ...scripts.map((script) => `${script} was changed, and stays.`),
    ];
  };
  const notes = kept.map((path) => `${path} was changed since, and stays.`);
  return { file, before: settings.text, after: isGone ? '' : after, notes: [...notes, ...(record === undefined ? [NO_RECORD] : [])], commit };
}

const NO_RECORD = 'There is no record of an earlier `ledgerline connect`: only what is recognized is taken out, and nothing is brought back.';

const nothingLeft = (file: string, installed: ConnectRecord['scripts']): Prepared => ({
  ...{ file, before: '', after: '', notes: [] },
  commit: () => {
    const kept = removeScripts(installed);
    removeRecord(file);
    return kept.map((script) => `${script} was changed, and stays.`);
  },
});

interface Original {
  /** Null: there was no file. */
  readonly text: string | null;
  readonly backup?: string;
}

/** The very bytes of before, while nobody else has changed the file. */
function originalText(text: string, { sha256: written, original }: ConnectRecord): Original | undefined {
  if (original === undefined || sha256(text) !== written) return undefined;
  if (original === null) return { text: null };
  const { text: backup } = readSettings(original.backup);
  return backup !== undefined && sha256(backup) === original.sha256 ? { text: backup, backup: original.backup } : undefined;
}

function undoneOf(text: string, changes: readonly Change[] | undefined, connection: Connection | undefined) {
  if (changes !== undefined) return revert(text, changes);
  const own = connection && telemetryEnv(connection, text);
  const isOwn = (name: string, value: unknown): boolean => own !== undefined && (own[name] === value || name === 'OTEL_EXPORTER_OTLP_HEADERS');
  const goesHere = own !== undefined && JSON.parse(text).env?.OTEL_EXPORTER_OTLP_ENDPOINT === own.OTEL_EXPORTER_OTLP_ENDPOINT;
  return { text: removeRecognized(text, goesHere ? isOwn : () => false), kept: [] };
}
