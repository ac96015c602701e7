import type {
  Contact,
  Me,
  PersonCard,
  PersonHit,
  Profile,
  ProfileView,
  Settings,
  Standing,
} from '@aside/protocol';
import { errorCatalogue } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { decideSend, type SendDecision } from '../domain/decide-send.ts';
import { emailOf } from '../storage/accounts.ts';
import { searchDirectory } from '../storage/directory.ts';
import type { Families } from '../storage/families.ts';
import { findPerson, findPersonCards, type PersonRow } from '../storage/people.ts';
import { findRelationships, listBlocked } from '../storage/relations.ts';
import { findSettings } from '../storage/settings.ts';
import { loadStanding, loadStandings } from '../storage/standing.ts';

const blocksShown = 1_000;

/** A profile with how the viewer stands to it and whether they may write, and if not, why. */
export async function viewPerson(
  families: Families,
  viewerId: PersonId,
  personId: PersonId,
): Promise<ProfileView> {
  const [person, relationships, now] = await Promise.all([
    findPerson(families.person, personId),
    findRelationships(families.person, viewerId, [personId]),
    loadStanding(families, viewerId, personId),
  ]);
  if (!person) throw new Refusal('not_found');
  return {
    ...toProfile(person),
    relationship: relationships.get(personId)!,
    contact: toContact(decideSend(now.standing)),
    ...(now.conversationId === null ? {} : { conversationId: now.conversationId }),
  };
}

/** How two people stand, as follow, block and mute answer it. */
export async function viewStanding(
  families: Families,
  viewerId: PersonId,
  personId: PersonId,
): Promise<Standing> {
  const [relationships, contact] = await Promise.all([
    findRelationships(families.person, viewerId, [personId]),
    contactOf(families, viewerId, personId),
  ]);
  return { relationship: relationships.get(personId)!, contact };
}

/** Whether the viewer may write to this person now, and where it would arrive. */
export async function contactOf(
  families: Families,
  viewerId: PersonId,
  personId: PersonId,
): Promise<Contact> {
  const { standing } = await loadStanding(families, viewerId, personId);
  return toContact(decideSend(standing));
}

/** People whose username or name begins with the query, the exact username first; at most `limit`. */
export async function searchPeople(
  families: Families,
  viewerId: PersonId,
  query: string,
  limit: number,
): Promise<PersonHit[]> {
  const hits = await searchDirectory(families.identity, query, limit);
  const ids = hits.map((hit) => hit.id);
  const cards = await findPersonCards(families.person, ids);
  const found = ids.flatMap((id) => cards.get(id) ?? []).filter((card) => card.username !== '');
  const standings = await loadStandings(
    families,
    viewerId,
    found.map((card) => card.id as PersonId),
  );
  return found.map((card) => ({
    ...card,
    contact: toContact(decideSend(standings.get(card.id as PersonId)!.standing)),
  }));
}

export async function viewMe(families: Families, viewerId: PersonId): Promise<Me> {
  const [person, email] = await Promise.all([
    findPerson(families.person, viewerId),
    emailOf(families.identity, viewerId),
  ]);
  if (!person) throw new Refusal('unauthenticated');
  return { ...toProfile(person), email: email ?? '' };
}

export async function viewSettings(families: Families, viewerId: PersonId): Promise<Settings> {
  const settings = await findSettings(families.person, viewerId);
  if (!settings) throw new Refusal('unauthenticated');
  return settings;
}

/** Whom the viewer blocked, latest first; at most 1,000. */
export async function viewBlocks(families: Families, viewerId: PersonId): Promise<PersonCard[]> {
  const ids = await listBlocked(families.person, viewerId, blocksShown);
  const cards = await findPersonCards(families.person, ids);
  return ids.flatMap((id) => cards.get(id) ?? []).filter((card) => card.username !== '');
}

function toProfile(person: PersonRow): Profile {
  return {
    id: person.id,
    username: person.username,
    name: person.name,
    bio: person.bio,
    website: person.website,
    kind: person.kind,
    createdAt: person.createdAt.toISOString(),
  };
}

function toContact(decision: SendDecision): Contact {
  if (decision.outcome === 'deliver') return { allowed: true, arrives: decision.arrives };
  return {
    allowed: false,
    arrives: null,
    code: decision.code,
    sentence: errorCatalogue[decision.code].detail,
  };
}
