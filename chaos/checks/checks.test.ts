import { expect, test } from 'vitest';
import type { Act, Evidence, Send, Stance, StoredMessage } from '../evidence.ts';
import { ackedIsStored } from './acked-is-stored.ts';
import { checkNames, checks } from './all.ts';
import { clientIdsUnique } from './client-ids-unique.ts';
import { logsEqual } from './logs-equal.ts';
import { permitted } from './permitted.ts';
import { seqDense } from './seq-dense.ts';

test('a run in which all went well passes every check', () => {
  for (const name of checkNames) expect(checks[name](goodRun())).toEqual([]);
});

test('an acknowledged message that is not stored is found', () => {
  const run = goodRun();
  const [conversation] = run.conversations;
  conversation!.messages.pop();
  expect(ackedIsStored(run)).toEqual(['c3 of ann was acknowledged as talk/3 and is not stored']);
});

test('an acknowledgement that names the number or id of another message is found', () => {
  for (const change of [{ seq: 2 }, { id: 'm9' }]) {
    const run = goodRun();
    Object.assign(run.sends[2]!.ack!, change);
    expect(ackedIsStored(run)).toHaveLength(1);
  }
});

test('a message that is stored with another text than was acknowledged is found', () => {
  const run = goodRun();
  run.conversations[0]!.messages[2]!.text = 'something else';
  expect(ackedIsStored(run)).toEqual(['talk/3 holds another message than c3 of ann']);
});

test('a message that was refused for good and stands there all the same is found', () => {
  const run = goodRun();
  Object.assign(run.sends[2]!, { ack: null, refusal: 'not_accepting' });
  expect(ackedIsStored(run)).toEqual(['c3 of ann was refused (not_accepting) and is stored']);
  // Another try may have been decided later.
  run.sends[2]!.tries = 2;
  expect(ackedIsStored(run)).toEqual([]);
});

test('a message that nobody heard of again may be stored or not', () => {
  const run = goodRun();
  run.sends[2]!.ack = null;
  expect(ackedIsStored(run)).toEqual([]);
});

test('a client id that made two messages is found; one of another person is another', () => {
  const run = goodRun();
  run.conversations[0]!.messages[2]!.clientId = 'c1';
  expect(clientIdsUnique(run)).toEqual(['talk holds c1 twice: 1 and 3']);
  run.conversations[0]!.messages[2]!.senderId = 'bob';
  expect(clientIdsUnique(run)).toEqual([]);
});

test('a gap, a number given twice, a head that is ahead or behind are found', () => {
  const withSeqs = (seqs: number[], headSeq: number): string[] => {
    const run = goodRun();
    const messages = seqs.map((seq) => ({ ...run.conversations[0]!.messages[0]!, seq }));
    Object.assign(run.conversations[0]!, { messages, headSeq });
    return seqDense(run);
  };
  expect(withSeqs([1, 2, 3], 3)).toEqual([]);
  expect(withSeqs([1, 3, 4], 4)).toEqual(['talk has 3 where 2 should be']);
  expect(withSeqs([1, 2, 2], 3)).toEqual(['talk has 2 where 3 should be']);
  expect(withSeqs([1, 2, 3], 4)).toEqual(['talk has 3 messages and its head says 4']);
  expect(withSeqs([1, 2, 3], 2)).toEqual(['talk has 3 messages and its head says 2']);
});

test('a member who misses the last, misses one between, has one too many or another one is found', () => {
  const withLog = (change: (log: StoredMessage[]) => StoredMessage[]): string[] => {
    const run = goodRun();
    const log = change(structuredClone(run.conversations[0]!.messages));
    run.members[1] = { ...run.members[1]!, log: new Map([['talk', log]]) };
    return logsEqual(run);
  };
  expect(withLog((log) => log)).toEqual([]);
  expect(withLog((log) => log.slice(0, 2))).toHaveLength(1);
  expect(withLog((log) => log.filter((one) => one.seq !== 2))).toHaveLength(1);
  expect(withLog((log) => [...log, { ...log[2]!, seq: 4 }])).toHaveLength(1);
  expect(withLog((log) => log.map((one) => ({ ...one, text: 'x' })))).toHaveLength(1);
  expect(withLog((log) => log.map((one) => ({ ...one, id: 'x' })))).toHaveLength(1);
});

