/** What a command may touch of the world around it, handed in so that tests can look on. */
import { once } from 'node:events';
import { styleText } from 'node:util';
import { askOn } from './ask.ts';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Part of a file to standard output. Resolves when there is room for more. Undefined: it goes to `out`. */
  readonly bytes?: ((piece: Uint8Array) => Promise<void>) | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** On a terminal, unless NO_COLOR or --no-color forbids it; elsewhere only where FORCE_COLOR or --color asks for it. */
  readonly color: boolean;
  /** How wide the terminal is that `out` goes to. Undefined where it is none: nothing is left out or shortened then. */
  readonly columns?: number | undefined;
  /** Replaces the last line of standard error, where that is a terminal. '' removes it. */
  readonly status?: ((line: string) => void) | undefined;
  /** For what draws itself again, where `out` is a terminal. */
  readonly screen?: Screen | undefined;
  /** Asks whoever sits there. Undefined where nobody does. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

export interface Screen {
  rows(): number;
  open(): void;
  draw(text: string): void;
  /** Back to what was there before, with this below it. */
  close(text: string): void;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    bytes: writeBytes,
    env: process.env,
    now: Date.now,
    color: wantsColor(process.env, process.stdout.isTTY === true),
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
    status: process.stderr.isTTY === true ? (line) => process.stderr.write(`\r\u001b[2K${line}`) : undefined,
    screen: process.stdout.isTTY === true ? ANSI_SCREEN : undefined,
    ask: process.stdin.isTTY === true ? (question) => askOn(process.stdin, process.stderr, question) : undefined,
  };
}

/** The alternate screen, without a cursor. */
const ANSI_SCREEN: Screen = {
  rows: () => process.stdout.rows,
  open: () => process.stdout.write('\u001b[?1049h\u001b[?25l'),
  draw: (text) => process.stdout.write(`\u001b[H\u001b[2J${text}\n`),
  close: (text) => process.stdout.write(`\u001b[?25h\u001b[?1049l${text}\n`),
};

/** As https://no-color.org and https://force-color.org have it. */
export function wantsColor({ NO_COLOR, FORCE_COLOR }: Terminal['env'], isTerminal: boolean): boolean {
  if (NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' && FORCE_COLOR !== 'false' : isTerminal;
}

async function writeBytes(piece: Uint8Array): Promise<void> {
  if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
}

export type Style = Parameters<typeof styleText>[0];

export const paint = (terminal: Terminal, format: Style, text: string): string =>
  terminal.color ? styleText(format, text, { validateStream: false }) : text;
