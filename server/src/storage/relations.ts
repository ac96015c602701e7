import type { Relationship } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import type { Database, Queries } from './database.ts';
import { lockPeople } from './people.ts';

// Follows, blocks, mutes, reports, and the intents that carry a change over two families.

/**
 * Adds follows, each once; leaves out pairs whose follower blocks the followee or is deleted. Takes the followers'
 * locks first, which a block takes too: a follow is either seen and ended by it, or sees it and is left out.
 */
export async function insertFollows(
  db: Database,
  pairs: readonly { followerId: PersonId; followeeId: PersonId }[],
  at: Date,
): Promise<void> {
  if (pairs.length === 0) return;
  const followers = pairs.map((p) => p.followerId);
  await db.transaction(async (tx) => {
    await lockPeople(tx, followers);
    await tx.query(
      `insert into follow (user_id, followee_id, created_at)
       select follower_id, followee_id, $3 from unnest($1::bigint[], $2::bigint[]) as f (follower_id, followee_id)
       where not exists (select from block where user_id = follower_id and blocked_id = followee_id)
         and not exists (select from person where user_id = follower_id and deleted_at is not null)
       order by 1, 2 on conflict (user_id, followee_id) do nothing`,
      [followers, pairs.map((p) => p.followeeId), at],
    );
  });
}

export async function deleteFollow(
  db: Queries,
  personId: PersonId,
  otherId: PersonId,
): Promise<void> {
  await db.query('delete from follow where user_id = $1 and followee_id = $2', [personId, otherId]);
}

/** The caller holds the blocker's lock (`lockPeople`), so that no follow slips in beside the block. */
export async function insertBlock(
  tx: Queries,
  personId: PersonId,
  otherId: PersonId,
  at: Date,
): Promise<void> {
  await tx.query(
    `insert into block (user_id, blocked_id, created_at) values ($1, $2, $3)
     on conflict (user_id, blocked_id) do nothing`,
    [personId, otherId, at],
  );
}

export async function deleteBlock(
  tx: Queries,
  personId: PersonId,
  otherId: PersonId,
): Promise<void> {
  await tx.query('delete from block where user_id = $1 and blocked_id = $2', [personId, otherId]);
}

/** True while the person's own list holds a block of the other. */
export async function isBlocking(
  db: Queries,
  personId: PersonId,
  otherId: PersonId,
): Promise<boolean> {
  const rows = await db.query('select from block where user_id = $1 and blocked_id = $2', [
    personId,
    otherId,
  ]);
  return rows.length > 0;
}

/** Whom a person blocked, latest first; at most `limit`. */
export async function listBlocked(
  db: Queries,
  personId: PersonId,
  limit: number,
): Promise<PersonId[]> {
  const rows = await db.query<{ blocked_id: PersonId }>(
    'select blocked_id from block where user_id = $1 order by created_at desc, blocked_id limit $2',
    [personId, limit],
  );
  return rows.map((row) => row.blocked_id);
}

export type Listing = 'follow' | 'block' | 'mute';

/** Everybody a person follows, blocks or mutes, lowest id first, after `afterId`; at most `limit`. */
export async function listRelated(
  db: Queries,
  personId: PersonId,
  listing: Listing,
  afterId: PersonId | '0',
  limit: number,
): Promise<PersonId[]> {
  const rows = await db.query<{ id: PersonId }>(listSql[listing], [personId, afterId, limit]);
  return rows.map((row) => row.id);
}

const listSql: Record<Listing, string> = {
  follow: `select followee_id as id from follow where user_id = $1 and followee_id > $2
           order by followee_id limit $3`,
  block: `select blocked_id as id from block where user_id = $1 and blocked_id > $2
          order by blocked_id limit $3`,
  mute: `select muted_id as id from mute where user_id = $1 and muted_id > $2
         order by muted_id limit $3`,
};

export async function setMute(
  tx: Queries,
  personId: PersonId,
  otherId: PersonId,
  on: boolean,
  at: Date,
): Promise<void> {
  if (on) {
    await tx.query(
      `insert into mute (user_id, muted_id, created_at) values ($1, $2, $3)
       on conflict (user_id, muted_id) do nothing`,
      [personId, otherId, at],
    );
  } else {
    await tx.query('delete from mute where user_id = $1 and muted_id = $2', [personId, otherId]);
  }
}

/**
 * How the viewer stands with each of these people. `followedBy` is what the viewer may know: it is false
 * when the other blocked the viewer, because a block ends that follow anyway, and while the viewer blocks the
 * other, because that follow is then the other's alone to see.
 */
export async function findRelationships(
  db: Queries,
  viewerId: PersonId,
  others: readonly PersonId[],
): Promise<Map<PersonId, Relationship>> {
  const rows = await db.query<Relationship & { other_id: PersonId }>(
    `select o.other_id,
       exists (select from follow where user_id = $1 and followee_id = o.other_id) as following,
       exists (select from follow where user_id = o.other_id and followee_id = $1)
         and not exists (select from block where user_id = o.other_id and blocked_id = $1) as "followedBy",
       exists (select from block where user_id = $1 and blocked_id = o.other_id) as blocking,
       exists (select from mute where user_id = $1 and muted_id = o.other_id) as muting
     from unnest($2::bigint[]) as o (other_id)`,
    [viewerId, others],
  );
  return new Map(
    rows.map(({ other_id, following, followedBy, blocking, muting }) => [
      other_id,
      { following, followedBy: followedBy && !blocking, blocking, muting },
    ]),
  );
}

