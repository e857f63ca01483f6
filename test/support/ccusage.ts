/** ccusage, which reads the same transcripts and prices them by itself. npm installs the program of its system, where there is one. */
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** Its path; undefined where npm has installed none for this system. */
export function ccusageProgram(): string | undefined {
  const name = `@ccusage/ccusage-${process.platform}-${process.arch}`;
  try {
    const folder = join(createRequire(import.meta.url).resolve(`${name}/package.json`), '..');
    const program = join(folder, 'bin', process.platform === 'win32' ? 'ccusage.exe' : 'ccusage');
    // As its own launcher does: it is packed without.
    chmodSync(program, 0o755);
    return program;
  } catch {
    return undefined;
  }
}

interface Counted {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreationTokens: number;
  readonly cacheReadTokens: number;
}

export interface CcusageModel extends Counted {
  readonly modelName: string;
  readonly cost: number;
}

export interface CcusageRow extends Counted {
  /** A month, or the name of a file. */
  readonly period: string;
  readonly totalTokens: number;
  readonly totalCost: number;
  readonly modelBreakdowns: readonly CcusageModel[];
}

/** Of a configuration folder of Claude Code, at the prices that it brings along. */
export async function ccusage(program: string, command: 'monthly' | 'session', configFolder: string): Promise<readonly CcusageRow[]> {
  const env = { PATH: process.env.PATH ?? '', HOME: configFolder, CLAUDE_CONFIG_DIR: configFolder };
  const { stdout } = await run(program, [command, '--json', '--offline'], { env, maxBuffer: OUTPUT_BYTES_MAX });
  // Its key is the command's name in this version.
  return (JSON.parse(stdout) as Record<typeof command, readonly CcusageRow[]>)[command];
}
