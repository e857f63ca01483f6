/** The API as an OpenAPI document, made from the questions: what is declared there is what is read and answered. */
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponseObject } from 'zod-openapi';
import { FORMATS } from '../catalog/export-formats.ts';
import { FIGURE_NAMES } from '../catalog/figures.ts';
import { DIMENSION_NAMES } from '../catalog/measures.ts';
import { ROUTES } from '../catalog/names.ts';
import { EXPORT_PARAMETERS } from '../exports/request.ts';
import type { ParameterShape, ParameterShapes, Question } from '../query/question.ts';
import { otherPaths } from './change-documents.ts';
import { PROBLEM_TYPE, PROBLEMS, problemSchema } from './problem.ts';

export type OpenApiDocument = ReturnType<typeof createDocument>;

const DESCRIPTION = `Everything the ledger knows, over HTTP. Money is an exact decimal string in US dollars, everything else a number in the unit of its measure.
Answers say how old their figures are (\`as_of\`). Rows come in a stable order, which each answer describes.
Each answer to a GET has a weak \`ETag\` over its facts: sent back in \`If-None-Match\`, it is answered with 304 while only the age has changed. \`/api/v1/me/guard\` says in \`Cache-Control\` for how long it may be used instead.
Fields may be added to answers; none is removed or changes its meaning without a line in the changelog.`;

const FAILURES = ['invalid', 'unauthenticated', 'forbidden', 'not_found', 'too_large', 'rate_limited', 'unavailable'] as const;

const failure = (code: (typeof FAILURES)[number]): ZodOpenApiResponseObject => ({
  id: code,
  description: PROBLEMS[code].title,
  content: { [PROBLEM_TYPE]: { schema: problemSchema } },
});
const responses = Object.fromEntries(FAILURES.map((code) => [String(PROBLEMS[code].status), failure(code)]));

const READ_FAILURES = ['400', '401', '403', '404', '429', '503'];
const readFailures = Object.fromEntries(Object.entries(responses).filter(([status]) => READ_FAILURES.includes(status)));

/** `isStrict`: objects have no other fields than those declared, which tests hold answers to. Clients must take others. */
export function openApiDocument(questions: readonly Question[], { isStrict = false } = {}): OpenApiDocument {
  return createDocument(
    {
      openapi: '3.1.1',
      info: { title: 'Ledgerline', version: '1', description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      security: [{ token: [] }, {}],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'A token of auth.tokens. Without any token configured, reading is open to this machine.',
          },
        },
      },
      paths: together({ ...pathsOf(questions), [ROUTES.export]: { get: exportOperation } }, otherPaths(responses)),
    },
    {
      override: ({ jsonSchema }) => {
        if (!isStrict && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      },
    },
  );
}

const pathsOf = (questions: readonly Question[]): ZodOpenApiPathsObject =>
  Object.fromEntries(questions.map((question) => [`/api/v1${question.path}`, { get: operationOf(question) }]));

/** Methods of one path from both. */
function together(first: ZodOpenApiPathsObject, second: ZodOpenApiPathsObject): ZodOpenApiPathsObject {
  const paths = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries([...paths].map((path) => [path, { ...first[path], ...second[path] }]));
}

function operationOf({ id, summary, description, parameters, pathParameters = {}, answer, csv, kept }: Question): ZodOpenApiOperationObject {
  const content = {
    'application/json': { schema: kept === undefined ? answer : z.union([answer, kept.schema]) },
    ...(csv !== undefined && { 'text/csv': { schema: z.string() } }),
  };
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    requestParams: {
      query: shapesOf(parameters),
      path: z.object(Object.fromEntries(Object.entries(pathParameters).map(([key, { schema }]) => [key, schema]))),
    },
    responses: {
      '200': {
        description: 'The answer.',
        content,
        headers: z.object({ ETag: z.string().describe('Weak; over the facts of the answer.').optional() }),
      },
      '304': { description: 'Nothing has changed but the age, see If-None-Match.' },
      ...readFailures,
    },
  };
}

const fileTypes = [...new Set(Object.values(FORMATS).map(({ contentType }) => contentType.split(';', 1)[0] ?? contentType))];

const exportOperation: ZodOpenApiOperationObject = {
  operationId: 'export',
  summary: 'Any part of the ledger as a file.',
  description: 'Sent while it is read, in a stable order. The sum of an export is that of `/api/v1/spend` for the same range, to the last digit.',
  requestParams: { query: shapesOf(EXPORT_PARAMETERS) },
  responses: {
    '200': { description: 'The file.', content: Object.fromEntries(fileTypes.map((type) => [type, { schema: z.unknown() }])) },
    ...readFailures,
  },
};

/** Names that many parameters take, once. */
const NAMES = new Map<readonly string[], z.ZodType>([
  [DIMENSION_NAMES, z.enum(DIMENSION_NAMES).meta({ id: 'Dimension' })],
  [FIGURE_NAMES, z.enum(FIGURE_NAMES).meta({ id: 'Figure' })],
]);

/** A comma-separated list is one value in the query string, and an array to whoever reads the document. */
function valuesOf({ schema, isRepeatable, listOf }: ParameterShape): z.ZodType {
  if (isRepeatable === true) return z.array(schema);
  if (listOf === undefined) return schema;
  const { description, examples, default: usual } = schema.meta() ?? {};
  return z.array(NAMES.get(listOf) ?? z.enum(listOf)).meta({
    ...(description !== undefined && { description }),
    ...(Array.isArray(examples) && {
      examples: examples.map((example) => String(example).split(',')).filter((names) => names.every((name) => listOf.includes(name))),
    }),
    ...(typeof usual === 'string' && { default: usual.split(',') }),
  });
}

/** None is needed; a repeatable one is given once for each value. */
function shapesOf(shapes: ParameterShapes) {
  return z.object(
    Object.fromEntries(
      Object.entries(shapes).map(([key, shape]) => {
        const { description } = shape.schema;
        const isList = shape.listOf !== undefined;
        const param = { ...(description !== undefined && { description }), ...(isList && ({ style: 'form', explode: false } as const)) };
        return [key, valuesOf(shape).optional().meta({ param })];
      }),
    ),
  );
}
