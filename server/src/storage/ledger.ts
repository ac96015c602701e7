import type { ActVia, GrantPurpose, LedgerKind, Purpose } from '@aside/protocol';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { actVias, ledgerKinds, purposes } from './codes.ts';
import type { Queries } from './database.ts';

// The ledger of what people allowed and refused, and the latest word per sender and purpose that follows from it.

/** One act of a person about another. Its id is unique to the act: writing it again changes nothing. */
export interface Act {
  personId: PersonId;
  entryId: string;
  at: Date;
  kind: LedgerKind;
  otherId: PersonId;
  purpose: Purpose | null;
  via: ActVia;
  wording: string | null;
  conversationId: ConversationId | null;
}

/**
 * Appends acts and writes what they mean for “who may write to me”. The caller holds the lock of the conversation of
 * the two, so that the latest word is the last one given.
 */
export async function recordActs(tx: Queries, acts: readonly Act[]): Promise<void> {
  if (acts.length === 0) return;
  await insertEntries(tx, acts);
  for (const act of acts) await applyAct(tx, act);
}

async function insertEntries(tx: Queries, acts: readonly Act[]): Promise<void> {
  // A deleted person has no ledger; an act that was under way when they went leaves nothing behind.
  await tx.query(
    `insert into ledger (user_id, entry_id, at, kind, other_id, purpose, via, wording, conversation_id)
     select a.* from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::smallint[], $5::bigint[], $6::smallint[],
                          $7::smallint[], $8::text[], $9::bigint[])
       as a (user_id, entry_id, at, kind, other_id, purpose, via, wording, conversation_id)
     join person p on p.user_id = a.user_id and p.deleted_at is null
     order by a.user_id, a.entry_id
     on conflict (user_id, entry_id) do nothing`,
    [
      acts.map((a) => a.personId),
      acts.map((a) => a.entryId),
      acts.map((a) => a.at.toISOString()),
      acts.map((a) => ledgerKinds.toNumber(a.kind)),
      acts.map((a) => a.otherId),
      acts.map((a) => (a.purpose === null ? null : purposes.toNumber(a.purpose))),
      acts.map((a) => actVias.toNumber(a.via)),
      acts.map((a) => a.wording),
      acts.map((a) => a.conversationId),
    ],
  );
}

const granted = 1;
const revoked = 2;

async function applyAct(tx: Queries, act: Act): Promise<void> {
  switch (act.kind) {
    case 'wrote_first':
    case 'replied':
    case 'accept':
      return setConsent(tx, act, 'personal', granted);
    case 'grant':
      return setConsent(tx, act, act.purpose!, granted);
    case 'revoke':
      return setConsent(tx, act, act.purpose!, revoked);
    case 'unaccept':
    case 'decline':
      return endConsent(tx, act, [purposes.toNumber('personal')]);
    case 'block':
      return endConsent(tx, act, [1, 2, 3, 4]);
    case 'unblock':
    case 'reply_credit':
      return;
  }
}

async function setConsent(tx: Queries, act: Act, purpose: Purpose, state: number): Promise<void> {
  await tx.query(
    `insert into consent (user_id, other_id, purpose, state, since, entry_id)
     select $1, $2, $3, $4, $5, $6 where exists (select from person where user_id = $1 and deleted_at is null)
     on conflict (user_id, other_id, purpose) do update set
       since = case when consent.state = excluded.state then consent.since else excluded.since end,
       entry_id = case when consent.state = excluded.state then consent.entry_id else excluded.entry_id end,
       state = excluded.state`,
    [act.personId, act.otherId, purposes.toNumber(purpose), state, act.at, act.entryId],
  );
}

/** What was refused stays refused. */
async function endConsent(tx: Queries, act: Act, ended: number[]): Promise<void> {
  await tx.query(
    `delete from consent where user_id = $1 and other_id = $2 and purpose = any ($3::smallint[]) and state = $4`,
    [act.personId, act.otherId, ended, granted],
  );
}

/** The entry by which a person granted this purpose to a sender; null when none is in force. */
export async function findGrantEntry(
  db: Queries,
  personId: PersonId,
  otherId: PersonId,
  purpose: Purpose,
): Promise<string | null> {
  const rows = await db.query<{ entry_id: string }>(
    'select entry_id from consent where user_id = $1 and other_id = $2 and purpose = $3 and state = $4',
    [personId, otherId, purposes.toNumber(purpose), granted],
  );
  return rows[0]?.entry_id ?? null;
}

export interface ConsentRow {
  otherId: PersonId;
  purpose: Purpose;
  state: 'granted' | 'revoked';
  since: Date;
  entryId: string;
}

/** The latest word about each sender and purpose, latest act first, below `before`. */
export async function listConsents(
  db: Queries,
  personId: PersonId,
  before: string | null,
  limit: number,
): Promise<ConsentRow[]> {
  const rows = await db.query<RawConsent>(
    `select other_id, purpose, state, since, entry_id from consent
     where user_id = $1 and entry_id < $2 order by entry_id desc limit $3`,
    [personId, before ?? '9223372036854775807', limit],
  );
  return rows.map(toConsent);
}

