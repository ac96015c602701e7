import { insertMissingPerson, upsertPeople, type NewPerson } from '../storage/people.ts';
import type { World } from './world.ts';

/** Writes the profile of an account that signed up; safe to repeat, and never changes one that exists. */
export async function createPerson(world: World, person: NewPerson): Promise<void> {
  await insertMissingPerson(world.families.person, person);
}

/** Writes or updates people that a host application brought; safe to repeat. At most 1,000 at once. */
export async function createPeople(world: World, people: readonly NewPerson[]): Promise<void> {
  if (people.length > 0) await upsertPeople(world.families.person, people);
}
