/** Adjustments and repricings, for the API's documents. */
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { ROUTES } from '../catalog/names.ts';
import { historyAnswer, historySchema } from '../query/history-request.ts';
import { repricingBody, repricingsSchema } from '../query/repricing-answers.ts';
import { json, ok } from './document-parts.ts';

/** `change` completes an operation that is for admins. */
export const correctionPaths = (change: (operation: ZodOpenApiOperationObject) => ZodOpenApiOperationObject): ZodOpenApiPathsObject => ({
  [ROUTES.repricings]: {
    get: change({
      operationId: 'repricings',
      summary: 'How far a repricing is, and which ones were applied.',
      responses: { '200': ok(repricingsSchema) },
    }),
    post: change({
      operationId: 'reprice',
      summary: 'Begins to price the requests of the past at the prices that hold for their dates now.',
      requestBody: { required: true, content: json(repricingBody) },
      responses: { '202': ok(repricingsSchema, 'It has begun.') },
    }),
    delete: change({
      operationId: 'stop_repricing',
      summary: 'Breaks the repricing off that runs. What it booked stays.',
      responses: { '200': ok(repricingsSchema) },
    }),
  },
  [ROUTES.adjustments]: {
    post: change({
      operationId: 'import_history',
      summary: 'Books what users spent on days without telemetry, once for each id.',
      requestBody: { required: true, content: json(historySchema) },
      responses: { '200': ok(historyAnswer) },
    }),
  },
});
