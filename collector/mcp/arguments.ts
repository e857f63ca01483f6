/** What a model calls a tool with, as the words of a question: each argument becomes a parameter of the query string, or part of the path. */
import { badParameter, type Parameters, readCount } from '../query/parameters.ts';
import type { Given, ParameterShape, Question } from '../query/question.ts';
import { ROWS_MAX } from './bounded.ts';
import { limitOf } from './schemas.ts';

type Shapes = Pick<Question, 'parameters' | 'pathParameters'>;

/** Throws LedgerlineError `invalid` for what is no text, number or list of them. What the words mean is the question's to read. */
export function readArguments({ parameters: shapes, pathParameters = {} }: Shapes, given: Readonly<Record<string, unknown>>): Given {
  const parameters = new URLSearchParams();
  const path: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const words = wordsOf(key, value);
    const [first, ...others] = words;
    if (first === undefined) continue;
    if (Object.hasOwn(pathParameters, key)) path[key] = first;
    else if (Object.hasOwn(shapes, key) && shapes[key]?.isRepeatable) for (const word of words) parameters.append(key, word);
    else parameters.set(key, [first, ...others].join(','));
  }
  const missing = Object.keys(pathParameters).find((key) => path[key] === undefined);
  if (missing !== undefined)
    throw badParameter(missing, '', 'is missing', `Give ${missing}: ${pathParameters[missing]?.schema.description ?? 'text'}`);
  const { limit } = shapes;
  if (limit !== undefined) parameters.set('limit', String(rowsOf(parameters, limit)));
  return { parameters, path };
}

/** Never more rows than are shown, so that what says where to read on follows the last one shown. */
function rowsOf(parameters: Parameters, shape: ParameterShape): number {
  const { maximum, default: fallback } = limitOf(shape);
  const text = parameters.get('limit') ?? '';
  const isMoreThanShown = maximum === ROWS_MAX && /^\d+$/.test(text) && Number(text) > maximum;
  // Read here, so that what is refused is refused with the maximum that the tool names, not the question's own.
  return isMoreThanShown ? maximum : readCount(parameters, 'limit', fallback, maximum);
}

/** Models write null, and empty lists, for what they leave out. */
function wordsOf(key: string, value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => wordsOf(key, item));
  if (typeof value === 'object') {
    throw badParameter(key, JSON.stringify(value), 'is an object', 'Give text, a number, or a list of them.');
  }
  return [String(value)];
}
