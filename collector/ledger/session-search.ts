/** By what people know of sessions these are found, in any capitals: alike in every store. */
import { showValue } from '../catalog/values.ts';
import type { SessionDimension } from './sessions.ts';

/** Beside the beginning of its id. */
export const SEARCHED = ['user', 'team', 'workspace', 'repository'] as const satisfies readonly SessionDimension[];

/** What an id begins with, its ASCII letters in any capitals; names are compared in small letters. */
export const needleOf = (search: string): string => search.trim().toLowerCase();

/** Of a final sigma nobody can say by a part of a word whether it is one. */
export const inSmallLetters = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ');

/** `needle` is in small letters. */
export const isNamed = (names: Readonly<Record<string, unknown>>, needle: string): boolean =>
  SEARCHED.some((name) => inSmallLetters(showValue(name, String(names[name]))).includes(needle));
