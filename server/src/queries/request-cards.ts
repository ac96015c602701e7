import type { RequestCard } from '@aside/protocol';
import { limits } from '@aside/protocol';
import type { PersonId } from '../base/ids.ts';
import { requestKeptMs } from '../domain/contact.ts';
import { countAlike } from '../storage/budget.ts';
import { findFollowedByBoth, findRelationships } from '../storage/relations.ts';
import { findPeople, findPersonCards } from '../storage/people.ts';
import type { Reader } from './reader.ts';
import { toProfile } from './view-person.ts';

export interface WaitingRequest {
  senderId: PersonId;
  /** The message that makes the request. */
  messageId: string;
  requestedAtMs: number;
}

const peopleShown = 3;

/** The “Do I know you?” cards of these requests, in their order; null where the sender is gone. */
export async function requestCards(
  { families, clock }: Reader,
  viewerId: PersonId,
  requests: readonly WaitingRequest[],
): Promise<(RequestCard | null)[]> {
  if (requests.length === 0) return [];
  const { person } = families;
  const now = new Date(clock.now());
  const senderIds = requests.map((request) => request.senderId);
  const [profiles, shared, relationships, similar] = await Promise.all([
    findPeople(person, senderIds),
    findFollowedByBoth(person, viewerId, senderIds, peopleShown),
    findRelationships(person, viewerId, senderIds),
    countAlike(
      person,
      requests.map(({ senderId, messageId: contactId }) => ({ senderId, contactId })),
      now,
    ),
  ]);
  const shownIds = [...shared.values()].flatMap((one) => one.people);
  const cards = await findPersonCards(person, shownIds);
  return requests.map((request, i) => {
    const profile = profiles.get(request.senderId);
    if (!profile) return null;
    const both = shared.get(request.senderId) ?? { count: 0, people: [] };
    const alike = similar[i]!;
    return {
      person: toProfile(profile),
      followedByBoth: {
        count: both.count,
        people: both.people.flatMap((id) => cards.get(id) ?? []),
      },
      following: relationships.get(request.senderId)?.following ?? false,
      ...(alike >= limits.similarShownFrom ? { similar: alike } : {}),
      expiresAt: new Date(request.requestedAtMs + requestKeptMs).toISOString(),
    };
  });
}
