import type {
  Evidence,
  LedgerRow,
  PurposeName,
  Stance,
  StoredConversation,
  StoredMessage,
} from './evidence.ts';
import { runSql } from './postgres.ts';

// What the database holds, read past the server; and the order in which it came to hold it, kept by triggers of the
// harness: they run in the transactions that they watch, while those hold the conversation's lock.

/** Installs the triggers; after the migrations, before the load. */
export async function installObserver(url: string): Promise<void> {
  await runSql(url, [
    'create schema chaos',
    'create sequence chaos.place cache 1',
    `create table chaos.message (conversation_id bigint, seq bigint, place bigint)`,
    `create table chaos.stance (conversation_id bigint, user_id bigint, place bigint, contact smallint, blocks boolean,
       grants smallint, refusals smallint, credit_void bigint)`,
    `create function chaos.note_messages() returns trigger language plpgsql security definer as $$ begin
       insert into chaos.message
       select conversation_id, seq, nextval('chaos.place')
       from (select conversation_id, seq from added order by conversation_id, seq) one;
       return null; end $$`,
    `create trigger chaos_message after insert on message referencing new table as added
     for each statement execute function chaos.note_messages()`,
    `create function chaos.note_stance() returns trigger language plpgsql security definer as $$ begin
       insert into chaos.stance values (new.conversation_id, new.user_id, nextval('chaos.place'), new.contact,
         new.blocks, new.grants, new.refusals, new.credit_void);
       return null; end $$`,
    `create trigger chaos_stance after insert or update on member
     for each row execute function chaos.note_stance()`,
  ]);
}

/** The newest number of each conversation of a person: what their devices must come to hold. */
export async function headsByMember(url: string): Promise<Map<string, Map<string, number>>> {
  const rows = await runSql<{ user_id: string; conversation_id: string; head_seq: string }>(url, [
    `select m.user_id, conversation_id, c.head_seq from member m join conversation c using (conversation_id)
     where c.head_seq > 0`,
  ]);
  const heads = new Map<string, Map<string, number>>();
  for (const row of rows) {
    const own = heads.get(row.user_id) ?? new Map<string, number>();
    heads.set(row.user_id, own.set(row.conversation_id, Number(row.head_seq)));
  }
  return heads;
}

/** Everything that the checks want to know of the database. */
export async function readStored(url: string): Promise<Pick<Evidence, 'conversations' | 'ledger'>> {
  const [heads, messages, stances, ledger] = [
    await runSql<RawConversation>(url, [
      `select c.conversation_id, c.head_seq, array_agg(m.user_id::text) as members
       from conversation c join member m using (conversation_id) group by c.conversation_id, c.head_seq`,
    ]),
    await runSql<RawMessage>(url, [
      `select m.conversation_id, m.seq, m.message_id, m.sender_id, m.client_id, m.body, m.purpose, m.origin,
              o.place, p.recipient_id, p.entry_id
       from message m join chaos.message o using (conversation_id, seq)
       left join permit p using (conversation_id, seq) order by m.conversation_id, m.seq`,
    ]),
    await runSql<RawStance>(url, ['select * from chaos.stance order by place']),
    await runSql<RawLedger>(url, [
      'select user_id, entry_id, kind, other_id, purpose from ledger order by user_id, entry_id',
    ]),
  ];
  const messagesOf = Map.groupBy(messages, (row) => row.conversation_id);
  const stancesOf = Map.groupBy(stances, (row) => row.conversation_id);
  return {
    conversations: heads.map((row): StoredConversation => ({
      conversationId: row.conversation_id,
      headSeq: Number(row.head_seq),
      memberIds: row.members,
      messages: (messagesOf.get(row.conversation_id) ?? []).map(toMessage),
      stances: (stancesOf.get(row.conversation_id) ?? []).map(toStance),
    })),
    ledger: ledger.map(toLedgerRow),
  };
}

// Written again here, and not taken from the server, so that a slip in its tables of codes shows.
const purposeNames: readonly PurposeName[] = ['personal', 'service', 'automated', 'promotional'];
const contacts = ['none', 'pending', 'accepted', 'closed'] as const;
const ledgerKinds = [
  '',
  'wrote_first',
  'replied',
  'accept',
  'unaccept',
  'decline',
  'block',
  'unblock',
  'grant',
  'revoke',
  'reply_credit',
];

/** Bit 1 service, 2 automated, 4 promotional. */
function purposesIn(bits: number): PurposeName[] {
  return purposeNames.slice(1).filter((_, i) => (bits & (1 << i)) !== 0);
}

function toMessage(row: RawMessage): StoredMessage {
  return {
    conversationId: row.conversation_id,
    seq: Number(row.seq),
    id: row.message_id,
    senderId: row.sender_id,
    clientId: row.client_id,
    text: row.body,
    purpose: purposeNames[row.purpose - 1]!,
    isInteractive: row.origin === 1,
    order: Number(row.place),
    permit:
      row.entry_id === null ? null : { recipientId: row.recipient_id!, entryId: row.entry_id },
  };
}

function toStance(row: RawStance): Stance {
  return {
    personId: row.user_id,
    order: Number(row.place),
    contact: contacts[row.contact]!,
    blocks: row.blocks,
    grants: purposesIn(row.grants),
    refusals: purposesIn(row.refusals),
    creditVoid: Number(row.credit_void),
  };
}

function toLedgerRow(row: RawLedger): LedgerRow {
  return {
    personId: row.user_id,
    entryId: row.entry_id,
    kind: ledgerKinds[row.kind]!,
    otherId: row.other_id,
    purpose: row.purpose === null ? null : purposeNames[row.purpose - 1]!,
  };
}

interface RawConversation {
  conversation_id: string;
  head_seq: string;
  members: string[];
}

interface RawMessage {
  conversation_id: string;
  seq: string;
  message_id: string;
  sender_id: string;
  client_id: string;
  body: string;
  purpose: number;
  origin: number;
  place: string;
  recipient_id: string | null;
  entry_id: string | null;
}

interface RawStance {
  conversation_id: string;
  user_id: string;
  place: string;
  contact: number;
  blocks: boolean;
  grants: number;
  refusals: number;
  credit_void: string;
}

interface RawLedger {
  user_id: string;
  entry_id: string;
  kind: number;
  other_id: string;
  purpose: number | null;
}
