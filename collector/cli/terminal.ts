/** What a command may touch of the world around it, handed in so that tests can look on. */
import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Only on a terminal, and only where NO_COLOR does not forbid it. */
  readonly color: boolean;
  /** Asks whoever sits there. Undefined where nobody does. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    env: process.env,
    now: Date.now,
    color: process.stdout.isTTY === true && !process.env.NO_COLOR,
    ask: process.stdin.isTTY === true ? askTerminal : undefined,
  };
}

async function askTerminal(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

type Format = Parameters<typeof styleText>[0];

export const paint = (terminal: Terminal, format: Format, text: string): string =>
  terminal.color ? styleText(format, text, { validateStream: false }) : text;
