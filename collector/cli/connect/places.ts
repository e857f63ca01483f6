/** Where Claude Code keeps its settings, by scope and platform. */
import { homedir } from 'node:os';
import { join, resolve, win32 } from 'node:path';

export const SCOPES = ['user', 'project', 'local', 'managed'] as const;
export type Scope = (typeof SCOPES)[number];

interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly cwd: string;
}

const MANAGED = 'managed-settings.json';

export function managedFile(platform: NodeJS.Platform): string {
  if (platform === 'win32') return win32.join('C:\\Program Files\\ClaudeCode', MANAGED);
  return platform === 'darwin' ? join('/Library/Application Support/ClaudeCode', MANAGED) : join('/etc/claude-code', MANAGED);
}

export function settingsFile(scope: Scope, { env, platform, cwd }: Machine): string {
  switch (scope) {
    case 'user':
      return join(env.CLAUDE_CONFIG_DIR || join(env.HOME || homedir(), '.claude'), 'settings.json');
    case 'project':
      return resolve(cwd, '.claude', 'settings.json');
    case 'local':
      return resolve(cwd, '.claude', 'settings.local.json');
    case 'managed':
      return managedFile(platform);
  }
}
