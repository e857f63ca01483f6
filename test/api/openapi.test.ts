/** The OpenAPI document says what the API does, and all of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ALL_QUESTIONS, createApi } from '../../collector/api/api.ts';
import { openApiDocument } from '../../collector/api/openapi.ts';
import { routeOf } from '../../collector/api/questions.ts';
import type { ApiDocument, Operation, Schema } from '../../collector/api/reference/document.ts';
import { complaintsOf } from './answer-schema.ts';
import { fillApi } from './filled.ts';
import type { TestApi } from './support.ts';

// Of our own schemas, and held to the strict form of the document: what is not declared is a failure.
const document = openApiDocument(ALL_QUESTIONS, { isStrict: true }) as unknown as ApiDocument;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation, name: `${method} ${path}` })),
);
/** Exports are files, see test/exports. */
const reads = operations.filter(({ method, operation }) => method === 'get' && operation.operationId !== 'export');

let api: TestApi;
beforeAll(async () => {
  api = await fillApi();
});
afterAll(() => api.stop());

const complaints = (schema: Schema | undefined, answer: unknown): string[] => complaintsOf(schema, answer, document);

describe('the document', () => {
  test('has an id of its own for each operation, and one template for each path', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids).toEqual([...new Set(ids)]);
    const templates = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    expect(templates).toEqual([...new Set(templates)]);
  });

  test('describes every operation, parameter and component of an answer', () => {
    const parameters = operations.flatMap(({ name, operation }) =>
      (operation.parameters ?? []).map((parameter) => ({ ...parameter, name: `${name} ${parameter.name}` })),
    );
    const silent = parameters.filter(({ schema }) => (schema.description ?? schema.items?.description ?? '') === '');
    expect(silent.map(({ name }) => name)).toEqual([]);
    const sentence = /^[A-Z'].*[.?]$/s;
    expect(operations.filter(({ operation }) => !sentence.test(operation.summary)).map(({ name }) => name)).toEqual([]);
  });

  const SAYS = ['examples', 'enum', 'default', 'pattern', 'minimum'] as const;
  test('shows of every parameter what may be given', () => {
    const vague = operations.flatMap(({ name, operation }) =>
      (operation.parameters ?? [])
        .filter(({ schema }) => [schema, schema.items].every((one) => SAYS.every((keyword) => one?.[keyword] === undefined)))
        .map((parameter) => `${name}: ${parameter.name}`),
    );
    expect(vague).toEqual([]);
  });

  test('is served, as it is committed, and may be kept', async () => {
    const { body, headers } = await api.get('/api/v1/openapi.json');
    expect(body).toEqual(JSON.parse(JSON.stringify(openApiDocument(ALL_QUESTIONS))));
    const again = await api.get('/api/v1/openapi.json', { 'if-none-match': headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });
});

interface Layer {
  readonly route?: { readonly path: string | readonly string[]; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** "get /api/v1/spend", whatever router it stands in: none is mounted below a path. */
function routesOf(stack: readonly Layer[]): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return routesOf(handle.stack ?? []);
    return [route.path].flat().flatMap((path) => Object.keys(route.methods).map((method) => `${method} ${path}`));
  });
}

describe('routes', () => {
  const OTHERS = [
    /^get \/$/,
    /^get \/boards\/:id$/,
    /^get \/sessions(?:\/:id)?$/,
    /^get \/assets\//,
    /^get \/docs\/api$/,
    /^get \/runbooks/,
    /^post \/mcp$/,
  ];
  /** Answered by the front, see health.ts. */
  const HEALTH = ['get /healthz', 'get /readyz'];

  test('are all in the document, and the reverse', () => {
    const app = createApi({ ...api.options, log: () => undefined }) as unknown as { readonly router: { readonly stack: readonly Layer[] } };
    const routes = [...new Set(routesOf(app.router.stack))].filter((route) => !OTHERS.some((other) => other.test(route)));
    // A change names the same budget otherwise than the question does.
    const alike = (route: string): string => route.replaceAll(/:\w+/g, ':x');
    const documented = operations
      .map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
      .filter((name) => !HEALTH.includes(name));
    expect([...new Set(routes.map(alike))].sort()).toEqual(documented.map(alike).sort());
    expect(ALL_QUESTIONS.map((question) => `get ${routeOf(question)}`).every((route) => routes.includes(route))).toBe(true);
  });
});

