/** The scripts that settings name: written into a folder, and removed from it while they are as they were written. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { GUARD_SCRIPTS, type GuardShell } from '../guard-scripts.ts';
import { installScripts } from '../install-scripts.ts';
import { STATUSLINE_SCRIPT } from '../statusline-script.ts';
import { type ConnectRecord, sha256 } from './record.ts';
import type { Part } from './wanted.ts';

export type Installed = ConnectRecord['scripts'];

export const scriptsOf = (parts: readonly Part[], shell: GuardShell): readonly string[] => [
  ...(parts.includes('guard') ? GUARD_SCRIPTS[shell] : []),
  ...(parts.includes('statusline') ? [STATUSLINE_SCRIPT] : []),
];

/** Throws `invalid` where one cannot be written. */
export const installScriptsOf = (folder: string, names: readonly string[]): Installed =>
  installScripts(folder, names, 'The settings were not changed. Name another folder in --install-to.').map(({ file, text }) => ({
    file,
    sha256: sha256(text),
  }));

/** Returns those that somebody has changed, which stay. */
export function removeScripts(installed: Installed): readonly string[] {
  const kept = installed.filter(({ file, sha256: written }) => existsSync(file) && sha256(readFileSync(file, 'utf8')) !== written);
  for (const script of installed) if (!kept.includes(script)) rmSync(script.file, { force: true });
  for (const folder of new Set(installed.map(({ file }) => dirname(file)))) {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  }
  return kept.map(({ file }) => file);
}
