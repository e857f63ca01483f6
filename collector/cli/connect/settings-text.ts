/** The text of a settings file, checked before anything is done to it. */
import { LedgerlineError } from '../../core/error.ts';

/** Strings, comments, and the rest one letter at a time. */
const TOKENS = /"(?:[^"\\]|\\.)*"|\/\/|\/\*|./gs;

function hasComments(text: string): boolean {
  for (const [token] of text.matchAll(TOKENS)) if (token === '//' || token === '/*') return true;
  return false;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws `invalid` for a text that cannot be edited without guessing. An empty one counts as an object without members. */
export function checkSettings(text: string, file: string): void {
  const refuse = (what: string, hint: string, cause?: unknown): LedgerlineError =>
    new LedgerlineError('invalid', `${file} ${what}.`, { hint, cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    if (hasComments(text)) throw refuse('has comments, which JSON does not know', 'Nothing was changed. Take the comments out, and try again.');
    // No more of the message: it quotes the text, which may hold secrets.
    const where = /\(line \d+ column \d+\)$/.exec(cause instanceof Error ? cause.message : '')?.[0];
    throw refuse(`is not valid JSON${where === undefined ? '' : ` ${where}`}`, 'Nothing was changed. Correct the file, and try again.');
  }
  if (!isObject(parsed)) throw refuse('is not a JSON object', 'Nothing was changed. Settings are an object: { … }.');
  const wrong = wrongShape(parsed);
  if (wrong !== undefined) throw refuse(wrong, 'Nothing was changed. Correct the file, and try again.');
}

function wrongShape({ env, hooks }: Readonly<Record<string, unknown>>): string | undefined {
  if (env !== undefined && !isObject(env)) return 'has an `env` that is not an object';
  if (hooks === undefined) return undefined;
  if (!isObject(hooks)) return 'has `hooks` that are not an object';
  const event = Object.keys(hooks).find((name) => !Array.isArray(hooks[name]));
  return event === undefined ? undefined : `has hooks.${event} that is not an array`;
}
