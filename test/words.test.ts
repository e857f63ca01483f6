/** What people read is in the words of the glossary (CONTRIBUTING.md), in lines that a reviewer can comment on. */
import { describe, expect, test } from '@jest/globals';
import { read, sources } from './support/sources.ts';

const LINE_MAX = 400;

/** Words that only their writer understood, as alternatives of a regular expression; the glossary says what to write instead. */
const PRIVATE = ['dear(?:er|est)?', 'grav(?:er|est)', 'stretch(?:es)?', 'since ever', 'belongs into', 'who finds that', 'told', 'telling', 'whose'];
/** British spelling; names of keys, labels and fields are code and stand in backticks. */
const BRITISH = ['organisations?', 'cent(?:re)s?', 'colours?', 'licence', '(?:un)?recognis\\w+', 'normalis\\w+', 'pseudonymis\\w+'];
const FORBIDDEN = new RegExp(`\\b(?:${[...PRIVATE, ...BRITISH].join('|')})\\b`, 'i');

const documents = sources('.md').filter((path) => !path.startsWith('test/fixtures/'));
/** Titles, descriptions, alerts: as the generators write them, so that no source of a text is forgotten. */
const generated = sources('.json', '.yaml').filter((path) => path.startsWith('dashboards/generated/'));

/** A page's prose: without code, which has names of its own, and without the glossary, which names the words not to use. */
const prose = (page: string): string =>
  read(page)
    .replace(/^## Glossary\n[\s\S]*?(?=^## )/m, (glossary) => glossary.replaceAll(/[^\n]/g, ''))
    .replaceAll(/^```(?!text)[\s\S]*?^```/gm, (code) => code.replaceAll(/[^\n]/g, ''))
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/\]\([^)\n]*\)/g, ']');

/** Keys of the texts in the generated files that a person reads. */
const TEXT = /^\s*(?:- )?"?(?:title|description|text|content|noValue|label|summary|displayName)"?: (.*)$/;
const texts = (path: string): string =>
  read(path)
    .split('\n')
    .map((line) => TEXT.exec(line)?.[1] ?? '')
    .join('\n');

const found = (path: string, text: string): string[] =>
  text.split('\n').flatMap((line, index) => {
    const [word] = FORBIDDEN.exec(line) ?? [];
    return word === undefined ? [] : [`${path}:${index + 1}: ${word}`];
  });

describe('what people read', () => {
  test('is found', () => expect([documents.length > 25, generated.length > 15]).toEqual([true, true]));

  test.each(documents)('%s has none of the words that only their writer understood', (page) => {
    expect(found(page, prose(page))).toEqual([]);
  });

  test.each(generated)('%s has none of them in its titles and texts', (path) => {
    expect(found(path, texts(path))).toEqual([]);
  });

  test.each(documents)('%s has no line of more than 400 characters', (page) => {
    const long = read(page)
      .split('\n')
      .flatMap((line, index) => (line.length > LINE_MAX ? [`${page}:${index + 1}: ${line.length}`] : []));
    expect(long).toEqual([]);
  });
});
