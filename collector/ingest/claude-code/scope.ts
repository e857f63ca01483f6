/** What records and points share by the resource and scope they came in. */

import type { Clock } from './believable-time.ts';
import type { NormalizedModel } from './model-names.ts';
import type { ResourceContext } from './resource.ts';

/** What the records of one scope share. */
export interface ScopeContext {
  readonly name: string;
  readonly resource: ResourceContext;
  readonly version: string;
  /** The scope or the service is Claude Code's; else each record must say so by its name. */
  readonly isClient: boolean;
  readonly clock: Clock;
  readonly readModel: (raw: string) => NormalizedModel;
}

export const NAME_PREFIX = 'claude_code.';
