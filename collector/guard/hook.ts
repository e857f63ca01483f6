/** A verdict in the words of the client's hooks: exactly what a hook command prints. Which events can stop what was measured on the client. */
import { z } from 'zod';
import type { Decision } from './decide.ts';

export const hookSchema = z
  .union([
    z.object({}).describe('Work goes on.'),
    z.object({ systemMessage: z.string() }).describe('Work goes on, and the client shows the sentence.'),
    z.object({ continue: z.literal(false), stopReason: z.string() }).describe('The turn ends, or does not begin.'),
    z.object({ decision: z.literal('block'), reason: z.string() }).describe('Of PreCompact and PreModelSwitch: it does not happen.'),
  ])
  .meta({ id: 'GuardHook' });
export type HookOutput = z.infer<typeof hookSchema>;

/** They have a word of their own for it. */
const BLOCKED: ReadonlySet<string> = new Set(['PreCompact', 'PreModelSwitch']);
/** They cannot stop anything, and show what there is to say. The next prompt is stopped. */
const SHOWN: ReadonlySet<string> = new Set(['SessionStart', 'Setup']);

export function hookOutput(decision: Decision, message: string | null, event: string): HookOutput {
  if (decision === 'allow' || message === null) return {};
  if (decision === 'warn' || SHOWN.has(event)) return { systemMessage: message };
  return BLOCKED.has(event) ? { decision: 'block', reason: message } : { continue: false, stopReason: message };
}