const bothCountedMax = 100;

/** People whom the viewer and each of these follow: how many (counted to 100), and the first `shown` of them. */
export async function findFollowedByBoth(
  db: Queries,
  viewerId: PersonId,
  others: readonly PersonId[],
  shown: number,
): Promise<Map<PersonId, { count: number; people: PersonId[] }>> {
  const rows = await db.query<{ other_id: PersonId; people: PersonId[] }>(
    `select o.other_id, array(
       select theirs.followee_id from follow theirs
       join follow mine on mine.user_id = $1 and mine.followee_id = theirs.followee_id
       where theirs.user_id = o.other_id order by theirs.followee_id limit $3) as people
     from unnest($2::bigint[]) as o (other_id)`,
    [viewerId, others, bothCountedMax],
  );
  return new Map(
    rows.map(({ other_id, people }) => [
      other_id,
      { count: people.length, people: people.slice(0, shown) },
    ]),
  );
}

export interface NewReport {
  reportId: MessageId;
  reporterId: PersonId;
  reportedId: PersonId;
  reason: string;
  conversationId: ConversationId | null;
  /** The reported messages as they stood; kept with the report alone. */
  messages: unknown[];
  at: Date;
}

export async function insertReport(db: Queries, report: NewReport): Promise<void> {
  await db.query(
    `insert into report (user_id, report_id, reported_id, reason, conversation_id, messages, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id, report_id) do nothing`,
    [
      report.reporterId,
      report.reportId,
      report.reportedId,
      report.reason,
      report.conversationId,
      JSON.stringify(report.messages),
      report.at,
    ],
  );
  // Counted where the reported person's first messages are weighed.
  await db.query(
    `insert into reported (user_id, report_id, at) values ($1, $2, $3)
     on conflict (user_id, report_id) do nothing`,
    [report.reportedId, report.reportId, report.at],
  );
}

export type IntentKind =
  | 'block'
  | 'unblock'
  | 'delete-account'
  | 'accept'
  | 'decline'
  | 'unaccept'
  | 'grant'
  | 'revoke';

export interface Intent {
  personId: PersonId;
  intentId: MessageId;
  kind: IntentKind;
  otherId: PersonId | null;
}

export async function insertIntent(db: Queries, intent: Intent, at: Date): Promise<void> {
  await db.query(
    `insert into intent (user_id, intent_id, kind, other_id, created_at) values ($1, $2, $3, $4, $5)
     on conflict (user_id, intent_id) do nothing`,
    [intent.personId, intent.intentId, intent.kind, intent.otherId, at],
  );
}

/** The unfinished intents of these kinds of one person towards another, oldest first. */
export async function findIntents(
  db: Queries,
  personId: PersonId,
  otherId: PersonId,
  kinds: readonly IntentKind[],
): Promise<Intent[]> {
  const rows = await db.query<RawIntent>(
    `select user_id, intent_id, kind, other_id from intent
     where user_id = $1 and other_id = $2 and kind = any ($3::text[]) order by intent_id`,
    [personId, otherId, kinds],
  );
  return rows.map(toIntent);
}

/** Intents of anybody that are older than `olderThan`, which a crash left unfinished: a page of them, behind `after`. */
export async function listStaleIntents(
  db: Queries,
  olderThan: Date,
  after: Pick<Intent, 'personId' | 'intentId'> | null,
  limit: number,
): Promise<Intent[]> {
  const rows = await db.query<RawIntent>(
    `select user_id, intent_id, kind, other_id from intent
     where created_at < $1 and (user_id, intent_id) > ($2::bigint, $3::bigint)
     order by user_id, intent_id limit $4`,
    [olderThan, after?.personId ?? '0', after?.intentId ?? '0', limit],
  );
  return rows.map(toIntent);
}

export async function deleteIntents(db: Queries, intents: readonly Intent[]): Promise<void> {
  await db.query(
    `delete from intent i using unnest($1::bigint[], $2::bigint[]) as d (user_id, intent_id)
     where i.user_id = d.user_id and i.intent_id = d.intent_id`,
    [intents.map((i) => i.personId), intents.map((i) => i.intentId)],
  );
}

/** Forgets everything that one person had left unfinished. */
export async function deleteIntentsOf(db: Queries, personId: PersonId): Promise<void> {
  await db.query('delete from intent where user_id = $1', [personId]);
}

interface RawIntent {
  user_id: PersonId;
  intent_id: MessageId;
  kind: IntentKind;
  other_id: PersonId | null;
}

function toIntent(row: RawIntent): Intent {
  return {
    personId: row.user_id,
    intentId: row.intent_id,
    kind: row.kind,
    otherId: row.other_id,
  };
}
