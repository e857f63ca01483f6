/** A ledger some of whose questions the test answers itself. */
import type { LedgerSnapshot } from '../../collector/ledger/ledger.ts';

export const answering = <Ledger extends LedgerSnapshot>(ledger: Ledger, own: Partial<Ledger>): Ledger =>
  new Proxy(ledger, {
    get(target, name) {
      const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
