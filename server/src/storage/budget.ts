import type { PersonId } from '../base/ids.ts';
import { dayMs } from '../domain/contact.ts';
import { budgetRule, type Budget } from '../domain/decide-send.ts';
import { areNearDuplicates, decodeSignature, encodeSignature } from '../domain/near-duplicate.ts';
import type { Database, Queries } from './database.ts';

// What a sender has used up of their first messages: counted over 30 days, reserved under the sender's own row.

export interface FirstContact {
  senderId: PersonId;
  /** The id of the message that makes the contact. */
  contactId: string;
  recipientId: PersonId;
  at: Date;
  /** Null for a text too short to resemble anything. */
  signature: Uint32Array | null;
}

/** More than this many are not compared; who has so many answered ones in a month is no robot. */
const comparedMax = 1_000;
const reportOpenMs = 30 * dayMs;

/**
 * Counts what the sender has used up, asks `isAllowed`, and on yes writes the contact; all under the sender's lock, so
 * that two at once cannot both take the last one. Repeating it with the same contact id counts nothing twice.
 */
export async function reserveFirstContact<T>(
  db: Database,
  contact: FirstContact,
  decide: (budget: Budget) => { answer: T; isAllowed: boolean },
): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query('select from person where user_id = $1 for no key update', [contact.senderId]);
    const { answer, isAllowed } = decide(await readBudget(tx, contact));
    if (isAllowed) {
      tx.queue(
        `insert into first_contact (user_id, contact_id, recipient_id, at, signature, answered)
         values ($1, $2, $3, $4, $5, false)
         on conflict (user_id, contact_id) do update set signature = excluded.signature`,
        [
          contact.senderId,
          contact.contactId,
          contact.recipientId,
          contact.at,
          contact.signature && encodeSignature(contact.signature),
        ],
      );
    }
    return answer;
  });
}

/** The same count without a lock, as a hint before anything is sent. */
export async function readBudget(
  db: Queries,
  { senderId, contactId, at, signature }: Omit<FirstContact, 'recipientId'>,
): Promise<Budget> {
  const [senders, reports, contacts] = await Promise.all([
    db.query<{ created_at: Date }>('select created_at from person where user_id = $1', [senderId]),
    db.query('select from reported where user_id = $1 and at > $2 limit 1', [
      senderId,
      new Date(at.getTime() - reportOpenMs),
    ]),
    listContacts(db, senderId, at),
  ]);
  const earlier = contacts.filter((contact) => contact.contactId !== contactId);
  const unanswered = earlier.filter((contact) => !contact.answered);
  return {
    similar: countSimilar(earlier, signature),
    unanswered: unanswered.length,
    similarUntil: freeAt(unanswered, budgetRule.similarUnanswered),
    unansweredUntil: freeAt(unanswered, budgetRule.unanswered),
    senderAgeMs: at.getTime() - (senders[0]?.created_at.getTime() ?? 0),
    openReports: reports.length > 0,
  };
}

/** More than this many of one sender are not compared for a card, which says “about”. */
const comparedForCard = 200;

/**
 * How many first messages of the last 30 days were near-identical to the one that made each contact, itself included;
 * in the order asked. One query, however many.
 */
export async function countAlike(
  db: Queries,
  asked: readonly { senderId: PersonId; contactId: string }[],
  now: Date,
): Promise<number[]> {
  const rows = await db.query<{ user_id: PersonId; contact_id: string; signature: Buffer }>(
    `select s.user_id, c.contact_id, c.signature from unnest($1::bigint[]) as s (user_id)
     cross join lateral (
       select contact_id, signature from first_contact f
       where f.user_id = s.user_id and f.at > $2 and f.signature is not null
       order by f.contact_id desc limit $3) c`,
    [
      [...new Set(asked.map((one) => one.senderId))],
      new Date(now.getTime() - budgetRule.windowMs),
      comparedForCard,
    ],
  );
  const bySender = new Map<PersonId, { contactId: string; signature: Uint32Array }[]>();
  for (const row of rows) {
    const contact = { contactId: row.contact_id, signature: decodeSignature(row.signature) };
    const others = bySender.get(row.user_id);
    if (others) others.push(contact);
    else bySender.set(row.user_id, [contact]);
  }
  return asked.map(({ senderId, contactId }) => {
    const contacts = bySender.get(senderId) ?? [];
    const own = contacts.find((contact) => contact.contactId === contactId);
    if (!own) return 0;
    return contacts.filter((one) => areNearDuplicates(one.signature, own.signature)).length;
  });
}

interface Contact {
  contactId: string;
  atMs: number;
  signature: Uint32Array | null;
  answered: boolean;
}

/** Latest first. */
async function listContacts(db: Queries, senderId: PersonId, at: Date): Promise<Contact[]> {
  const rows = await db.query<{
    contact_id: string;
    at: Date;
    signature: Buffer | null;
    answered: boolean;
  }>(
    `select contact_id, at, signature, answered from first_contact
     where user_id = $1 and at > $2 order by contact_id desc limit $3`,
    [senderId, new Date(at.getTime() - budgetRule.windowMs), comparedMax],
  );
  return rows.map((row) => ({
    contactId: row.contact_id,
    atMs: row.at.getTime(),
    signature: row.signature && decodeSignature(row.signature),
    answered: row.answered,
  }));
}

function countSimilar(contacts: readonly Contact[], signature: Uint32Array | null): number {
  if (signature === null) return 0;
  return contacts.filter(
    (contact) => contact.signature !== null && areNearDuplicates(contact.signature, signature),
  ).length;
}

/** When fewer than `limit` of these are left within the window if nothing else happens. */
function freeAt(unanswered: readonly Contact[], limit: number): number | null {
  const last = unanswered[limit - 1];
  return last ? last.atMs + budgetRule.windowMs : null;
}

/** The recipient has answered: the sender's first messages to them use up nothing more. */
export async function markAnswered(
  db: Queries,
  senderId: PersonId,
  recipientId: PersonId,
): Promise<void> {
  await db.query(
    'update first_contact set answered = true where user_id = $1 and recipient_id = $2 and not answered',
    [senderId, recipientId],
  );
}

/** Gives back what was reserved for a message that was not written after all. */
export async function giveBack(
  db: Queries,
  contacts: readonly { senderId: PersonId; contactId: string }[],
): Promise<void> {
  await db.query(
    `delete from first_contact c using unnest($1::bigint[], $2::bigint[]) as g (user_id, contact_id)
     where c.user_id = g.user_id and c.contact_id = g.contact_id`,
    [contacts.map((c) => c.senderId), contacts.map((c) => c.contactId)],
  );
}

/** Forgets contacts and reports that count for nothing any more, at most `limit` of each; answers how many contacts went. */
export async function pruneContacts(db: Queries, olderThan: Date, limit: number): Promise<number> {
  const rows = await db.query(
    `delete from first_contact c using (select user_id, contact_id from first_contact where at < $1 limit $2) old
     where c.user_id = old.user_id and c.contact_id = old.contact_id returning 1 as gone`,
    [olderThan, limit],
  );
  return rows.length;
}
