/** The configuration of plans: seats of claude.ai that are paid for by the month, with what they cost. */
import { z } from 'zod';
import { day, usd } from './shapes.ts';

const SEATS_MAX = 1_000_000;
const PLANS_MAX = 200;

const plan = z.strictObject({
  plan: z.string().min(1).max(100).describe('As in the dimension plan: pro, max, team, enterprise.'),
  seat: z.string().max(100).default('').describe('As in the dimension seat: premium, standard, usage_based. Left out: all seats of the plan.'),
  seats: z.number().int().min(0).max(SEATS_MAX).describe('How many there are; 0 from the day on which they end.'),
  monthly_usd: usd.describe('What one seat costs a month.'),
  from: day.optional().describe('First day in UTC. It holds until the next day of the same plan and seat. Without it: since the beginning.'),
});

export type PlanConfig = z.output<typeof plan>;

export const plansSchema = z
  .array(plan)
  .max(PLANS_MAX)
  .refine((plans) => new Set(plans.map(keyOf)).size === plans.length, 'has the same plan, seat and day twice')
  .default([])
  .describe('Seats that are paid for by the month, to compare their fee with the value of what they are used for; see docs/reconcile.md.');

const keyOf = ({ plan: name, seat, from = '' }: PlanConfig): string => JSON.stringify([name, seat, from]);
