/** Where Claude Code keeps its transcripts. */
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

const PROJECTS = 'projects';

/**
 * Folders to search, as the client chooses them: CLAUDE_CONFIG_DIR, a list of configuration folders or of their projects/, else both of its
 * usual places. They need not be there.
 */
export function transcriptRoots(env: Env, home: string): readonly string[] {
  const named = (env.CLAUDE_CONFIG_DIR ?? '')
    .split(',')
    .map((folder) => folder.trim())
    .filter((folder) => folder !== '');
  if (named.length > 0) return named.map((folder) => (folder.endsWith(`/${PROJECTS}`) ? folder : join(folder, PROJECTS)));
  return [join(env.XDG_CONFIG_HOME || join(home, '.config'), 'claude', PROJECTS), join(home, '.claude', PROJECTS)];
}
