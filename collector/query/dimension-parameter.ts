/** A parameter that names dimensions as people type them. */
import { dimensionOf, nearestDimension } from '../catalog/dimension-aliases.ts';
import { DIMENSION_NAMES, type DimensionName } from '../catalog/measures.ts';
import { badParameter, listed, type Parameters } from './parameters.ts';

/** Comma-separated, none twice, at most so many. */
export function readDimensions(parameters: Parameters, key: string, max: number): readonly DimensionName[] {
  const words = listed(parameters.get(key) ?? '');
  const names = [...new Set(words.map((word) => dimensionOf(word) ?? refuse(key, word)))];
  if (names.length > max) throw badParameter(key, words.join(','), `names ${names.length} dimensions`, `Give at most ${max}.`);
  return names;
}

function refuse(key: string, word: string): never {
  throw badParameter(key, word, 'is not a dimension', `Allowed: ${DIMENSION_NAMES.join(', ')}.`, nearestDimension(word));
}
