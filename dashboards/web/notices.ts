/** What stands on the page when there are no figures: nothing has arrived, nothing matches, something failed, still asking. */
import { clientSettings } from '../../collector/catalog/client-settings.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import type { FilterHint } from '../../collector/query/known-values.ts';
import type { ApiFailure } from './client.ts';
import { copyButton } from './copy.ts';
import { element } from './dom.ts';
import { rememberToken, tokenProblem } from './token.ts';
import { signInLink, signInPath } from './who.ts';

/** The block that makes Claude Code send to the collector this page came from. */
function settingsFor({ http_port: port, is_tls: isTls, needs_token: needsToken }: BoardAnswer['receiver'], host: string): string {
  // By name, some clients would try IPv6 first, where nothing listens unless it is configured.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  return JSON.stringify(clientSettings({ url: `${isTls ? 'https' : 'http'}://${address}:${port}`, needsToken }), null, 2);
}

/** Why some figures are not there under this filter. */
export const renderModelNote = (): HTMLElement =>
  element(
    'p',
    { class: 'notice' },
    'Clients report the model of requests only. While a model is selected, sessions, prompts, lines, commits, tools and active time have no figures.',
  );

/** A filter that no record matches, mostly a name that is spelt otherwise. */
export const renderHint = ({ message }: FilterHint): HTMLElement => element('p', { class: 'notice', role: 'status' }, message);

/** Nothing was booked, yet somebody sends: what was refused comes before what to set up. */
function renderRefused(findings: NonNullable<BoardAnswer['findings']>): HTMLElement {
  const refused = findings.filter(({ severity }) => severity === 'critical' || severity === 'warning');
  return element(
    'section',
    { class: 'notice is-failure', role: 'alert' },
    ...refused.map(({ message, remedy }) => element('p', {}, element('strong', {}, message), ` ${remedy}`)),
  );
}

export function renderWelcome({ receiver, findings: given }: Pick<BoardAnswer, 'receiver' | 'findings'>): HTMLElement {
  const findings = given ?? [];
  const isRefused = findings.some(({ code }) => code === 'nothing_booked');
  const settings = settingsFor(receiver, location.hostname);
  const snippet = element('code', {}, settings);
  return element(
    'section',
    { class: 'welcome' },
    element('h1', {}, isRefused ? 'Nothing has been booked yet' : 'No telemetry received yet'),
    isRefused && renderRefused(findings),
    element('p', {}, 'The collector is running and waiting for telemetry. After these three steps, this page fills by itself:'),
    element(
      'ol',
      {},
      element('li', {}, 'Add this to ', element('code', {}, '~/.claude/settings.json'), ' (or to the managed settings of your organization):'),
    ),
    element(
      'div',
      { class: 'snippet' },
      element('pre', { tabindex: 0, 'aria-label': 'Settings for Claude Code' }, snippet),
      copyButton(settings, snippet),
    ),
    element(
      'ol',
      { start: 2 },
      element('li', {}, 'Start a new session: ', element('code', {}, 'claude'), ', and send a prompt.'),
      element('li', {}, 'Wait up to a minute. The first events arrive after five seconds, the first metrics after sixty.'),
    ),
    element(
      'p',
      {},
      'Still no data? ',
      element('code', {}, 'ledgerline doctor'),
      ' shows what is missing. To try Ledgerline with made-up data first, stop the collector and run ',
      element('code', {}, 'npm run up -- --demo'),
      '.',
    ),
  );
}

export function renderNoMatch(onReset: () => void): HTMLElement {
  return element(
    'section',
    { class: 'notice' },
    element('p', {}, element('strong', {}, 'No data for this selection.'), ' Try a longer time range or fewer filters.'),
    element('button', { type: 'button', class: 'button', click: onReset }, 'Back to this month, without filters'),
  );
}

export interface WaysOut {
  readonly onRetry: () => void;
  readonly onReset: () => void;
}

export function renderFailure(failure: ApiFailure, { onRetry, onReset }: WaysOut): HTMLElement {
  if (failure.status === 401 || failure.status === 403) return renderTokenForm(failure, onRetry);
  // What was asked is wrong, as in a mistyped address: asking again gives the same answer.
  const isFinal = failure.status === 400;
  return element(
    'section',
    { class: 'notice is-failure', role: 'alert' },
    element('p', {}, element('strong', {}, failure.message), ` ${failure.hint}`),
    element('button', { type: 'button', class: 'button', click: isFinal ? onReset : onRetry }, isFinal ? 'Back to this month' : 'Try again'),
  );
}

const WITH_TOKEN = ' Paste a token with the role read or admin; it is kept until this tab is closed.';

function renderTokenForm(failure: ApiFailure, onRetry: () => void): HTMLElement {
  const path = signInPath();
  const input = element('input', { type: 'password', id: 'token', autocomplete: 'off', required: true });
  const form = element(
    'form',
    { class: 'notice token-form' },
    element(
      'p',
      {},
      element('strong', {}, failure.message),
      path === undefined ? WITH_TOKEN : ` Sign in, or${WITH_TOKEN.replace(' Paste', ' paste')}`,
    ),
    path !== undefined && signInLink(path),
    element('label', { for: 'token' }, 'Token'),
    input,
    element('button', { class: 'button' }, 'Open'),
  );
  // The browser says it, and submits nothing while there is a problem.
  input.addEventListener('input', () => input.setCustomValidity(tokenProblem(input.value.trim())));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    rememberToken(input.value.trim());
    onRetry();
  });
  return form;
}

/** The name of what is on its way, and empty cards where its figures will be, so that nothing jumps when they come. */
export function renderSkeleton(title: string): HTMLElement {
  const cards = (count: number, size: string): HTMLElement[] =>
    Array.from({ length: count }, () => element('div', { class: `card skeleton ${size}` }));
  return element(
    'div',
    { class: 'board is-loading' },
    element('h1', { tabindex: -1 }, title),
    element('p', { class: 'board-about' }, 'Loading …'),
    element('div', { class: 'grid', 'aria-hidden': 'true' }, ...cards(4, 'is-stat'), ...cards(2, 'is-half'), ...cards(1, 'is-wide')),
  );
}
