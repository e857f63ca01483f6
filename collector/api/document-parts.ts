/** Bodies and answers of JSON, as documents have them. */
import type { z } from 'zod';

export const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
export const ok = (schema: z.ZodType, description = 'The answer.') => ({ description, content: json(schema) });
