/** Work that is done one piece at a time, in the order of asking. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  /** Begins when everything before has ended, one way or the other. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
