/** The key of a provider: from the file that the configuration names, else from the environment. Never printed. */
import { readFileSync } from 'node:fs';
import type { HttpImportConfig } from '../config/imports.ts';
import { LedgerlineError } from '../core/error.ts';

/** A header takes nothing but printable ASCII. */
const KEY = /^[\x21-\x7e]+$/;

/** `variables`: in the order in which they are looked for; each has a twin that ends in _FILE. */
export function readKey(
  { source, key_file: file }: Pick<HttpImportConfig, 'source' | 'key_file'>,
  variables: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (file !== undefined) return keyIn('imports.key_file', file);
  for (const name of variables) {
    const [key, named] = [env[name], env[`${name}_FILE`]];
    if (key !== undefined && key.trim() !== '') return checked(key.trim(), `${name} holds no key.`);
    if (named !== undefined && named !== '') return keyIn(`${name}_FILE`, named);
  }
  throw new LedgerlineError('invalid', `There is no key for ${source}.`, {
    hint: `Set ${variables[0]}_FILE to a file with the key, or ${variables[0]} to the key, or key_file in imports: of ledgerline.yaml. See docs/imports.md.`,
  });
}

function keyIn(place: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new LedgerlineError('invalid', `${place}: cannot read ${file}.`, { cause, hint: 'Check the path and the permissions of the file.' });
  }
  return checked(text, `${place}: ${file} holds no key.`);
}

function checked(text: string, complaint: string): string {
  if (KEY.test(text)) return text;
  throw new LedgerlineError('invalid', complaint, { hint: 'Write the key alone on one line.' });
}
