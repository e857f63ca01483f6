/** Who was seen, and when, as budgets ask for it. */
import type { Person } from '../ledger/ledger.ts';

/** Each user where it was seen last. */
export function lastSeen(people: Iterable<Person>): ReadonlyMap<string, Person> {
  const byUser = new Map<string, Person>();
  for (const person of people) see(person, byUser);
  return byUser;
}

export function see(person: Person, byUser: Map<string, Person>): void {
  const known = byUser.get(person.user);
  if (known === undefined || known.lastSeenMs < person.lastSeenMs) byUser.set(person.user, person);
}
