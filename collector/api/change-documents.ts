/** What else than questions the API answers, for its documents: changes, health, and the documents themselves. */
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { ROUTES } from '../catalog/names.ts';
import { budgetSchema } from '../config/budgets.ts';
import { ageSchema } from '../query/answer-schemas.ts';
import { raiseSchema, statusSchema } from '../query/budget-answers.ts';
import { closedMonthSchema } from './closed-months.ts';
import { correctionPaths } from './correction-documents.ts';
import { json, ok } from './document-parts.ts';
import { byShape, requestPaths, whyShape } from './request-documents.ts';

const keyInPath = z.object({
  key: z
    .string()
    .describe('A name, or name/member for one member of a budget per member, percent-encoded.')
    .meta({ examples: ['platform'] }),
});
const raiseBody = z.strictObject({
  by: byShape,
  until: z.iso
    .date()
    .describe('Last day on which it holds, in the time zone of the budget.')
    .meta({ examples: ['2026-11-30'] }),
  why: whyShape,
});

const erasureBody = z.strictObject({
  users: z
    .array(z.string())
    .min(1)
    .max(100)
    .describe('Names of one user.')
    .meta({ examples: [['ada@example.com']] }),
  remember: z.boolean().optional().describe('Book later records under the pseudonym. Default: true.'),
  dry_run: z.boolean().optional().describe('Change nothing. Default: false.'),
});
const rows = z.number().int().describe('Rows that held a name.');
const mergeBody = z.strictObject({
  alias: z.string().describe('The name that goes.'),
  user: z.string().describe('The user that it is.'),
  dry_run: z.boolean().optional().describe('Changes nothing; the answer says what would be.'),
});

const mergeAnswer = z.object({
  alias: z.string(),
  user: z.string(),
  ...{ combinations: rows, values: rows, sessions: rows, budgets: rows, alerts: rows, messages: rows },
});

const erasureAnswer = z
  .object({
    pseudonym: z.string(),
    names: z.array(z.string()).describe('Those given, and other names under which only sessions of the same user reported.'),
    ...{
      combinations: rows,
      values: rows,
      sessions: rows,
      links: rows,
      budgets: rows,
      alerts: rows,
      messages: rows,
      statements: rows,
      directory: rows,
    },
    isInConfiguration: z.boolean().describe('The configuration names the user, which nothing but its author changes.'),
  })
  .meta({ id: 'Erasure' });

/** By path and method. `failures` are added to each; `key` is the security of who may change something. */
export function otherPaths(failures: ZodOpenApiResponsesObject): ZodOpenApiPathsObject {
  const change = (operation: ZodOpenApiOperationObject): ZodOpenApiOperationObject => ({
    ...operation,
    description:
      `${operation.description ?? ''} Needs an admin token where there are tokens, else a request from the machine of the collector.`.trim(),
    responses: { ...operation.responses, ...failures },
  });
  const health = z.object({ status: z.string(), detail: z.string(), ...ageSchema }).meta({ id: 'Readiness' });
  return {
    ...budgetPaths(change),
    ...requestPaths(failures, change),
    ...ledgerPaths(change),
    [ROUTES.openapi]: {
      get: {
        operationId: 'openapi',
        summary: 'This document.',
        responses: { '200': ok(z.record(z.string(), z.unknown())), ...failures },
      },
    },
    [ROUTES.alive]: {
      get: {
        operationId: 'alive',
        summary: 'Is the process alive?',
        security: [],
        responses: { '200': ok(z.object({ status: z.literal('ok') })) },
      },
    },
    [ROUTES.ready]: {
      get: {
        operationId: 'ready',
        summary: 'Can telemetry be taken, and how old are the figures?',
        security: [],
        responses: { '200': ok(health, 'Ready.'), '503': ok(health, 'Not ready.') },
      },
    },
  };
}

type Change = (operation: ZodOpenApiOperationObject) => ZodOpenApiOperationObject;

const budgetPaths = (change: Change): ZodOpenApiPathsObject => ({
  [`${ROUTES.budgets}/{key}`]: {
    put: change({
      operationId: 'set_budget',
      summary: 'Sets a budget: makes it, or replaces it.',
      requestParams: { path: keyInPath },
      requestBody: { required: true, content: json(budgetSchema.partial({ name: true }).meta({ id: 'BudgetConfiguration' })) },
      responses: { '200': ok(z.object({ budget: z.unknown(), status: z.array(statusSchema) })) },
    }),
    delete: change({
      operationId: 'remove_budget',
      summary: 'Removes a budget that was set over the API.',
      requestParams: { path: keyInPath },
      responses: { '204': { description: 'It is removed.' } },
    }),
  },
  [`${ROUTES.budgets}/{key}/raises`]: {
    post: change({
      operationId: 'raise_budget',
      summary: 'Raises the amount of a budget for a time.',
      requestParams: { path: keyInPath },
      requestBody: { required: true, content: json(raiseBody) },
      responses: { '201': ok(raiseSchema) },
    }),
  },
});

const ledgerPaths = (change: Change): ZodOpenApiPathsObject => ({
  [ROUTES.erasures]: {
    post: change({
      operationId: 'erase_user',
      summary: 'Takes a user out of everything that is kept.',
      requestBody: { required: true, content: json(erasureBody) },
      responses: { '200': ok(erasureAnswer) },
    }),
  },
  [ROUTES.merges]: {
    post: change({
      operationId: 'merge_users',
      summary: 'Books what is under another name of a user on the user.',
      requestBody: { required: true, content: json(mergeBody) },
      responses: { '200': ok(mergeAnswer) },
    }),
  },
  ...correctionPaths(change),
  [ROUTES.closedMonths]: {
    post: change({
      operationId: 'close_month',
      summary: 'Closes a month: its figures stay, and what comes for it later is posted in the open month.',
      requestBody: { required: true, content: json(z.strictObject({ month: z.string().meta({ examples: ['2026-10'] }) })) },
      responses: { '200': ok(closedMonthSchema) },
    }),
  },
});
