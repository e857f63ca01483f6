/** ledgerline connect --check: does an export arrive, and under which name? */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LedgerlineError } from '../../core/error.ts';
import type { MeAnswer } from '../../query/me.ts';
import { EXIT_CONDITION } from '../exit-codes.ts';
import { remoteCollector } from '../source.ts';
import { paint, type Terminal } from '../terminal.ts';
import { valueAt } from './json-text.ts';
import { managedFile } from './places.ts';
import { sendProbe } from './send.ts';
import { readSettings } from './settings-file.ts';
import { checkSettings } from './settings-text.ts';
import { type Env, targetOf } from './target.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** Sets the exit code where something does not arrive. Throws `invalid` for settings that send nothing. */
export async function checkConnection(given: string, terminal: Terminal): Promise<void> {
  const { file, text } = readSettings(given);
  if (text === undefined)
    throw new LedgerlineError('invalid', `There is no ${file}.`, { hint: 'Run `ledgerline connect` with the address of the collector.' });
  checkSettings(text, file);
  const env: Env = { ...terminal.env, ...stringsAt(text, 'env') };
  const helper = valueAt(text, ['otelHeadersHelper']);
  const target = targetOf(env, typeof helper === 'string' ? helper : undefined);
  terminal.err(`Sending a probe to ${target.url.href} over ${target.protocol} …`);
  const id = randomUUID();
  const verdicts = [verdictOf(await sendProbe(target, { id, nowMs: terminal.now() }), { ...target, id }), ...(await askVerdicts(env))];
  for (const verdict of verdicts) terminal.out(lineOf(verdict, terminal));
  const stronger = strongerEndpoint(file, env);
  if (stronger !== undefined) terminal.out(lineOf(stronger, terminal));
  if ([...verdicts, stronger].some((verdict) => verdict?.arrived === false)) process.exitCode = EXIT_CONDITION;
}

const lineOf = ({ arrived, message, remedy }: Verdict, terminal: Terminal): string =>
  [`${paint(terminal, arrived ? 'green' : 'red', arrived ? '✓' : '✗')} ${message}`, ...(remedy === '' ? [] : [`  ${remedy}`])].join('\n');

function stringsAt(text: string, key: string): Env {
  const value = valueAt(text, [key]);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)])) : {};
}

/** What the guard and the status line ask, where they are set up: who the token is. */
async function askVerdicts(env: Env): Promise<readonly Verdict[]> {
  const url = env.LEDGERLINE_URL;
  if (url === undefined) return [];
  try {
    const token =
      env.LEDGERLINE_TOKEN ?? (env.LEDGERLINE_TOKEN_FILE === undefined ? undefined : readFileSync(env.LEDGERLINE_TOKEN_FILE, 'utf8').trim());
    const { name, user } = await remoteCollector(url, undefined, token)<MeAnswer>('/api/v1/me');
    const who = [...(name === null ? [] : [`the credentials "${name}"`]), ...(user === null ? [] : [`the user ${user}`])].join(' and ');
    return [{ arrived: true, message: `The guard and the status line reach ${url}${who === '' ? '' : `, with ${who}`}.`, remedy: '' }];
  } catch (thrown) {
    const { message, hint } = thrown instanceof LedgerlineError ? thrown : new LedgerlineError('invalid', 'LEDGERLINE_TOKEN_FILE cannot be read.');
    return [
      { arrived: false, message: `The guard and the status line do not reach ${url}: ${message}`, remedy: hint.replaceAll('--url', '--api-url') },
    ];
  }
}

/** Managed settings win over those of users. */
function strongerEndpoint(file: string, { OTEL_EXPORTER_OTLP_ENDPOINT: own }: Env): Verdict | undefined {
  const managed = managedFile(process.platform);
  if (file === managed) return undefined;
  try {
    const { text } = readSettings(managed);
    const endpoint = text === undefined ? undefined : valueAt(text, ['env', 'OTEL_EXPORTER_OTLP_ENDPOINT']);
    if (typeof endpoint !== 'string' || endpoint === own) return undefined;
    return {
      arrived: false,
      message: `${managed} has another OTEL_EXPORTER_OTLP_ENDPOINT, which wins.`,
      remedy: 'Connect with --scope managed, or ask whoever administers this machine.',
    };
  } catch {
    return undefined; // Not readable for this user: nothing is known of it.
  }
}
