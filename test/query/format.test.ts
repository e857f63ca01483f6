/** A format that no answer has is refused by every question that has a table. */
import { expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { QUESTIONS } from '../../collector/query/questions.ts';

const config = configSchema.parse({});
const tables = QUESTIONS.filter(({ csv }) => csv !== undefined);

/** What a question is not asked without. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = { forecast_rollout: { pilot: 'team:platform', users: '400' } };

test.each(tables.map(({ id }) => id))('%s', (id) => {
  const read = (format: string) => () =>
    tables
      .find((one) => one.id === id)
      ?.read({ parameters: new URLSearchParams({ ...NEEDED[id], format }), path: { session: 'one' } }, { config, now: Date.now });
  expect(read('xml')).toThrow('format=xml');
  expect(read('csv')).not.toThrow();
});
