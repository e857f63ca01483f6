/** A format that no answer has is refused by every question that has a table. */
import { expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { QUESTIONS } from '../../collector/query/questions.ts';

const config = configSchema.parse({});
const tables = QUESTIONS.filter(({ csv }) => csv !== undefined);

test.each(tables.map(({ id }) => id))('%s', (id) => {
  const read = (format: string) => () =>
    tables.find((one) => one.id === id)?.read({ parameters: new URLSearchParams({ format }), path: { session: 'one' } }, { config, now: Date.now });
  expect(read('xml')).toThrow('format=xml');
  expect(read('csv')).not.toThrow();
});
