/** The one HTML document of the built-in page: the boards' navigation and the files it loads are put in when the server starts. */
import { BOARDS } from '../../dashboards/boards/index.ts';
import { ROUTES } from '../catalog/names.ts';

/** Not a board, but it stands among them. */
const SESSION_LIST = { id: 'session-list', path: '/sessions', title: 'All sessions' };

interface Link {
  readonly path: string;
  readonly title: string;
}

/** Who asks what, in the order of the navigation. A board that is in no group stands in the last one. */
const GROUPS: readonly (readonly [title: string, boards: readonly string[]])[] = [
  ['Spend', ['overview', 'team', 'developer', 'workspace', 'budgets', 'chargeback', 'reconciliation']],
  ['Usage', ['models', 'features', 'sessions', 'session-list', 'productivity', 'adoption']],
  ['Operations', ['reliability', 'limits', 'clients', 'trust', 'collector']],
];

/** `template` is dashboards/web/index.html; `files` are the addresses of its style sheets and modules; `signInPath` undefined: there is no sign-in. */
export function renderShell(template: string, files: readonly string[], signInPath: string | undefined): string {
  const signIn = signInPath === undefined ? '' : `<meta name="ledgerline-sign-in" content="${escapeHtml(signInPath)}">`;
  return template
    .replace('<!-- sign-in -->', signIn)
    .replace('<!-- files -->', renderFiles(files))
    .replace('<!-- boards -->', groups().map(renderGroup).join('') + REFERENCE);
}

function groups(): readonly { readonly title: string; readonly links: readonly Link[] }[] {
  const grouped = new Set(GROUPS.flatMap(([, ids]) => ids));
  const others = BOARDS.filter(({ id }) => !grouped.has(id)).map(({ id }) => id);
  return GROUPS.map(([title, ids], index) => ({
    title,
    links: [...ids, ...(index === GROUPS.length - 1 ? others : [])].flatMap((id) => {
      if (id === SESSION_LIST.id) return [SESSION_LIST];
      const board = BOARDS.find((candidate) => candidate.id === id);
      return board === undefined ? [] : [{ path: id === 'overview' ? '/' : `/boards/${id}`, title: board.title }];
    }),
  }));
}

/** No board either, and no page of the application: the browser loads it. */
const REFERENCE = `<h2>Programs</h2><ul><li><a href="${ROUTES.reference}">REST API</a></li></ul>`;

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function renderGroup({ title, links }: { readonly title: string; readonly links: readonly Link[] }): string {
  const items = links.map(
    ({ path, title: name }) => `<li><a href="${escapeHtml(path)}" data-place="${escapeHtml(path)}">${escapeHtml(name)}</a></li>`,
  );
  return `<h2>${escapeHtml(title)}</h2><ul>${items.join('')}</ul>`;
}

/** Classic scripts, which the template names, and the module that everything starts from. */
const NOT_PRELOADED = ['/ahead.ts', '/theme.ts', '/app.ts'];

/** Every module is named ahead, so that the browser fetches them together instead of finding them import by import. */
function renderFiles(files: readonly string[]): string {
  const styles = files.filter((path) => path.endsWith('.css')).map((path) => `<link rel="stylesheet" href="${path}">`);
  const modules = files
    .filter((path) => /\.[jt]s$/.test(path) && !NOT_PRELOADED.some((name) => path.endsWith(name)))
    .map((path) => `<link rel="modulepreload" href="${path}">`);
  const start = files.filter((path) => path.endsWith('/app.ts')).map((path) => `<script type="module" src="${path}"></script>`);
  return [...styles, ...modules, ...start].join('\n    ');
}
