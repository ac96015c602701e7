import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { findPersonIdByUsername } from './accounts.ts';
import type { Families } from './families.ts';

/** The id behind a username; refuses `not_found` for one that nobody has. A leading @ and upper case are folded. */
export async function personNamed(families: Families, username: string): Promise<PersonId> {
  const name = username.replace(/^@/, '').toLowerCase();
  const id = await findPersonIdByUsername(families.identity, name);
  if (id === null) throw new Refusal('not_found', `Nobody here is called @${name.slice(0, 30)}.`);
  return id;
}