/** Names that are only in this ledger. */
const HERE: Readonly<Record<string, string>> = { session: 'session-1' };

/** With the examples of what stands in the path. */
function addressOf(path: string, { parameters = [] }: Operation): string {
  const values = new Map(
    parameters.filter(({ in: place }) => place === 'path').map(({ name, schema }) => [name, HERE[name] ?? String(schema.examples?.[0])]),
  );
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values.get(name) ?? name));
}

/** What is given where no example fits alone. */
const OWN: Readonly<Record<string, string>> = {
  my_budget: 'user=ada@example.com',
  statusline: 'user=ada@example.com',
  forecast_rollout: 'pilot=team:platform&users=400',
};

/** What a parameter does not make sense without. */
const BESIDE: Readonly<Record<string, string>> = { 'compare by': 'values=all', 'compare values': 'by=workspace' };

describe.each(reads)('$name', ({ path, operation }) => {
  const schemaOf = (status: number): Schema | undefined => operation.responses[status]?.content?.['application/json']?.schema;
  const ask = async (query: string): Promise<string[]> => {
    const { status, text } = await api.get(`${addressOf(path, operation)}?${query}`);
    if (status !== 200) return [`${status} ${query}: ${text}`];
    return complaints(schemaOf(200), JSON.parse(text)).map((complaint) => `${query}: ${complaint}`);
  };

  test('answers as the schema says', async () => {
    expect(await ask(OWN[operation.operationId] ?? '')).toEqual([]);
  });

  const parameters = (operation.parameters ?? []).filter(({ in: place }) => place === 'query');
  const isOfTime = (name: string): boolean => ['from', 'to', 'since', 'until', 'period', 'month'].includes(name);
  const own = new URLSearchParams(OWN[operation.operationId]);

  test('accepts every declared parameter, with its examples and its words', async () => {
    const wrong: string[] = [];
    for (const { name, schema, explode } of parameters) {
      const one = explode === false ? schema : (schema.items ?? schema);
      for (const value of HERE[name] !== undefined
        ? [HERE[name]]
        : [...(one.examples ?? []), ...(one.enum ?? []), ...(one.default === undefined ? [] : [one.default])]) {
        if (name === 'format' && value === 'csv') continue;
        const given = new URLSearchParams([...own, ...new URLSearchParams(BESIDE[`${operation.operationId} ${name}`])]);
        given.set(name, String(value));
        wrong.push(...(await ask(given.toString())));
      }
    }
    expect(wrong).toEqual([]);
  });

  test('accepts no other', async () => {
    const { status, text } = await api.get(`${addressOf(path, operation)}?zzz=1`);
    if (path.startsWith('/api/v1/openapi') || !path.startsWith('/api')) return expect(status).toBe(200);
    const { hint = '', parameter } = JSON.parse(text) as { hint?: string; parameter?: string };
    expect({ status, parameter }).toEqual({ status: 400, parameter: 'zzz' });
    const allowed = hint.replace(/^.*Allowed: |\.$/g, '');
    expect(allowed === 'none' ? [] : allowed.split(', ').sort()).toEqual(parameters.map(({ name }) => name).sort());
    expect(parameters.filter(({ name }) => isOfTime(name)).length).not.toBe(1);
  });
});

test('a problem is as its schema says', async () => {
  for (const path of ['/api/v1/spend?by=teem', '/api/v1/nothing', '/api/v1/boards/x']) {
    const { text } = await api.get(path);
    expect(complaints({ $ref: '#/components/schemas/Problem' }, JSON.parse(text))).toEqual([]);
  }
});
