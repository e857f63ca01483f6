/**
 * The log of a running collector: one line an event, through pino, to stderr, from each thread by itself. A code says what happened in a word
 * that stays the same; secrets are taken out of every text, and what a terminal would obey is made visible. What a command says to people is no log.
 */
import { pino } from 'pino';
import { LedgerlineError } from './error.ts';
import { type Cause, causesOf } from './failure.ts';
import { prettyLine } from './log-pretty.ts';
import { redacted } from './redact.ts';
import { visibleLines } from './visible.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Plain data: worker threads are handed it, and make their own logger of it. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  readonly color: boolean;
  /** Files with a secret each. They are read when a line is written, so that a changed secret is known at once. */
  readonly secretFiles: readonly string[];
}

export type LogCodes = Readonly<Record<string, { readonly level: LogLevel; readonly component: string; readonly meaning: string }>>;

export interface LogDetails {
  /** Gives hint and cause. */
  readonly error?: unknown;
  readonly hint?: string;
  /** Further keys of the line. */
  readonly fields?: Readonly<Record<string, string | number>>;
}

/** Message: one sentence for people, without the code. */
export type LogOf<Code extends string> = (code: Code, message: string, details?: LogDetails) => void;

/** Characters of one text of a line. */
const TEXT_MAX = 2_000;
/** So much is looked through for secrets: more than is written, so that none is cut in half at the end of what is. */
const READ_MAX = 4 * TEXT_MAX;

/** `write` gets whole lines with their line break; without it they go to stderr, at once. */
export function createLogger<Code extends string>(
  codes: Readonly<Record<Code, LogCodes[string]>>,
  settings: LogSettings,
  write: (line: string) => void = toStderr(),
): LogOf<Code> {
  const isPretty = settings.format === 'pretty';
  const destination = { write: (line: string) => write(isPretty ? prettyLine(line, settings.color) : line) };
  const logger = pino(
    { level: settings.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    destination,
  );
  return (code, message, details = {}) => {
    const { level, component } = codes[code];
    if (!logger.isLevelEnabled(level)) return;
    const clean = (text: string): string => visibleLines(redacted(text.slice(0, READ_MAX), settings.secretFiles)).slice(0, TEXT_MAX);
    const { hint, causes } = partsOf(message, details);
    const stack = logger.isLevelEnabled('debug') ? causes.find((cause) => cause.stack !== undefined)?.stack : undefined;
    const fields = Object.entries(details.fields ?? {}).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value]);
    const line = {
      code,
      component,
      ...Object.fromEntries(fields),
      ...(hint !== '' && { hint: clean(hint) }),
      ...(causes.length > 0 && { cause: clean(causes.map(described).join(': ')) }),
      ...(stack !== undefined && { stack: clean(stack) }),
    };
    logger[level](line, clean(message));
  };
}

/** The error itself is a cause, too, unless the message already has its words. */
function partsOf(message: string, { error, hint = '' }: LogDetails): { hint: string; causes: readonly Cause[] } {
  if (error === undefined) return { hint, causes: [] };
  const isSaid = error instanceof Error && message.includes(error.message);
  const isOurs = error instanceof LedgerlineError;
  return { hint: hint === '' && isOurs ? error.hint : hint, causes: causesOf(isSaid ? error : { cause: error }) };
}

/** "Error" says nothing that a log of failures does not. */
const described = ({ name, message }: Cause): string => (name === 'Error' || name === 'LedgerlineError' ? message : `${name}: ${message}`);

/** So much waits in memory while stderr cannot be written; what is beyond it is lost. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** Written before the call returns: the line before a crash is the one that counts. Threads write whole lines. */
function toStderr(): (line: string) => void {
  const stderr = pino.destination({ dest: process.stderr.fd ?? 2, sync: true, maxLength: WAITING_BYTES_MAX });
  // A file on a full disk: no reason to end. What waits is written with the first line that finds room.
  stderr.on('error', () => undefined);
  return (line) => void stderr.write(line);
}
