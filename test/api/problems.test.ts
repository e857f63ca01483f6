/** Failures of the API (RFC 9457): each names what is wrong, and what was probably meant is accepted when it is sent instead. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemSchema } from '../../collector/api/problem.ts';
import { event, NOON } from '../support/entries.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    nowMs: NOON,
    config: { budgets: [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00' }] },
  });
  await api.append([event({ id: 'one' })]);
});
afterAll(() => api.stop());

const MISTAKES = [
  ['/api/v1/spend?byy=team', { parameter: 'byy', value: 'team', nearest: 'by' }, '/api/v1/spend?by=team'],
  ['/api/v1/spend?by=team,modle', { parameter: 'by', value: 'modle', nearest: 'model' }, '/api/v1/spend?by=team,model'],
  ['/api/v1/spend?measures=cots', { parameter: 'measures', value: 'cots', nearest: 'cost' }, '/api/v1/spend?measures=cost'],
  ['/api/v1/spend?grain=dya', { parameter: 'grain', value: 'dya', nearest: 'day' }, '/api/v1/spend?grain=day'],
  ['/api/v1/spend?period=lsat_month', { parameter: 'period', value: 'lsat_month', nearest: 'last_month' }, '/api/v1/spend?period=last_month'],
  ['/api/v1/spend?from=yesterdya', { parameter: 'from', value: 'yesterdya', nearest: 'yesterday' }, '/api/v1/spend?from=yesterday'],
  ['/api/v1/spend?tz=Europe/Belrin', { parameter: 'tz', value: 'Europe/Belrin', nearest: 'Europe/Berlin' }, '/api/v1/spend?tz=Europe/Berlin'],
  [
    '/api/v1/spend?where=taem:platform',
    { parameter: 'where', value: 'taem:platform', nearest: 'team:platform' },
    '/api/v1/spend?where=team:platform',
  ],
  ['/api/v1/spend?format=cvs', { parameter: 'format', value: 'cvs', nearest: 'csv' }, '/api/v1/spend?format=csv'],
  ['/api/v1/budgets/platfrom', { parameter: 'budget', value: 'platfrom', nearest: 'platform' }, '/api/v1/budgets/platform'],
  ['/api/v1/boards/overveiw', { parameter: 'id', value: 'overveiw', nearest: 'overview' }, '/api/v1/boards/overview'],
  ['/api/v1/spned?by=team', { nearest: '/api/v1/spend' }, '/api/v1/spend?by=team'],
  ['/api/v1/budgets/platform/audti', { nearest: '/api/v1/budgets/platform/audit' }, '/api/v1/budgets/platform/audit'],
] as const;

describe('a problem', () => {
  test.each(MISTAKES)('%s should say what was meant, and that works', async (wrong, about, right) => {
    const { status, headers, text } = await api.get(wrong);
    expect(headers.get('content-type')).toBe('application/problem+json');
    const problem = problemSchema.strict().parse(JSON.parse(text));
    expect(problem).toMatchObject({ ...about, status, instance: wrong.split('?')[0] });
    expect([400, 404]).toContain(status);
    expect(problem.type).toBe(`/docs/api#problem-${problem.code}`);
    expect(problem.error).toEqual({ code: problem.code, message: problem.detail, hint: problem.hint });
    expect(problem.hint).toContain(about.nearest);
    expect((await api.get(right)).status).toBe(200);
  });

  test('should name the parameter also where nothing is near', async () => {
    const { text } = await api.get('/api/v1/spend?tz=nowhere-at-all');
    const problem = problemSchema.parse(JSON.parse(text));
    expect(problem).toMatchObject({ parameter: 'tz', value: 'nowhere-at-all' });
    expect(problem.nearest).toBeUndefined();
  });

  test('should say which offsets are time zones', async () => {
    const { text, status } = await api.get('/api/v1/spend?tz=%2B05:37');
    const problem = problemSchema.parse(JSON.parse(text));
    expect([status, problem.parameter, problem.value]).toEqual([400, 'tz', '+05:37']);
    expect(problem.hint).toContain('an offset of whole quarters of an hour');
    expect((await api.get('/api/v1/spend?tz=%2B05:45')).status).toBe(200);
  });

  test('should be what the front answers itself, too', async () => {
    const other = await startApi({ nowMs: NOON, config: { limits: { query_ms: 1_000 } } });
    try {
      const { status, text } = await other.get('/healthz/x');
      expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ status, code: 'not_found' });
    } finally {
      await other.stop();
    }
  });
});
