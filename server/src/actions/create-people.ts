import { shareRefusals } from '../storage/ledger.ts';
import { insertMissingPerson, upsertPeople, type NewPerson } from '../storage/people.ts';
import type { World } from './world.ts';

/** Writes the profile of an account that signed up; safe to repeat, and never changes one that exists. */
export async function createPerson(world: World, person: NewPerson): Promise<void> {
  await insertMissingPerson(world.families.person, person);
}

/**
 * Writes or updates people that a host application brought; safe to repeat. At most 1,000 at once. A brand that joins
 * an owner shares what it was refused with the owner's other brands from then on, and the other way round.
 */
export async function createPeople(world: World, people: readonly NewPerson[]): Promise<void> {
  if (people.length === 0) return;
  await upsertPeople(world.families.person, people);
  const owned = people.filter((person) => person.owner !== null);
  if (owned.length === 0) return;
  await shareRefusals(
    world.families.person,
    owned.map((person) => person.id),
  );
}
