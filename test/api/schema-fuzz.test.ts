/**
 * Requests made from the OpenAPI document. What is right is answered, as its schema says; what is wrong in one place is a problem that says
 * what to do, and never a 5xx; and what it says was probably meant works.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ALL_QUESTIONS } from '../../collector/api/api.ts';
import { openApiDocument } from '../../collector/api/openapi.ts';
import { problemSchema } from '../../collector/api/problem.ts';
import type { ApiDocument, Operation } from '../../collector/api/reference/document.ts';
import { seededRandom } from '../support/random.ts';
import { complaintsOf } from './answer-schema.ts';
import { fillApi } from './filled.ts';
import { addressOf, type GeneratedRequest, type Mistake, RequestGenerator } from './generated-requests.ts';
import type { Answer, TestApi } from './support.ts';

// After a change to parameters: LEDGERLINE_GENERATED_REQUESTS=20000 npm test -- api/schema-fuzz --testTimeout=3600000
const REQUESTS = Number(process.env.LEDGERLINE_GENERATED_REQUESTS ?? 1_000);
const AT_ONCE = 4;
const SHOWN = 10;

const document = openApiDocument(ALL_QUESTIONS, { isStrict: true }) as unknown as ApiDocument;
const all = Object.values(document.paths).flatMap(({ get }) => (get === undefined ? [] : [get]));
/** A board has dozens of panels: it is asked for less often than what they are made of. */
const EXPENSIVE = ['board', 'panel'];
const NOT_HERE = ['openapi', 'alive', 'ready', 'export'];
const operations = all.filter(({ operationId }) => !NOT_HERE.includes(operationId));

const random = seededRandom('generated requests');
const generator = new RequestGenerator(random, document);

let api: TestApi;
beforeAll(async () => {
  api = await fillApi();
});
afterAll(() => api.stop());

const get = (request: GeneratedRequest): Promise<Answer> => api.get(addressOf(request, document.paths));

function anyOperation(): Operation {
  const operation = random.pick(operations);
  return EXPENSIVE.includes(operation.operationId) && random.chance(0.8) ? anyOperation() : operation;
}

async function inTurns(count: number, one: () => Promise<string | undefined>): Promise<string[]> {
  const complaints: string[] = [];
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const complaint = await one();
      if (complaint !== undefined) complaints.push(complaint);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return complaints;
}

function wrongAnswer(request: GeneratedRequest, { status, text, headers }: Answer): string | undefined {
  const address = addressOf(request, document.paths);
  if (status !== 200) return `${status} ${address}: ${text.slice(0, 300)}`;
  if (headers.get('content-type')?.startsWith('text/csv') === true) return undefined;
  const [first] = complaintsOf(request.operation.responses[200]?.content?.['application/json']?.schema, JSON.parse(text), document);
  return first === undefined ? undefined : `${address}: ${first}`;
}

test(`${REQUESTS} requests that are right are answered, as the schema says`, async () => {
  const complaints = await inTurns(REQUESTS, async () => {
    const request = generator.request(anyOperation());
    return wrongAnswer(request, await get(request));
  });
  expect(complaints.slice(0, SHOWN)).toEqual([]);
});

let followed = 0;

test(`${REQUESTS} requests that are wrong in one place are problems with a remedy that works`, async () => {
  const complaints = await inTurns(REQUESTS, async () => {
    const mistake = generator.mistake(generator.request(anyOperation()));
    return mistake === undefined ? undefined : wrongProblem(mistake);
  });
  expect(complaints.slice(0, SHOWN)).toEqual([]);
  // Else nothing was suggested, or the generator makes no mistakes any more.
  expect(followed).toBeGreaterThan(REQUESTS / 20);
});

async function wrongProblem(mistake: Mistake): Promise<string | undefined> {
  const { wrong, what } = mistake;
  const answer = await get(wrong);
  const { status, text, headers } = answer;
  const address = addressOf(wrong, document.paths);
  // Some slips make another word that is right.
  if (status === 200) return wrongAnswer(wrong, answer);
  if (status >= 500 || headers.get('content-type') !== 'application/problem+json') return `${what}: ${status} ${address}: ${text.slice(0, 300)}`;
  const problem = problemSchema.strict().safeParse(JSON.parse(text));
  if (!problem.success) return `${what}: ${address}: ${problem.error.message}`;
  const { hint, parameter, value, nearest, status: said } = problem.data;
  if (said !== status || hint === '') return `${what}: ${address}: no remedy in ${text}`;
  if (nearest === undefined || parameter === undefined) return undefined;
  const mended = mend(mistake, parameter, value ?? '', nearest);
  if (mended === undefined) return undefined;
  followed++;
  return wrongAnswer(mended, await get(mended));
}

/** What the problem suggests, where it is what was meant: another guess may be wrong for other reasons. */
function mend({ wrong, right }: Mistake, parameter: string, value: string, nearest: string): GeneratedRequest | undefined {
  const query = wrong.query.map(([name, text]): readonly [string, string] => {
    if (name !== parameter) return [name, text];
    const isName = !(wrong.operation.parameters ?? []).some((declared) => declared.name === name);
    if (isName) return [nearest, text];
    return [
      name,
      text
        .split(',')
        .map((item) => (item.trim() === value ? nearest : item))
        .join(','),
    ];
  });
  return JSON.stringify(query) === JSON.stringify(right.query) ? { ...wrong, query } : undefined;
}