test('a socket on which a message came twice or late is found; another socket begins anew', () => {
  const withFrames = (...sockets: number[][]): string[] => {
    const run = goodRun();
    const frames = sockets.map((seqs) => seqs.map((seq) => ({ conversationId: 'talk', seq })));
    run.members[0] = { ...run.members[0]!, sockets: frames };
    return logsEqual(run);
  };
  expect(withFrames([1, 2, 3], [2, 3])).toEqual([]);
  expect(withFrames([1, 2, 2])).toEqual(['a socket of ann got talk/2 after 2']);
  expect(withFrames([2, 1])).toEqual(['a socket of ann got talk/1 after 2']);
});

test('somebody who saw a conversation that is not theirs is found', () => {
  const run = goodRun();
  run.members.push({ ...run.members[0]!, personId: 'eve', contradictions: [] });
  expect(logsEqual(run)).toEqual(['eve saw talk, which is not theirs']);
});

test('a personal message after a block that was committed before it is found', () => {
  const run = goodRun();
  stance(run, { personId: 'bob', order: 5, blocks: true, contact: 'none' });
  expect(permitted(run)).toEqual([
    'talk/3 (personal) was delivered though its recipient blocked its sender',
  ]);
  run.conversations[0]!.messages[2]!.order = 4.5;
  expect(permitted(run)).toEqual([]);
});

test('a second first message, one to somebody who declined, one past the reach are found', () => {
  const third = (contact: Stance['contact'], follows: boolean): string[] => {
    const run = goodRun();
    if (follows) run.follows.add('bob ann');
    stance(run, { personId: 'bob', order: 5, contact });
    return permitted(run);
  };
  expect(third('accepted', false)).toEqual([]);
  expect(third('none', true)).toEqual([]);
  expect(third('none', false)).toHaveLength(1);
  expect(third('pending', true)).toHaveLength(1);
  expect(third('closed', true)).toHaveLength(1);
});

test('an answer opens the way for the next message of the same commit', () => {
  const run = goodRun();
  stance(run, { personId: 'bob', order: 3.5, contact: 'pending' });
  // Bob’s answer is the second message, order 4; ann’s third follows it.
  run.conversations[0]!.messages[2]!.order = 4.5;
  expect(permitted(run)).toEqual([]);
});

test('a message that is not personal needs a grant in force at its commit and an entry that says so', () => {
  const advert = (state: Partial<Stance>, entry: object | null = {}): string[] => {
    const run = goodRun();
    const permit = entry === null ? null : { recipientId: 'bob', entryId: 'e1' };
    Object.assign(run.conversations[0]!.messages[2]!, { purpose: 'service', permit });
    stance(run, { personId: 'bob', order: 5, contact: 'accepted', ...state });
    const grant = { personId: 'bob', entryId: 'e1', kind: 'grant', otherId: 'ann' } as const;
    run.ledger.push({ ...grant, purpose: 'service', ...entry });
    return permitted(run);
  };
  expect(advert({ grants: ['service'] })).toEqual([]);
  expect(advert({ grants: [] })).toHaveLength(1);
  expect(advert({ grants: ['service'], refusals: ['service'] })).toHaveLength(1);
  expect(advert({ grants: ['service'], blocks: true })).toHaveLength(1);
  expect(advert({ grants: ['service'] }, null)).toHaveLength(1);
  expect(advert({ grants: ['service'] }, { purpose: 'automated' })).toHaveLength(1);
  expect(advert({ grants: ['service'] }, { otherId: 'eve' })).toHaveLength(1);
  expect(advert({ grants: ['service'] }, { kind: 'block' })).toHaveLength(1);
});

test('a reply lets a message through only as the recipient’s own, earlier, and not yet void', () => {
  const answered = (reply: string, creditVoid: number): string[] => {
    const run = goodRun();
    const permit = { recipientId: 'bob', entryId: reply };
    Object.assign(run.conversations[0]!.messages[2]!, { purpose: 'automated', permit });
    stance(run, { personId: 'bob', order: 5, contact: 'accepted', creditVoid });
    const entry = { personId: 'bob', entryId: reply, kind: 'reply_credit', otherId: 'ann' };
    run.ledger.push({ ...entry, purpose: null });
    return permitted(run);
  };
  expect(answered('m2', 0)).toEqual([]);
  expect(answered('m1', 0)).toHaveLength(1);
  expect(answered('m2', 2)).toHaveLength(1);
});

