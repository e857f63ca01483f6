/** What listens on the API's port of a replica that does not read: health, and for everything else that it is not here. */
import type { RequestListener } from 'node:http';
import { LedgerlineError } from '../../core/error.ts';
import { sendProblem } from '../problem.ts';
import type { Guard } from './guard.ts';

export interface HealthOnlyOptions {
  /** Lets requests in; also those for health. */
  readonly guard: Guard;
  /** Answers /healthz and /readyz, and that there is nothing else. */
  readonly health: RequestListener;
}

export function createHealthOnly({ guard, health }: HealthOnlyOptions): RequestListener {
  return (request, response) => {
    guard(request).then(
      () => health(request, response),
      (thrown: unknown) => sendProblem(response, LedgerlineError.from(thrown)),
    );
  };
}
