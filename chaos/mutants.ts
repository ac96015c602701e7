import type { CheckName } from './checks/all.ts';

// Mutants: small faults put into a copy of the source, each of which one of the checks must notice. They are no switches
// of the product; they show that the checks can fail.

export interface Patch {
  file: string;
  /** Must stand in the file exactly once. */
  find: string;
  replace: string;
}

export interface Mutant {
  name: string;
  /** What is wrong with it, for the table. */
  fault: string;
  check: CheckName;
  /** The scenario in which it shows. */
  scenario: string;
  patches: readonly Patch[];
}

/** Sends between people who have accepted each other are one statement; this leaves it out, where a fault needs more. */
const onlyTheLongWay: Patch = {
  file: 'server/src/actions/commit-known.ts',
  find: 'const known = findKnown(world, batch, memory);',
  replace: 'const known: ReturnType<typeof findKnown> = [];',
};

/** Everything is decided and written in a transaction of several statements. */
const theLongWay: Patch = {
  file: 'server/src/actions/commit-known.ts',
  find: 'if (known.length === 0) return batch;',
  replace: 'if (known.length >= 0) return batch;',
};

export const mutants: readonly Mutant[] = [
  {
    name: 'ack before commit',
    fault: 'a transaction resolves when its statements have run, while COMMIT is still under way',
    check: 'acked is stored',
    scenario: 'kill -9 PostgreSQL',
    patches: [
      theLongWay,
      {
        file: 'server/src/storage/database.ts',
        find: "if ((await commit).command !== 'COMMIT') {",
        replace: 'if (sent.length === 0) {',
      },
      onlyTheLongWay,
    ],
  },
  {
    name: 'synchronous_commit=off',
    fault: 'PostgreSQL answers a commit that is still in its memory alone',
    check: 'acked is stored',
    scenario: 'kill -9 either, embedded',
    patches: [
      {
        file: 'server/src/storage/embedded/settings.ts',
        find: "synchronous_commit: 'on'",
        replace: "synchronous_commit: 'off'",
      },
    ],
  },
  {
    name: 'no unique key',
    fault: 'receipts have no key, and nothing is looked up by it',
    check: 'client ids unique',
    scenario: 'kill -9 Aside',
    patches: [
      {
        file: 'server/migrations/conversation/0001_conversations.sql',
        find: `  sent_at timestamptz not null,
  primary key (conversation_id, sender_id, client_id)`,
        replace: '  sent_at timestamptz not null',
      },
      {
        file: 'server/src/actions/decide-batch.ts',
        find: 'findReceipts(tx, batch)',
        replace: 'findReceipts(tx, [])',
      },
      {
        file: 'server/src/storage/messages-if.ts',
        find: 'where r.seq is null',
        replace: 'where true',
      },
    ],
  },
  {
    name: 'numbers from memory',
    fault: 'seq counts on in the process, also when what it was drawn for was rolled back',
    check: 'seq dense',
    scenario: 'kill -9 PostgreSQL',
    patches: [
      theLongWay,
      {
        file: 'server/src/actions/decide-batch.ts',
        find: 'heads: new Map([...heads].map(([id, head]) => [id, head.headSeq])),',
        replace:
          'heads: new Map([...heads].map(([id, head]) => [id, Math.max(head.headSeq, drawn.get(id) ?? 0)])),',
      },
      {
        file: 'server/src/actions/decide-batch.ts',
        find: 'gathered.heads.set(send.conversationId, seq);',
        replace:
          'gathered.heads.set(send.conversationId, seq); drawn.set(send.conversationId, seq);',
      },
      {
        file: 'server/src/actions/decide-batch.ts',
        find: 'export interface Gathered {',
        replace: 'const drawn = new Map<string, number>();\nexport interface Gathered {',
      },
      onlyTheLongWay,
    ],
  },
  {
    name: 'cursor by identity',
    fault: 'a page after a message goes by the id that it was given when it came in',
    check: 'logs equal',
    scenario: 'clock steps',
    patches: [
      {
        file: 'server/src/storage/messages.ts',
        find: 'where m.conversation_id = $1 and m.seq > $2 order by m.seq limit $3',
        replace: `where m.conversation_id = $1 and m.message_id > coalesce(
         (select l.message_id from message l where l.conversation_id = $1 and l.seq = $2), 0)
       order by m.message_id limit $3`,
      },
    ],
  },
  {
    name: 'cached consent',
    fault: 'how the members stand is remembered, and not asked again under the lock',
    check: 'permitted',
    scenario: 'contention',
    patches: [
      {
        file: 'server/src/storage/messages-if.ts',
        find: ' and c.member_rev = t.member_rev\n',
        replace: '\n',
      },
      {
        file: 'server/src/storage/messages-if.ts',
        find: ' and c.member_rev = locked.member_rev\n',
        replace: '\n',
      },
    ],
  },
];

/** The text with the patch applied; throws when today's source does not hold it exactly once. */
export function applyPatch(source: string, { file, find, replace }: Patch): string {
  const pieces = source.split(find);
  if (pieces.length === 2) return pieces.join(replace);
  throw new Error(
    `${file} holds the text of this mutant ${pieces.length - 1} times, not once: ${find}`,
  );
}
