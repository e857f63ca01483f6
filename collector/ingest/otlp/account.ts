/**
 * What exports in flight may hold together of one thing: bytes of bodies, or records. No sender's address may hold all of it, and what is
 * large may not fill it, so that small exports, which is what a client sends, find room beside it.
 */

/** Of the whole: what all large holders together, one address, and the large holders of one address may hold. */
const LARGE_SHARE = 3 / 4;
const ADDRESS_SHARE = 1 / 2;
const LARGE_ADDRESS_SHARE = 1 / 4;
/** So many wait for room; the others are refused at once. */
const WAITERS_MAX = 1_024;

export interface AccountOptions {
  readonly max: number;
  /** A holder of no more is small. */
  readonly smallMax: number;
}

interface Sums {
  all: number;
  large: number;
}

interface Waiter {
  readonly holding: Holding;
  readonly amount: number;
  readonly admit: (admitted: boolean) => void;
}

export class Account {
  readonly #max: number;
  readonly #smallMax: number;
  readonly #total: Sums = { all: 0, large: 0 };
  readonly #byAddress = new Map<string, Sums>();
  readonly #waiters = new Set<Waiter>();

  constructor({ max, smallMax }: AccountOptions) {
    this.#max = max;
    this.#smallMax = smallMax;
  }

  /** All that is held now. */
  get held(): number {
    return this.#total.all;
  }

  open(address: string): Holding {
    return new Holding(this, address);
  }

  /** False, and nothing taken, when there is no room. */
  take(holding: Holding, amount: number): boolean {
    if (!this.#fits(holding, amount)) return false;
    this.#change(holding, amount);
    return true;
  }

  /** In the order of asking, save that what fits does not wait for what does not. */
  wait(holding: Holding, amount: number): Promise<boolean> {
    if (this.take(holding, amount)) return Promise.resolve(true);
    if (this.#waiters.size >= WAITERS_MAX) return Promise.resolve(false);
    return new Promise((admit) => this.#waiters.add({ holding, amount, admit }));
  }

  /** Gives back all that is held; what still waits for it is not admitted. */
  close(holding: Holding): void {
    for (const waiter of this.#waiters) if (waiter.holding === holding) this.#settle(waiter, false);
    this.#change(holding, -holding.amount);
    for (const waiter of this.#waiters) if (this.take(waiter.holding, waiter.amount)) this.#settle(waiter, true);
  }

  #settle(waiter: Waiter, admitted: boolean): void {
    this.#waiters.delete(waiter);
    waiter.admit(admitted);
  }

  /** Who is alone under a bound may exceed it: the largest export that is permitted always finds room. */
  #fits(holding: Holding, amount: number): boolean {
    const after = holding.amount + amount;
    const own = this.#byAddress.get(holding.address) ?? { all: 0, large: 0 };
    const isWithin = (all: number, before: number, added: number, share: number): boolean => all === before || all + added <= this.#max * share;
    if (!isWithin(this.#total.all, holding.amount, amount, 1)) return false;
    if (!isWithin(own.all, holding.amount, amount, ADDRESS_SHARE)) return false;
    if (after <= this.#smallMax) return true;
    const large = this.#largeOf(holding.amount);
    return isWithin(this.#total.large, large, after - large, LARGE_SHARE) && isWithin(own.large, large, after - large, LARGE_ADDRESS_SHARE);
  }

  #change(holding: Holding, amount: number): void {
    const own = this.#byAddress.get(holding.address) ?? { all: 0, large: 0 };
    const large = this.#largeOf(holding.amount + amount) - this.#largeOf(holding.amount);
    for (const sums of [this.#total, own]) {
      sums.all += amount;
      sums.large += large;
    }
    holding.amount += amount;
    if (own.all === 0) this.#byAddress.delete(holding.address);
    else this.#byAddress.set(holding.address, own);
  }

  /** What counts as held by a large holder. */
  #largeOf(amount: number): number {
    return amount > this.#smallMax ? amount : 0;
  }
}

/** What one export holds. Release it once the export is answered; that may be done twice. */
export class Holding {
  readonly address: string;
  /** Kept by the account. */
  amount = 0;
  readonly #account: Account;

  constructor(account: Account, address: string) {
    this.#account = account;
    this.address = address;
  }

  /** False, and nothing more held, when there is no room. */
  add(amount: number): boolean {
    return this.#account.take(this, amount);
  }

  /** True once it is held; false when it is released before, or too many wait already. */
  wait(amount: number): Promise<boolean> {
    return this.#account.wait(this, amount);
  }

  release(): void {
    this.#account.close(this);
  }
}
