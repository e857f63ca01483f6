/** What stands on the page when there are no figures: nothing has arrived, nothing matches, something failed, still asking. */
import { clientSettings } from '../../collector/catalog/client-settings.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import { type ApiFailure, rememberToken } from './client.ts';
import { element } from './dom.ts';

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
    'Clients tell the model only of requests: there are no figures of sessions, prompts, lines, commits, tools and active time while a model is chosen.',
  );

export function renderWelcome(receiver: BoardAnswer['receiver']): HTMLElement {
  const settings = settingsFor(receiver, location.hostname);
  const copy = element('button', { type: 'button', class: 'button' }, 'Copy');
  copy.addEventListener('click', () => {
    void navigator.clipboard.writeText(settings).then(() => {
      copy.textContent = 'Copied';
    });
  });
  return element(
    'section',
    { class: 'welcome' },
    element('h1', {}, 'Nothing has arrived yet'),
    element('p', {}, 'The collector is running and waits for telemetry. Three steps, and this page fills by itself:'),
    element(
      'ol',
      {},
      element('li', {}, 'Put this into ', element('code', {}, '~/.claude/settings.json'), ' (or into the managed settings of your organisation):'),
    ),
    element(
      'div',
      { class: 'snippet' },
      element('pre', { tabindex: 0, 'aria-label': 'Settings for Claude Code' }, element('code', {}, settings)),
      copy,
    ),
    element(
      'ol',
      { start: 2 },
      element('li', {}, 'Start a new session: ', element('code', {}, 'claude'), ', and ask it something.'),
      element('li', {}, 'Wait up to a minute. The first events come after five seconds, the first metrics after sixty.'),
    ),
    element(
      'p',
      {},
      'Still nothing? ',
      element('code', {}, 'ledgerline doctor'),
      ' says what is missing. To look around first, stop the collector and run ',
      element('code', {}, 'npm run up -- --demo'),
      '.',
    ),
  );
}

export function renderNoMatch(onReset: () => void): HTMLElement {
  return element(
    'section',
    { class: 'notice' },
    element('p', {}, element('strong', {}, 'Nothing was booked for this choice.'), ' Another time range or fewer filters may show more.'),
    element('button', { type: 'button', class: 'button', click: onReset }, 'Show the running month, unfiltered'),
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
    element('button', { type: 'button', class: 'button', click: isFinal ? onReset : onRetry }, isFinal ? 'Show the running month' : 'Try again'),
  );
}

function renderTokenForm(failure: ApiFailure, onRetry: () => void): HTMLElement {
  const input = element('input', { type: 'password', id: 'token', autocomplete: 'off', required: true });
  const form = element(
    'form',
    { class: 'notice token-form' },
    element('p', {}, element('strong', {}, failure.message), ' Paste a token with the role read or admin; it is kept until this tab is closed.'),
    element('label', { for: 'token' }, 'Token'),
    input,
    element('button', { class: 'button' }, 'Open'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    rememberToken(input.value.trim());
    onRetry();
  });
  return form;
}

/** Empty cards where the figures will be, so that nothing jumps when they come. */
export function renderSkeleton(): HTMLElement {
  const cards = (count: number, size: string): HTMLElement[] =>
    Array.from({ length: count }, () => element('div', { class: `card skeleton ${size}` }));
  return element('div', { class: 'grid', 'aria-label': 'Loading' }, ...cards(4, 'is-stat'), ...cards(2, 'is-half'), ...cards(1, 'is-wide'));
}
