/** The demo's organization: who works where, when, with which client and how. Decided by the seed alone. */
import { DAY_MS } from '../core/duration.ts';
import type { Family } from './models.ts';
import { Random } from './random.ts';

export interface Person {
  readonly index: number;
  readonly name: string;
  /** '' for those that nobody has put into a team. */
  readonly team: string;
  readonly department: string;
  readonly costCenter: string;
  readonly zone: string;
  readonly repositories: readonly [string, ...string[]];
  readonly terminal: string;
  readonly entrypoint: string;
  /** How the client signs in: OAuth knows the e-mail, an API key only an installation id. */
  readonly signIn: 'oauth' | 'api_key' | 'api_key_with_enduser';
  readonly provider: 'firstParty' | 'bedrock';
  readonly temporality: 'delta' | 'cumulative';
  /** Stays on this client version; '' follows the releases. */
  readonly pinnedVersion: string;
  readonly family: Family;
  /** Does the metric name the model with its 1M-context suffix? */
  readonly longContext: boolean;
  /** Median number of requests on a working day. */
  readonly diligence: number;
  /** Share of working days on which Claude Code is used at all. */
  readonly habit: number;
  readonly accountUuid: string;
  readonly installationId: string;
}

interface Team {
  readonly team: string;
  readonly department: string;
  readonly costCenter: string;
  readonly zone: string;
  readonly repositories: readonly [string, ...string[]];
}

const TEAMS: readonly [Team, ...Team[]] = [
  { team: 'platform', department: 'engineering', costCenter: 'eng-100', zone: 'Europe/Berlin', repositories: ['acme-api', 'acme-infra'] },
  { team: 'payments', department: 'engineering', costCenter: 'eng-110', zone: 'Europe/London', repositories: ['payments-core', 'acme-api'] },
  { team: 'mobile', department: 'engineering', costCenter: 'eng-120', zone: 'America/New_York', repositories: ['acme-ios', 'acme-android'] },
  { team: 'search', department: 'engineering', costCenter: 'eng-130', zone: 'America/Los_Angeles', repositories: ['search-index'] },
  { team: 'data', department: 'data', costCenter: 'dat-200', zone: 'Asia/Kolkata', repositories: ['warehouse', 'forecasts'] },
  { team: 'web', department: 'engineering', costCenter: 'eng-140', zone: 'Asia/Tokyo', repositories: ['acme-web', 'design-system'] },
];
const NAMES =
  'ada ben cleo dan eva finn gia hugo ines jon kira leo mia noor omar pia quinn rosa sami tess uma vito wren xenia yara zane amir bea carl dora eli fay gus hana ivo june kai lena milo nell'.split(
    ' ',
  );
const EVERY_NTH_WITHOUT_TEAM = 13;

/** `count` people; the first forty are the same whatever the count is. */
export function organization(seed: string, count: number): Person[] {
  return Array.from({ length: count }, (_, index) => person(seed, index));
}

function person(seed: string, index: number): Person {
  const random = new Random(seed, 'person', index);
  const home = TEAMS[index % TEAMS.length] ?? TEAMS[0];
  const nobody = index % EVERY_NTH_WITHOUT_TEAM === EVERY_NTH_WITHOUT_TEAM - 1;
  const name = NAMES[index % NAMES.length] ?? 'dev';
  return {
    index,
    name: index < NAMES.length ? name : `${name}${Math.floor(index / NAMES.length)}`,
    team: nobody ? '' : home.team,
    department: nobody ? '' : home.department,
    costCenter: nobody ? '' : home.costCenter,
    zone: home.zone,
    repositories: home.repositories,
    terminal: random.pick(['iTerm.app', 'vscode', 'cursor', 'tmux', 'WarpTerminal', 'windows-terminal']),
    entrypoint: random.weighted([
      ['cli', 8],
      ['claude-vscode', 3],
      ['sdk-ts', 1],
    ]),
    signIn: index % 10 === 8 ? 'api_key_with_enduser' : index % 20 === 19 ? 'api_key' : 'oauth',
    provider: index % 20 === 5 ? 'bedrock' : 'firstParty',
    temporality: index % 16 === 9 ? 'cumulative' : 'delta',
    pinnedVersion: index === 17 ? '2.0.76' : index === 28 ? '2.1.120' : '',
    family: random.weighted([
      ['opus', 11],
      ['sonnet', 8],
      ['fable', 1],
    ]),
    longContext: random.chance(0.15),
    diligence: random.around(36, 0.45),
    habit: 0.45 + random.next() * 0.5,
    accountUuid: random.uuid(),
    installationId: random.hex(64),
  };
}

/** Client releases, newest first, with the first day anybody has them. */
const VERSIONS: readonly (readonly [string, string])[] = [
  ['2026-11-16', '2.1.329'],
  ['2026-10-09', '2.1.295'],
  ['2026-09-24', '2.1.280'],
  ['', '2.1.248'],
];

/** The client's version on a day. People update within a few days of a release. */
export function versionOn(who: Person, day: string): string {
  if (who.pinnedVersion !== '') return who.pinnedVersion;
  const late = new Date(Date.parse(day) - (who.index % 5) * DAY_MS).toISOString().slice(0, 10);
  return VERSIONS.find(([from]) => late >= from)?.[1] ?? '2.1.248';
}

/** Numbers of a version, for comparing: 2.1.329 is 2_001_329. */
export function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major * 1_000_000 + minor * 1000 + patch;
}
