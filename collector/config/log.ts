/** The section `log`: how much of a running collector's log is written, and for whom. */
import { z } from 'zod';

export const logSchema = z.strictObject({
  level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('The least severe lines that are written; debug adds stack traces.'),
  format: z
    .enum(['auto', 'json', 'pretty'])
    .default('auto')
    .describe('json: one object a line, for collectors of logs. pretty: for people. auto: pretty where stderr is a terminal, json where it is not.'),
});
