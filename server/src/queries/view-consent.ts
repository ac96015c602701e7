import type {
  Consent,
  ConsentPage,
  Grants,
  LedgerEntry,
  LedgerPage,
  PersonCard,
  WhyAnswer,
} from '@aside/protocol';
import { isId, type ConversationId, type PersonId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { unsubscribePath } from '../domain/unsubscribe.ts';
import { findEntries, listConsents, listLedger, type Act } from '../storage/ledger.ts';
import { findMessages, findPermits } from '../storage/messages.ts';
import { findPersonCards } from '../storage/people.ts';
import { loadStanding } from '../storage/standing.ts';
import { conversationVisibleTo } from '../storage/visible.ts';
import type { Reader } from './reader.ts';
import { grantsTowards } from './view-person.ts';

/** Who may write to the viewer and who may not, the latest decision first. */
export async function viewConsents(
  { families }: Reader,
  viewerId: PersonId,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<ConsentPage> {
  if (cursor !== undefined && !isId(cursor)) throw badCursor();
  const rows = await listConsents(families.person, viewerId, cursor ?? null, limit + 1);
  const page = rows.slice(0, limit);
  const [cards, entries] = await Promise.all([
    findPersonCards(
      families.person,
      page.map((row) => row.otherId),
    ),
    findEntries(
      families.person,
      viewerId,
      page.map((row) => row.entryId),
    ),
  ]);
  const consents = page.flatMap((row): Consent[] => {
    const entry = entries.get(row.entryId);
    if (!entry) return [];
    return [
      {
        person: cards.get(row.otherId) ?? nobody(row.otherId),
        purpose: row.purpose,
        state: row.state,
        since: row.since.toISOString(),
        why: entry.kind,
        via: entry.via,
        ...(entry.wording === null ? {} : { wording: entry.wording }),
        entryId: row.entryId,
      },
    ];
  });
  const last = page.at(-1);
  if (rows.length <= limit || !last) return { consents };
  return { consents, nextCursor: last.entryId };
}

/** The viewer's ledger, latest act first. */
export async function viewLedger(
  { families }: Reader,
  viewerId: PersonId,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<LedgerPage> {
  if (cursor !== undefined && !isId(cursor)) throw badCursor();
  const acts = await listLedger(families.person, viewerId, cursor ?? null, limit + 1);
  const page = acts.slice(0, limit);
  const entries = await showEntries({ families }, page);
  const last = page.at(-1);
  return acts.length > limit && last ? { entries, nextCursor: last.entryId } : { entries };
}

/**
 * The act of the viewer that let this message through, and how to stop its kind. Refuses `not_found` for a personal
 * message, and to anyone but its recipient.
 */
export async function whyMessage(
  reader: Reader,
  viewerId: PersonId,
  conversationId: ConversationId,
  seq: number,
): Promise<WhyAnswer> {
  const { families, unsubscribe } = reader;
  await conversationVisibleTo(reader, viewerId, conversationId);
  const key = [{ conversationId, seq }];
  const [message] = await findMessages(families.conversation, key);
  const permit = (await findPermits(families.conversation, key)).get(`${conversationId} ${seq}`);
  if (!message || !permit || permit.recipientId !== viewerId || message.purpose === 'personal') {
    throw new Refusal('not_found');
  }
  const act = (await findEntries(families.person, viewerId, [permit.entryId])).get(permit.entryId);
  if (!act) throw new Refusal('not_found');
  const [entry] = await showEntries(reader, [act]);
  const { purpose } = message;
  const senderId = message.senderId as PersonId;
  const path = unsubscribePath(unsubscribe, { recipientId: viewerId, senderId, purpose });
  return { entry: entry!, unsubscribe: path };
}

/** What the viewer lets this person send besides personal messages. */
export async function viewGrants(
  reader: Reader,
  viewerId: PersonId,
  otherId: PersonId,
): Promise<Grants> {
  const about = { senderId: viewerId, recipientId: otherId } as const;
  const { own } = await loadStanding(reader, {
    ...about,
    origin: 'interactive',
    purpose: 'personal',
  });
  return grantsTowards(reader.families, viewerId, otherId, own);
}

const rowsAtOnce = 200;

export async function* exportConsents(reader: Reader, viewerId: PersonId): AsyncGenerator<string> {
  let comma = '';
  let cursor: string | undefined;
  do {
    const page: ConsentPage = await viewConsents(reader, viewerId, {
      limit: rowsAtOnce,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const consent of page.consents) {
      yield comma + JSON.stringify(consent);
      comma = ',';
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

export async function* exportLedger(reader: Reader, viewerId: PersonId): AsyncGenerator<string> {
  let comma = '';
  let cursor: string | undefined;
  do {
    const page: LedgerPage = await viewLedger(reader, viewerId, {
      limit: rowsAtOnce,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const entry of page.entries) {
      yield comma + JSON.stringify(entry);
      comma = ',';
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function showEntries(
  { families }: Pick<Reader, 'families'>,
  acts: readonly Act[],
): Promise<LedgerEntry[]> {
  const cards = await findPersonCards(
    families.person,
    acts.map((act) => act.otherId),
  );
  return acts.map((act) => ({
    id: act.entryId,
    at: act.at.toISOString(),
    kind: act.kind,
    person: cards.get(act.otherId) ?? nobody(act.otherId),
    ...(act.purpose === null ? {} : { purpose: act.purpose }),
    via: act.via,
    ...(act.wording === null ? {} : { wording: act.wording }),
    ...(act.conversationId === null ? {} : { conversationId: act.conversationId }),
  }));
}

function nobody(id: PersonId): PersonCard {
  return { id, username: '', name: '', kind: 'person' };
}

function badCursor(): Refusal {
  return new Refusal('invalid', 'This cursor is not one of ours.');
}
