/** Something was missing or out of date that is known now: what was tried succeeds when it is done again from its beginning. */
export class Lesson extends Error {
  override readonly name: string = 'Lesson';
}
