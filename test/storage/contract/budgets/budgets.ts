/** What every store of budgets must do. A store's test file calls this with a way to open it. */
import { describe } from '@jest/globals';
import { usePlace } from '../places.ts';
import { describeAudit } from './audit.ts';
import { describeInForce } from './in-force.ts';
import { describeRaises } from './raises.ts';
import { describeRequests } from './requests.ts';
import { describeSharing } from './sharing.ts';
import type { BudgetPlace, BudgetSuite } from './suite.ts';
import { describeTogether } from './together.ts';

export function describeBudgets(store: string, makePlace: () => BudgetPlace | Promise<BudgetPlace>): void {
  describe(`budgets contract: ${store}`, () => {
    const suite: BudgetSuite = usePlace(makePlace);
    describeInForce(suite);
    describeRaises(suite);
    describeRequests(suite);
    describeAudit(suite);
    describeSharing(suite);
    describeTogether(suite);
  });
}