/** What a person said about one sender, by purpose. */
export async function findConsents(
  db: Queries,
  personId: PersonId,
  otherId: PersonId,
): Promise<ConsentRow[]> {
  const rows = await db.query<RawConsent>(
    'select other_id, purpose, state, since, entry_id from consent where user_id = $1 and other_id = $2',
    [personId, otherId],
  );
  return rows.map(toConsent);
}

/** Entries of a person's ledger, latest first, below `before`. */
export async function listLedger(
  db: Queries,
  personId: PersonId,
  before: string | null,
  limit: number,
): Promise<Act[]> {
  const rows = await db.query<RawEntry>(
    `select ${entryColumns} from ledger where user_id = $1 and entry_id < $2 order by entry_id desc limit $3`,
    [personId, before ?? '9223372036854775807', limit],
  );
  return rows.map(toAct);
}

export async function findEntries(
  db: Queries,
  personId: PersonId,
  entryIds: readonly string[],
): Promise<Map<string, Act>> {
  if (entryIds.length === 0) return new Map();
  const rows = await db.query<RawEntry>(
    `select ${entryColumns} from ledger where user_id = $1 and entry_id = any ($2::bigint[])`,
    [personId, entryIds],
  );
  return new Map(rows.map((row) => [row.entry_id, toAct(row)]));
}

/** Refusals that a person gave to any brand of this sender's owner, and the entry of each. */
export async function findOwnerRefusals(
  db: Queries,
  personId: PersonId,
  senderId: PersonId,
): Promise<{ purpose: GrantPurpose; entryId: string }[]> {
  const [sender] = await db.query<{ owner: string | null }>(
    'select owner from person where user_id = $1',
    [senderId],
  );
  if (!sender?.owner) return [];
  const rows = await db.query<{ purpose: number; entry_id: string }>(
    'select purpose, entry_id from owner_refusal where user_id = $1 and owner = $2',
    [personId, sender.owner],
  );
  return rows.map((row) => ({
    purpose: purposes.toWord(row.purpose) as GrantPurpose,
    entryId: row.entry_id,
  }));
}

/**
 * Makes the refusals that these people were given hold for all brands of their owner, where they have one. Safe to
 * repeat. Asks every part of a spread family.
 */
export async function shareRefusals(db: Queries, people: readonly PersonId[]): Promise<void> {
  await db.query(
    `insert into owner_refusal (user_id, owner, purpose, entry_id)
     select c.user_id, p.owner, c.purpose, max(c.entry_id)
     from person p join consent c on c.other_id = p.user_id and c.state = 2
     where p.user_id = any ($1::bigint[]) and p.owner is not null
     group by c.user_id, p.owner, c.purpose
     on conflict (user_id, owner, purpose) do update set
       entry_id = greatest(owner_refusal.entry_id, excluded.entry_id)`,
    [people],
  );
}

/** Brands of one owner, lowest id first, after `afterId`. Asks every part of a spread family. */
export async function listSiblings(
  db: Queries,
  owner: string,
  afterId: PersonId | '0',
  limit: number,
): Promise<PersonId[]> {
  const rows = await db.query<{ user_id: PersonId }>(
    `select user_id from person where owner = $1 and user_id > $2 and deleted_at is null
     order by user_id limit $3`,
    [owner, afterId, limit],
  );
  return rows.map((row) => row.user_id);
}

export async function insertOwnerRefusals(
  tx: Queries,
  personId: PersonId,
  owner: string,
  refused: readonly GrantPurpose[],
  entryId: string,
): Promise<void> {
  await tx.query(
    `insert into owner_refusal (user_id, owner, purpose, entry_id)
     select $1, $2, purpose, $4 from unnest($3::smallint[]) as r (purpose)
     on conflict (user_id, owner, purpose) do update set entry_id = excluded.entry_id`,
    [personId, owner, refused.map((purpose) => purposes.toNumber(purpose)), entryId],
  );
}

interface RawConsent {
  other_id: PersonId;
  purpose: number;
  state: number;
  since: Date;
  entry_id: string;
}

function toConsent(row: RawConsent): ConsentRow {
  return {
    otherId: row.other_id,
    purpose: purposes.toWord(row.purpose),
    state: row.state === granted ? 'granted' : 'revoked',
    since: row.since,
    entryId: row.entry_id,
  };
}

const entryColumns = `user_id, entry_id, at, kind, other_id, purpose, via, wording, conversation_id`;

interface RawEntry {
  user_id: PersonId;
  entry_id: string;
  at: Date;
  kind: number;
  other_id: PersonId;
  purpose: number | null;
  via: number;
  wording: string | null;
  conversation_id: ConversationId | null;
}

function toAct(row: RawEntry): Act {
  return {
    personId: row.user_id,
    entryId: row.entry_id,
    at: row.at,
    kind: ledgerKinds.toWord(row.kind),
    otherId: row.other_id,
    purpose: row.purpose === null ? null : purposes.toWord(row.purpose),
    via: actVias.toWord(row.via),
    wording: row.wording,
    conversationId: row.conversation_id,
  };
}
