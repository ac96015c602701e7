import type {
  Contact,
  Grants,
  Me,
  Origin,
  PersonCard,
  PersonHit,
  Profile,
  ProfileView,
  Purpose,
  Settings,
  Standing,
} from '@aside/protocol';
import { errorCatalogue } from '@aside/protocol';
import { compareIds, type PersonId } from '../base/ids.ts';
import { freshStance, type Stance } from '../domain/contact.ts';
import { findConsents, findOwnerRefusals } from '../storage/ledger.ts';
import { Refusal } from '../base/refusal.ts';
import { decideSend, type SendDecision } from '../domain/decide-send.ts';
import { emailOf } from '../storage/accounts.ts';
import { searchDirectory } from '../storage/directory.ts';
import type { Families } from '../storage/families.ts';
import { findPerson, findPersonCards, type PersonRow } from '../storage/people.ts';
import { findRelationships, listBlocked } from '../storage/relations.ts';
import { findSettings } from '../storage/settings.ts';
import { loadStanding, loadStandings } from '../storage/standing.ts';
import type { Clock } from '../base/clock.ts';
import { readBudget } from '../storage/budget.ts';
import { purposeBit, type Standing as SendStanding } from '../domain/standing.ts';

const blocksShown = 1_000;

interface House {
  families: Families;
  clock: Clock;
}

/** Who asks, and as what they would write. */
export interface Asking {
  personId: PersonId;
  origin: Origin;
  suspended: boolean;
}

/** A profile with how the viewer stands to it and whether they may write, and if not, why. */
export async function viewPerson(
  house: House,
  asking: Asking,
  personId: PersonId,
): Promise<ProfileView> {
  const { families } = house;
  const [person, relationships, now] = await Promise.all([
    findPerson(families.person, personId),
    findRelationships(families.person, asking.personId, [personId]),
    standingTowards(house, asking, personId),
  ]);
  if (!person) throw new Refusal('not_found');
  return {
    ...toProfile(person),
    relationship: relationships.get(personId)!,
    contact: await decideContact(house, asking, now.standing),
    grants: await grantsTowards(families, asking.personId, personId, now.own),
    ...(now.conversationId === null ? {} : { conversationId: now.conversationId }),
  };
}

/** How two people stand, as follow, block and mute answer it. */
export async function viewStanding(
  house: House,
  asking: Asking,
  personId: PersonId,
): Promise<Standing> {
  const [relationships, contact] = await Promise.all([
    findRelationships(house.families.person, asking.personId, [personId]),
    contactOf(house, asking, personId),
  ]);
  return { relationship: relationships.get(personId)!, contact };
}

/** Whether the viewer may write to this person now, and where it would arrive. */
export async function contactOf(
  house: House,
  asking: Asking,
  personId: PersonId,
): Promise<Contact> {
  const { standing } = await standingTowards(house, asking, personId);
  return decideContact(house, asking, standing);
}

function standingTowards(
  house: House,
  { personId: senderId, origin }: Asking,
  recipientId: PersonId,
): ReturnType<typeof loadStanding> {
  return loadStanding(house, { senderId, recipientId, origin, purpose: usualPurpose[origin] });
}

/** A first message that says nothing yet: only what the sender has used up elsewhere can still be in its way. */
async function decideContact(
  { families, clock }: House,
  { personId: senderId, origin, suspended }: Asking,
  loaded: SendStanding,
): Promise<Contact> {
  const standing = { ...loaded, senderSuspended: suspended };
  const attempt = { origin, purpose: usualPurpose[origin], text: '' };
  const decision = decideSend(standing, attempt, {});
  if (decision.outcome !== 'weigh') return toContact(decision);
  const at = new Date(clock.now());
  const budget = await readBudget(families.person, {
    senderId,
    contactId: '0',
    at,
    signature: null,
  });
  return toContact(decideSend(standing, attempt, { budget }));
}

const usualPurpose = { interactive: 'personal', automated: 'automated' } as const;

/** People whose username or name begins with the query, the exact username first; at most `limit`. */
export async function searchPeople(
  house: House,
  viewerId: PersonId,
  query: string,
  limit: number,
): Promise<PersonHit[]> {
  const { families } = house;
  const hits = await searchDirectory(families.identity, query, limit);
  const ids = hits.map((hit) => hit.id);
  const cards = await findPersonCards(families.person, ids);
  const found = ids.flatMap((id) => cards.get(id) ?? []).filter((card) => card.username !== '');
  const standings = await loadStandings(
    house,
    viewerId,
    found.map((card) => card.id as PersonId),
  );
  return found.map((card) => ({
    ...card,
    contact: toContact(decideSend(standings.get(card.id as PersonId)!.standing, firstWord, {})),
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

const firstWord = { origin: 'interactive', purpose: 'personal', text: '' } as const;

/** What a person lets another send, refusals that they gave to a brand of the same owner included. */
export async function grantsTowards(
  { person }: Families,
  personId: PersonId,
  otherId: PersonId,
  own: Pick<Stance, 'grants' | 'refusals'> | null,
): Promise<Grants> {
  const { grants, refusals } = own ?? freshStance;
  const shared = await findOwnerRefusals(person, personId, otherId);
  if (shared.length === 0) return toGrants(grants, refusals);
  const said = await findConsents(person, personId, otherId);
  const grantOf = (purpose: Purpose): string =>
    said.find((row) => row.purpose === purpose && row.state === 'granted')?.entryId ?? '0';
  const holding = shared.filter(
    ({ purpose, entryId }) => compareIds(entryId, grantOf(purpose)) > 0,
  );
  const refused = holding.reduce((bits, { purpose }) => bits | purposeBit(purpose), 0);
  return toGrants(grants & ~refused, refusals | refused);
}

function toGrants(granted: number, refused: number): Grants {
  const stateOf = (purpose: keyof Grants): Grants[keyof Grants] => {
    const bit = purposeBit(purpose);
    return granted & bit ? 'granted' : refused & bit ? 'revoked' : 'off';
  };
  return {
    service: stateOf('service'),
    automated: stateOf('automated'),
    promotional: stateOf('promotional'),
  };
}

export function toProfile(person: PersonRow): Profile {
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

export function toContact(decision: SendDecision): Contact {
  if (decision.outcome === 'deliver') return { allowed: true, arrives: decision.arrives };
  // What is left to weigh can only be known from a text: until then it may be written.
  if (decision.outcome === 'weigh') return { allowed: true, arrives: 'requests' };
  if (decision.outcome === 'hold') return { allowed: true, arrives: 'inbox' };
  return {
    allowed: false,
    arrives: null,
    code: decision.code,
    sentence: errorCatalogue[decision.code].detail,
    ...(decision.untilMs ? { until: new Date(decision.untilMs).toISOString() } : {}),
  };
}
