import type { ProfileChange } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { isStorable, isVisible } from '../domain/message-text.ts';
import { renameInDirectory } from '../storage/accounts.ts';
import { findPerson, updateProfile } from '../storage/people.ts';
import type { World } from './world.ts';

/**
 * Changes name, bio or website; what is not named stays. White space around them is dropped. Refuses `invalid`
 * for an empty name, for text that cannot be stored, and for a website that is not an http or https address.
 */
export async function changeProfile(
  world: World,
  personId: PersonId,
  change: ProfileChange,
): Promise<void> {
  const person = await findPerson(world.families.person, personId);
  if (!person) throw new Refusal('not_found');
  const profile = {
    name: clean('name', change.name ?? person.name),
    bio: clean('bio', change.bio ?? person.bio),
    website: clean('website', change.website ?? person.website),
  };
  if (!isVisible(profile.name))
    throw new Refusal('invalid', 'A name needs at least one visible character.');
  if (profile.website !== '' && !isWebAddress(profile.website)) {
    throw new Refusal('invalid', 'A website starts with http:// or https://.');
  }
  // The directory first: if the second write fails, the caller sees an error and repeats both.
  await renameInDirectory(world.families.identity, personId, profile.name);
  await updateProfile(world.families.person, personId, profile);
  world.wake.personChanged(personId);
}

function clean(field: string, text: string): string {
  if (!isStorable(text)) {
    throw new Refusal(
      'invalid',
      `The ${field} contains a NUL or half a character and cannot be stored.`,
    );
  }
  return text.trim();
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  return ['http:', 'https:'].includes(new URL(text).protocol);
}
