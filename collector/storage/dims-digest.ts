/** What combinations of dimensions are found by. */
import { hash } from 'node:crypto';
import { firstName } from '../catalog/former-names.ts';
import { DIMENSION_NAMES } from '../catalog/measures.ts';
import { framed } from '../core/framed.ts';

/** Keys in ledgers of the past were made of these, so that the same combination keeps its row. */
const FIRST_NAMES = DIMENSION_NAMES.map(firstName);

/** What is set, by name: stays the same when the catalog gains or renames a dimension, and no value can pass for two. */
function keyOf(values: readonly string[]): string {
  let key = '';
  for (const [index, value] of values.entries()) if (value !== '') key += `${FIRST_NAMES[index]}=${framed(value)}`;
  return key;
}

/** Of values in catalog order. */
export const digestOf = (values: readonly string[]): string => hash('sha256', keyOf(values), 'base64url').slice(0, 22);
