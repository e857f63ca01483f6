/** A question to whoever sits at the terminal. */
import { createInterface } from 'node:readline/promises';

/** Ctrl+C at a question: the command ends as it does wherever else Ctrl+C reaches it, and there is nothing to say. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The answer; '' for Ctrl+D, which is none. Throws Interrupted for Ctrl+C, which is a key and no signal while a line is edited. */
export async function askOn(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, question: string): Promise<string> {
  const lines = createInterface({ input, output });
  const interruption = new AbortController();
  lines.once('SIGINT', () => interruption.abort());
  try {
    return await lines.question(question, { signal: interruption.signal });
  } catch {
    // One of the two keys; the line of the question is left.
    output.write('\n');
    if (interruption.signal.aborted) throw new Interrupted();
    return '';
  } finally {
    lines.close();
  }
}
