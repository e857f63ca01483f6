/** The status line as the client runs it, its input in the shapes that 2.1.332 was seen to send, and what the collector answers. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { readScript } from '../../../collector/cli/guard-scripts.ts';
import { waitFor } from '../../support/wait.ts';
import { DISTINCT_SHELLS, type Ended, PATH, runScript, type Shell } from './hook.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A second more than half a minute off every change of what is shown: a busy machine does not matter. */
const SLACK_SECONDS = 31;
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds + SLACK_SECONDS;

const HOUR = 3600;
const DAY = 24 * HOUR;

export const LIMITS = (): Json => ({
  five_hour: { used_percentage: 42, resets_at: inSeconds(2 * HOUR + 600) },
  seven_day: { used_percentage: 77.9, resets_at: inSeconds(4 * DAY + 12 * HOUR) },
});
export const SPEND_LIMIT = (): Json => ({
  spend_limit: { used_percentage: 63, resets_at: inSeconds(9 * DAY), used_usd: 31.5, limit_usd: 50, period: 'monthly' },
});

export const SESSION = '485d6c2d-5ea8-42a8-868e-d8f5e87cd062';

/** `more` replaces what the sample has. */
export function inputOf(more: Json = {}): string {
  const sample = {
    session_id: SESSION,
    transcript_path: '/srv/dev/.claude/projects/-srv-acme-api/485d6c2d.jsonl',
    cwd: '/srv/acme-api',
    prompt_id: 'e762ae99-e91f-4bab-804e-7e678474b53d',
    effort: { level: 'medium' },
    model: { id: 'claude-opus-5-5', display_name: 'Opus 5.5' },
    workspace: {
      ...{ current_dir: '/srv/acme-api', project_dir: '/srv/acme-api', added_dirs: ['/srv/shared', '/srv/docs'] },
      repo: { host: 'git.example.com', owner: 'acme', name: 'acme-api' },
    },
    version: '2.1.332',
    output_style: { name: 'default' },
    cost: {
      total_cost_usd: 1.2345,
      total_duration_ms: 5_400_000,
      total_api_duration_ms: 238,
      total_lines_added: 12,
      total_lines_removed: 3,
    },
    context_window: {
      ...{ total_input_tokens: 19_018, total_output_tokens: 117, context_window_size: 200_000 },
      current_usage: { input_tokens: 41, output_tokens: 117, cache_creation_input_tokens: 924, cache_read_input_tokens: 0 },
      ...{ used_percentage: 9.6, remaining_percentage: 90.4 },
    },
    exceeds_200k_tokens: false,
    prompt_cache: { warm: true, ttl: '5m', hit_ratio: 8.6e-1, last_miss_at: null, miss_causes: {} },
    fast_mode: false,
    thinking: { enabled: true },
  };
  return JSON.stringify({ ...sample, ...more });
}

const BUDGET: Json = {
  ...{ key: 'platform', shared: true, unit: 'usd', limit: '1000.00', spent: '587.50', remaining: '412.50', used_ratio: 0.5875, stopped: false },
  ends_in: 3 * DAY + 4 * HOUR + SLACK_SECONDS,
};
export const budget = (more: Json): Json => ({ budget: { ...BUDGET, ...more } });

/** As GET /api/v1/me/statusline has it. */
export const answerOf = (more: Json = {}): string =>
  JSON.stringify({
    ...{ user: 'ada@example.com', team: 'platform', today_usd: '12.30', today_ends_in: 7 * HOUR, budget: BUDGET },
    ...{ evaluated_seconds_ago: 2, as_of: '2026-11-20T12:00:00.000Z', age_seconds: 3, ...more },
  });

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-statusline-'));
/** As it is installed. */
export const STATUSLINE = join(folder, 'statusline.sh');
writeFileSync(STATUSLINE, readScript('statusline.sh'));
export const removeScript = (): void => rmSync(folder, { recursive: true });

const WANTED_AWKS = ['mawk', 'gawk', 'original-awk', 'busybox'];
const find = (name: string): string | undefined =>
  PATH.split(delimiter)
    .map((place) => join(place, name))
    .find((file) => existsSync(file));
/** The kinds of awk of this machine, each as a folder in which `awk` is that one. */
const AWKS: readonly (readonly [name: string, folder: string])[] = WANTED_AWKS.flatMap((name) => {
  const file = find(name);
  if (file === undefined) return [];
  const own = join(folder, name);
  mkdirSync(own);
  symlinkSync(file, join(own, 'awk'));
  return [[name, own] as const];
});

/** Each kind of awk in the usual shell, and each shell with the usual awk. */
export const SURROUNDINGS: readonly (readonly [name: string, Pick<Drawn, 'shell' | 'awk'>])[] = [
  ...AWKS.map(([name, awk]) => [name, { awk }] as const),
  ...DISTINCT_SHELLS.map((shell) => [shell.join(' '), { shell }] as const),
];

export interface Drawn {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly shell?: Shell;
  /** A folder of AWKS. */
  readonly awk?: string;
}

const environment = ({ env = {}, awk }: Drawn): Record<string, string> => ({
  PATH: [...(awk === undefined ? [] : [awk]), PATH].join(delimiter),
  ...env,
});

export const draw = (input: string, drawn: Drawn = {}): Promise<Ended> =>
  runScript(STATUSLINE, drawn.args ?? [], input, { shell: drawn.shell ?? ['sh'], env: environment(drawn) });

/** For input that is no text. */
export function drawBytes(input: Buffer, drawn: Drawn): Buffer {
  const [shell, ...options] = drawn.shell ?? ['sh'];
  return execFileSync(shell, [...options, STATUSLINE, ...(drawn.args ?? [])], { input, env: environment(drawn) });
}

/** A folder for the collector's answer. */
export class StatuslineCache {
  readonly folder = mkdtempSync(join(tmpdir(), 'ledgerline-statusline-cache-'));
  readonly own = join(this.folder, 'statusline');

  get files(): string[] {
    return readdirSync(this.own).sort();
  }

  read(name: string): string {
    return readFileSync(join(this.own, name), 'utf8');
  }

  /** Until the answer is here, and is not the one that was. */
  arrived(before = ''): Promise<string> {
    return waitFor('an answer in the cache', () => this.read('answer'), { until: (text) => text !== before });
  }

  /** As if everything in it had been written so many seconds earlier. */
  age(seconds: number): void {
    for (const name of this.files) {
      const [, stamp = '', rest = ''] = /^(\d+)([\s\S]*)$/.exec(this.read(name)) ?? [];
      writeFileSync(join(this.own, name), `${Number(stamp) - seconds}${rest}`);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
