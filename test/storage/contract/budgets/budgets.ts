/** What every store of budgets must do. A store's test file calls this with a way to open it. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import type { BudgetWriter } from '../../../../collector/budgets/journal.ts';
import { describeAudit } from './audit.ts';
import { describeInForce } from './in-force.ts';
import { describeRaises } from './raises.ts';
import { describeSharing } from './sharing.ts';
import type { BudgetPlace, BudgetSuite } from './suite.ts';

export function describeBudgets(store: string, makePlace: () => BudgetPlace): void {
  describe(`budgets contract: ${store}`, () => {
    let place: BudgetPlace;
    let opened: BudgetWriter[];
    const open = (): BudgetWriter => {
      const one = place.open();
      opened.push(one);
      return one;
    };
    beforeEach(() => {
      place = makePlace();
      opened = [];
      open();
    });
    afterEach(() => {
      for (const one of opened) one.close();
      place.destroy();
    });
    const suite: BudgetSuite = { store: () => opened[0] ?? open(), open };
    describeInForce(suite);
    describeRaises(suite);
    describeAudit(suite);
    describeSharing(suite);
  });
}
