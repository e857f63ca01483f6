/** SCIM 2.0 at /scim/v2: an identity provider keeps users and groups of the directory. With a token of the role scim, and no other. */
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import SCIMMY from 'scimmy';
import { ROUTES } from '../../catalog/names.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { DirectoryStore, ScimKind, ScimResources } from '../../directory/store.ts';
import type { Authenticator } from '../../server/auth.ts';
import { authenticateProgram, type ReaderGate } from '../../server/reader-gate.ts';
import { readJson, SCIM_BODY_MAX } from '../json-body.ts';
import { PROBLEMS } from '../problem.ts';
import { declareResources, PAGE_MAX, type ScimChangeContext, tagOf } from './resources.ts';

const TYPE = 'application/scim+json';
const ENDPOINTS: Readonly<Record<string, ScimKind>> = { Users: 'User', Groups: 'Group' };

export interface ScimOptions {
  /** Omitted: there is no feed of SCIM, and no route. */
  readonly directoryStore?: DirectoryStore | undefined;
  readonly authenticate?: Authenticator | undefined;
  readonly now: () => number;
}

export function scimRoutes({ directoryStore: store, authenticate, now }: ScimOptions, gate: ReaderGate): Router {
  const router = express.Router();
  if (store === undefined) return router;
  declareResources();
  /** Whatever the request is checked against still holds when it is carried out. */
  const changing = <Answer>(work: (context: ScimChangeContext) => Promise<Answer>): Promise<Answer> =>
    store.changing((change) => work({ store: change, nowMs: now() }));
  router.use(ROUTES.scim, (request, _response, next) => {
    if (authenticate === undefined) throw new LedgerlineError('forbidden', 'SCIM needs a token with the role scim.');
    authenticateProgram(authenticate, request, 'scim');
    next();
  });
  for (const Discovery of [SCIMMY.Resources.ServiceProviderConfig, SCIMMY.Resources.ResourceType, SCIMMY.Resources.Schema]) {
    router.get(`${ROUTES.scim}${Discovery.endpoint}{/:id}`, async (request, response) => {
      const id = idOf(request);
      send(response, 200, await (id === '' ? new Discovery() : new Discovery(id)).read());
    });
  }
  for (const [endpoint, kind] of Object.entries(ENDPOINTS)) {
    const path = `${ROUTES.scim}/${endpoint}`;
    router.get(path, async (request, response) => send(response, 200, await resourceOf(kind, request).read({ store })));
    router.post(path, async (request, response) => {
      const body = await bodyOf(request);
      const made: Shown = await changing(async (context) => resourceOf(kind, request).write(body, context));
      response.set('Location', String(made.meta.location));
      sendResource(response, 201, made);
    });
    router.get(`${path}/:id`, async (request, response) => {
      const read = one(await resourceOf(kind, request).read({ store }));
      if (request.get('if-none-match') === read.meta.version) response.set('ETag', read.meta.version).status(304).end();
      else sendResource(response, 200, read);
    });
    router.put(`${path}/:id`, async (request, response) => {
      const body = await bodyOf(request);
      const put: Shown = await changing(async (context) => {
        await refuseChanged(kind, request, context.store);
        return resourceOf(kind, request).write(body, context);
      });
      sendResource(response, 200, put);
    });
    router.patch(`${path}/:id`, async (request, response) => {
      const body = await bodyOf(request);
      const patched = await changing(async (context) => {
        await refuseChanged(kind, request, context.store);
        // What changes nothing is answered as it is.
        return (await resourceOf(kind, request).patch(body, context)) ?? one(await resourceOf(kind, request).read(context));
      });
      sendResource(response, 200, patched);
    });
    router.delete(`${path}/:id`, async (request, response) => {
      await changing(async (context) => {
        await refuseChanged(kind, request, context.store);
        await resourceOf(kind, request).dispose(context);
      });
      response.status(204).end();
    });
  }
  router.use(ROUTES.scim, (request) => {
    throw new LedgerlineError('not_found', `There is nothing at ${request.originalUrl.slice(0, 80)}.`);
  });
  router.use(ROUTES.scim, (error: unknown, request: Request, response: Response, _next: NextFunction) =>
    gate.answerTo(error, request).then((answer) => sendError(response, answer)),
  );
  return router;
}

interface Shown {
  readonly meta: { readonly version?: string; readonly location?: unknown };
}

/** By its id it is never a list. */
const one = (read: object): Shown => read as Shown;

const idOf = (request: Request): string => (typeof request.params.id === 'string' ? request.params.id : '');

const bodyOf = (request: Request): Promise<never> => readJson(request, { type: TYPE, bytesMax: SCIM_BODY_MAX }) as Promise<never>; // scimmy looks at what it is

/** Parameters that scimmy knows, as it wants them. */
function resourceOf(kind: ScimKind, request: Request) {
  const given = new URL(request.originalUrl, 'http://localhost').searchParams;
  const text = (name: string) => (given.has(name) ? { [name]: given.get(name) ?? '' } : {});
  const count = (name: string, max: number) =>
    given.has(name) ? { [name]: Math.min(Math.max(Math.trunc(Number(given.get(name)) || 0), 0), max) } : {};
  const config = {
    ...{ ...text('filter'), ...text('attributes'), ...text('excludedAttributes'), ...text('sortBy'), ...text('sortOrder') },
    ...{ ...count('startIndex', Number.MAX_SAFE_INTEGER), count: PAGE_MAX, ...count('count', PAGE_MAX) },
  };
  const id = idOf(request);
  const Kind = SCIMMY.Resources[kind];
  // Without an id the configuration stands in its place.
  return id === '' ? new Kind(config as never) : new Kind(id, config);
}

/** If-Match: of what was changed meanwhile nothing is overwritten. */
async function refuseChanged(kind: ScimKind, request: Request, store: ScimResources): Promise<void> {
  const wanted = request.get('if-match');
  const resource = await store.resource(kind, idOf(request));
  if (wanted !== undefined && wanted !== '*' && resource !== undefined && !wanted.includes(tagOf(resource))) {
    throw new SCIMMY.Types.Error(412, '', 'The resource has changed');
  }
}

function sendResource(response: Response, status: number, resource: Shown): void {
  if (resource.meta.version !== undefined) response.set('ETag', resource.meta.version);
  send(response, status, resource);
}

const send = (response: Response, status: number, body: unknown): void => void response.status(status).type(TYPE).send(JSON.stringify(body));

/** scimmy's errors say their status; ours say it by their code. */
function sendError(response: Response, error: unknown): void {
  const { status, scimType, message } = error instanceof SCIMMY.Types.Error ? error : asScim(LedgerlineError.from(error));
  send(response, status, new SCIMMY.Messages.Error({ status, scimType, message } as never)); // the type lacks what its constructor reads
}

const asScim = (error: LedgerlineError) => ({ status: PROBLEMS[error.code].status, scimType: undefined, message: error.message });
