/** What a command may touch of the world around it, handed in so that tests can look on. */
import { styleText } from 'node:util';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Only on a terminal, and only where NO_COLOR does not forbid it. */
  readonly color: boolean;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    env: process.env,
    now: Date.now,
    color: process.stdout.isTTY === true && !process.env.NO_COLOR,
  };
}

type Format = Parameters<typeof styleText>[0];

export const paint = (terminal: Terminal, format: Format, text: string): string =>
  terminal.color ? styleText(format, text, { validateStream: false }) : text;
