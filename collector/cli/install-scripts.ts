/** Puts the scripts that clients run where every user can run them: a hook that cannot be started stops nobody. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerlineError } from '../core/error.ts';
import { readScript } from './guard-scripts.ts';
import { makeOpenFolder } from './open-folder.ts';

const EXECUTABLE = 0o755;

export interface InstalledScript {
  readonly file: string;
  readonly text: string;
}

/** Whatever the umask is, and whatever was there. `hint`: what to do where they cannot be written, which throws `invalid`. */
export function installScripts(folder: string, names: readonly string[], hint: string): readonly InstalledScript[] {
  try {
    if (names.length > 0) makeOpenFolder(folder);
    return names.map((name) => {
      const script = { file: join(folder, name), text: readScript(name) };
      writeFileSync(script.file, script.text);
      chmodSync(script.file, EXECUTABLE);
      return script;
    });
  } catch (cause) {
    throw new LedgerlineError('invalid', `The scripts cannot be written into ${folder}.`, { cause, hint });
  }
}
