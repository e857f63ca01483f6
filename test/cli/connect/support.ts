/** Settings files in a folder of their own, and how they are connected in tests. */
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../../../collector/cli/connect/wanted.ts';
import { prepareConnect, prepareUndo } from '../../../collector/cli/connect/write.ts';

export const TOKEN = 'll_this-is-the-token-of-the-test';
export const NOW = Date.parse('2026-11-29T10:00:00Z');

export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-connect-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export const connectionIn = (folder: string, own: Partial<Connection> = {}): Connection => ({
  addresses: { otlp: 'https://ledgerline.example.com:4318', api: 'https://ledgerline.example.com:8484' },
  parts: ['telemetry'],
  scope: 'user',
  fleet: 'new',
  grpc: false,
  onFailure: 'open',
  token: TOKEN,
  folder: join(folder, 'ledgerline'),
  shell: 'sh',
  replace: false,
  ...own,
});

export const connect = (file: string, connection: Connection): readonly string[] => prepareConnect(file, connection, NOW).commit();
export const undo = (file: string, connection?: Connection): readonly string[] => {
  const prepared = prepareUndo(file, connection, NOW);
  return [...prepared.notes, ...prepared.commit()];
};

/** Every file below it, with its mode and content. */
export function treeOf(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const stats = lstatSync(join(folder, name));
      return [name, `${stats.mode.toString(8)} ${stats.isFile() ? readFileSync(join(folder, name), 'utf8') : ''}`];
    }),
  );
}