test('what began after a block was answered is found, unless an unblock may have come between', () => {
  const after = (...acts: Partial<Act>[]): string[] => {
    const run = goodRun();
    run.sends[2]!.begunAt = 100;
    run.sends[2]!.answeredAt = 110;
    for (const act of acts) run.acts.push({ ...block, ...act });
    return permitted(run);
  };
  expect(after({})).toEqual(['talk/3 (personal) began after a block was answered']);
  expect(after({ answeredAt: 101 })).toEqual([]);
  expect(after({ answeredAt: null })).toEqual([]);
  expect(after({}, { kind: 'unblock', begunAt: 95, answeredAt: 98 })).toEqual([]);
  expect(after({}, { kind: 'unblock', begunAt: 105, answeredAt: null })).toEqual([]);
  expect(after({}, { kind: 'unblock', begunAt: 60, answeredAt: 65 })).toHaveLength(1);
  expect(after({}, { kind: 'unblock', begunAt: 111, answeredAt: 120 })).toHaveLength(1);
  expect(after({}, { kind: 'accept', begunAt: 95, answeredAt: 98 })).toHaveLength(1);
  expect(after({ personId: 'eve' })).toEqual([]);
});

test('what began after a revocation of its purpose was answered is found', () => {
  const after = (...acts: Partial<Act>[]): string[] => {
    const run = goodRun();
    const permit = { recipientId: 'bob', entryId: 'e1' };
    Object.assign(run.conversations[0]!.messages[2]!, { purpose: 'service', permit });
    stance(run, { personId: 'bob', order: 5, grants: ['service'] });
    run.ledger.push({
      personId: 'bob',
      entryId: 'e1',
      kind: 'grant',
      otherId: 'ann',
      purpose: 'service',
    });
    run.sends[2]!.begunAt = 100;
    run.sends[2]!.answeredAt = 110;
    const revoke = { ...block, kind: 'revoke', purposes: ['service'] } as const;
    for (const act of acts) run.acts.push({ ...revoke, ...act });
    return permitted(run);
  };
  expect(after({})).toEqual(['talk/3 (service) began after a revoke was answered']);
  expect(after({ purposes: ['automated'] })).toEqual([]);
  const grant = { kind: 'grant', begunAt: 95, answeredAt: 98 } as const;
  expect(after({}, { ...grant, purposes: ['service'] })).toEqual([]);
  expect(after({}, { ...grant, purposes: ['automated'] })).toHaveLength(1);
});

const block: Act = {
  personId: 'bob',
  otherId: 'ann',
  kind: 'block',
  purposes: [],
  begunAt: 80,
  answeredAt: 90,
};

/** Evidence that a test may bend. */
interface Bendable extends Evidence {
  conversations: (Evidence['conversations'][number] & {
    messages: StoredMessage[];
    stances: Stance[];
  })[];
  ledger: Evidence['ledger'][number][];
  sends: Send[];
  acts: Act[];
  members: Evidence['members'][number][];
  follows: Set<string>;
}

/** Ann writes, bob answers, ann writes again; each has accepted the other. */
function goodRun(): Bendable {
  const messages = [1, 2, 3].map((seq): StoredMessage => ({
    conversationId: 'talk',
    seq,
    id: `m${seq}`,
    clientId: `c${seq}`,
    text: `text ${seq}`,
    senderId: seq === 2 ? 'bob' : 'ann',
    purpose: 'personal',
    isInteractive: true,
    order: seq * 2,
    permit: null,
  }));
  const seen = (): Map<string, StoredMessage[]> =>
    new Map([['talk', messages.map((message) => ({ ...message }))]]);
  const run: Bendable = {
    conversations: [
      { conversationId: 'talk', headSeq: 3, memberIds: ['ann', 'bob'], messages, stances: [] },
    ],
    ledger: [],
    sends: messages.map((message, i): Send => ({
      personId: message.senderId,
      otherId: message.senderId === 'ann' ? 'bob' : 'ann',
      clientId: message.clientId,
      text: message.text,
      purpose: 'personal',
      tries: 1,
      begunAt: 10 * i,
      answeredAt: 10 * i + 5,
      refusal: null,
      ack: { conversationId: 'talk', seq: message.seq, id: message.id },
    })),
    acts: [],
    members: ['ann', 'bob'].map((personId) => ({
      personId,
      log: seen(),
      contradictions: [],
      sockets: [messages.map(({ conversationId, seq }) => ({ conversationId, seq }))],
    })),
    follows: new Set(),
  };
  for (const personId of ['ann', 'bob']) stance(run, { personId, contact: 'accepted' });
  return run;
}

function stance(run: Bendable, given: Partial<Stance> & { personId: string }): void {
  run.conversations[0]!.stances.push({
    order: 0,
    contact: 'none',
    blocks: false,
    grants: [],
    refusals: [],
    creditVoid: 0,
    ...given,
  });
}
