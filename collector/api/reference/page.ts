/** The API's reference as one page of HTML, made from its OpenAPI document: no script of its own, and nothing from elsewhere. */
import { ROUTES } from '../../catalog/names.ts';
import { PROBLEMS } from '../problem.ts';
import { textPage } from '../text-page.ts';
import { type ApiDocument, jsonOf, type Operation, type Schema } from './document.ts';
import { exampleOf } from './example.ts';
import { fieldList, parameterList } from './fields.ts';
import { code, escapeHtml, inline, prose } from './html.ts';

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const entriesOf = ({ paths }: ApiDocument): readonly Entry[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

export function referencePage(document: ApiDocument): string {
  const entries = entriesOf(document);
  return textPage({
    title: 'REST API',
    contents: contents(entries),
    main: `<h1>REST API</h1>
        ${prose(document.info.description)}
        <p>For programs: <a href="${ROUTES.openapi}">${ROUTES.openapi}</a> (OpenAPI 3.1).</p>
        ${entries.map((entry) => article(entry, document)).join('\n        ')}
        ${problems(document)}`,
  });
}

function contents(entries: readonly Entry[]): string {
  const group = (title: string, some: readonly Entry[]): string =>
    `<h2>${title}</h2><ul>${some.map(({ operation }) => `<li><a href="#${operation.operationId}">${escapeHtml(nameOf(operation))}</a></li>`).join('')}</ul>`;
  const reads = entries.filter(({ method }) => method === 'GET');
  const changes = entries.filter(({ method }) => method !== 'GET');
  return `${group('Questions', reads)}${group('Changes', changes)}<h2>Problems</h2><ul><li><a href="#problems">All kinds</a></li></ul>`;
}

/** Of operations with an id that is no name in sentence case. */
const NAMES: Readonly<Record<string, string>> = { openapi: 'OpenAPI', me: 'Who asks', alive: 'Liveness', ready: 'Readiness' };

const nameOf = ({ operationId: id }: Operation): string => NAMES[id] ?? id.charAt(0).toUpperCase() + id.slice(1).replaceAll('_', ' ');

function article({ method, path, operation }: Entry, document: ApiDocument): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const body = requestBody === undefined ? undefined : jsonOf(requestBody);
  const answer = Object.entries(responses).flatMap(([status, response]) => {
    const schema = jsonOf(response);
    return Number(status) < 300 && schema !== undefined ? [schema] : [];
  })[0];
  return `<article class="card" id="${operationId}">
          <h2>${escapeHtml(nameOf(operation))}</h2>
          <p class="route"><span class="method">${method}</span> ${code(path)}</p>
          ${prose(description === undefined ? summary : `${summary}\n${description}`)}
          ${tryIt({ method, path, operation })}
          <h3>Parameters</h3>
          ${parameterList(parameters, document)}
          ${body === undefined ? '' : `<h3>Body</h3>${fieldList(body, document)}${example(body, document, 'Example body')}`}
          ${answer === undefined ? '' : `<details><summary>Fields of the answer</summary>${fieldList(answer, document)}</details>${example(answer, document, 'Example answer')}`}
        </article>`;
}

const example = (schema: Schema, document: ApiDocument, title: string): string =>
  `<details><summary>${title}</summary><pre tabindex="0"><code>${escapeHtml(JSON.stringify(exampleOf(schema, document), null, 2))}</code></pre></details>`;

/** Parameters that show what a question is good for. */
const TYPICAL = ['by', 'period', 'pilot', 'users'];

/** Of what may be given several times, the example of one. */
const firstOf = ({ examples, items }: Schema): unknown => examples?.[0] ?? items?.examples?.[0];

/** With the examples of what stands in the path. */
function tryIt({ method, path, operation: { parameters = [] } }: Entry): string {
  if (method !== 'GET') return '';
  const values = new Map(parameters.filter(({ in: place }) => place === 'path').map(({ name, schema }) => [name, schema.examples?.[0]]));
  if ([...values.values()].some((value) => value === undefined)) return '';
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  // A dimension with values of its own makes no sense alone.
  const shownOff = parameters.some(({ name }) => name === 'values') ? ['period'] : TYPICAL;
  const typical = parameters.filter(({ in: place, name, schema }) => place === 'query' && shownOff.includes(name) && firstOf(schema) !== undefined);
  const query = new URLSearchParams(typical.map(({ name, schema }) => [name, String(firstOf(schema))])).toString().replaceAll('%2C', ',');
  const link = query === '' ? address : `${address}?${query}`;
  return `<p><a href="${escapeHtml(link)}">Try it: ${escapeHtml(link)}</a></p>`;
}

function problems(document: ApiDocument): string {
  const schema = document.components.schemas.Problem;
  const kinds = Object.entries(PROBLEMS).map(
    ([kind, { status, title }]) => `<li id="problem-${kind}">${code(kind)} <span class="type">${status}</span><div>${inline(title)}</div></li>`,
  );
  return `<article class="card" id="problems">
          <h2>Problems</h2>
          <p>What fails is answered with <code>application/problem+json</code> (RFC 9457).</p>
          <ul class="fields">${kinds.join('')}</ul>
          ${schema === undefined ? '' : `<h3>Fields</h3>${fieldList(schema, document)}`}
        </article>`;
}
