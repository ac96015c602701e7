import type { ProfileChange } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { judgeName } from '../domain/person-name.ts';
import { isStorable } from '../domain/message-text.ts';
import { renameInDirectory } from '../storage/directory.ts';
import { findPerson, updateProfile } from '../storage/people.ts';
import type { World } from './world.ts';

/**
 * Changes name, bio or website; what is not named stays, also when another device changes it at the same time.
 * White space around them is dropped. Refuses `invalid` for what is no name (`judgeName`), for text that cannot
 * be stored, and for a website that is not an http or https address.
 */
export async function changeProfile(
  world: World,
  personId: PersonId,
  change: ProfileChange,
): Promise<void> {
  const cleaned = {
    ...(change.name === undefined ? {} : { name: cleanName(change.name) }),
    ...(change.bio === undefined ? {} : { bio: clean('bio', change.bio) }),
    ...(change.website === undefined ? {} : { website: cleanWebsite(change.website) }),
  };
  if (!(await updateProfile(world.families.person, personId, cleaned))) {
    throw new Refusal('not_found');
  }
  if (cleaned.name !== undefined) await renameToProfile(world, personId, cleaned.name);
  world.wake.personChanged(personId);
}

const renamesMax = 10;

/**
 * Makes the directory say what the profile says. Whoever writes the directory last looks at the profile after it,
 * so two renames at once end with one name in both. Refuses `overloaded` when the name never holds still;
 * repeating the change repairs it, as it does after a crash between the two.
 */
async function renameToProfile(world: World, personId: PersonId, given: string): Promise<void> {
  const { identity, person } = world.families;
  let name = given;
  for (let i = 0; i < renamesMax; i += 1) {
    await renameInDirectory(identity, personId, name);
    const now = await findPerson(person, personId);
    if (!now || now.name === name) return;
    name = now.name;
  }
  throw new Refusal('overloaded', undefined, { retryAfterMs: 1_000 });
}

function cleanName(text: string): string {
  const judged = judgeName(text);
  if (judged.outcome === 'refused') throw new Refusal('invalid', judged.sentence);
  return judged.name;
}

function cleanWebsite(text: string): string {
  const website = clean('website', text);
  if (website !== '' && !isWebAddress(website)) {
    throw new Refusal('invalid', 'A website starts with http:// or https://.');
  }
  return website;
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
