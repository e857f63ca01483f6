/** Requests for more budget, for the documents of the API. */
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { ROUTES } from '../catalog/names.ts';
import { requestSchema } from '../query/request-answers.ts';
import { json, ok } from './document-parts.ts';

export const byShape = z
  .union([z.string(), z.number()])
  .describe('USD as a decimal string, or a whole number of tokens for a budget of tokens.')
  .meta({ examples: ['200.00'] });
export const whyShape = z
  .string()
  .max(500)
  .meta({ examples: ['release week'] });

const requestBody = z.strictObject({
  budget: z.string().optional().describe('Name or key. Default: the only budget that binds the user, else the only one that is stopped.'),
  by: byShape,
  until: z.iso.date().optional().describe('Last day of the raise, in the time zone of the budget. Default: the last day of its period.'),
  why: whyShape,
  user: z.string().optional().describe('Only where no token is needed: who asks.'),
});
const idInPath = z.object({
  id: z
    .string()
    .describe('Number of the request.')
    .meta({ examples: ['12'] }),
});

/** `change` is for those that an approver makes. */
export const requestPaths = (
  failures: ZodOpenApiResponsesObject,
  change: (operation: ZodOpenApiOperationObject) => ZodOpenApiOperationObject,
): ZodOpenApiPathsObject => ({
  [ROUTES.myRequests]: {
    post: {
      operationId: 'request_budget',
      summary: 'Asks for more of a budget that binds the user of the token.',
      description: 'Also with a token that only sends. Approvers are notified; the request expires when nobody answers.',
      requestBody: { required: true, content: json(requestBody) },
      responses: { '201': ok(requestSchema), ...failures },
    },
  },
  [`${ROUTES.myRequests}/{id}`]: {
    delete: {
      operationId: 'withdraw_budget_request',
      summary: 'Withdraws a request of the user of the token.',
      requestParams: { path: idInPath },
      responses: { '200': ok(requestSchema), ...failures },
    },
  },
  [`${ROUTES.budgetRequests}/{id}/approve`]: {
    post: change({
      operationId: 'approve_budget_request',
      summary: 'Raises the budget by what was asked, or by another amount. Once.',
      requestParams: { path: idInPath },
      requestBody: { required: true, content: json(z.strictObject({ by: byShape.optional() })) },
      responses: { '200': ok(requestSchema) },
    }),
  },
  [`${ROUTES.budgetRequests}/{id}/deny`]: {
    post: change({
      operationId: 'deny_budget_request',
      summary: 'Denies a request, with a reason that its user reads.',
      requestParams: { path: idInPath },
      requestBody: { required: true, content: json(z.strictObject({ why: whyShape })) },
      responses: { '200': ok(requestSchema) },
    }),
  },
});
