import { createHash } from 'node:crypto';
import type { Origin } from '@aside/protocol';
import { LRUCache } from 'lru-cache';
import type { ConversationId, PersonId } from '../base/ids.ts';
import { createLanes, type Lanes } from '../base/lanes.ts';
import { Refusal } from '../base/refusal.ts';
import { decideSend } from '../domain/decide-send.ts';
import { judgeText } from '../domain/message-text.ts';
import { takeToken, type Bucket, type BucketRule } from '../domain/token-bucket.ts';
import { personNamed } from '../storage/person-named.ts';
import { loadStanding } from '../storage/standing.ts';
import { commitSends, type PendingSend, type Sent } from './commit-sends.ts';
import { openDirect } from './open-direct.ts';
import type { World } from './world.ts';

// The one way a message enters. Stop 2 to 4 of docs/life-of-a-message.md: gather, decide, write.

export interface SendCommand {
  senderId: PersonId;
  /** By the credential: a session of the person's own, or an API key. */
  origin: Origin;
  senderSuspended: boolean;
  /** An existing conversation, or a person, whose direct conversation is opened if need be. */
  to: { conversationId: ConversationId } | { username: string };
  clientId: string;
  text: string;
}

export interface SendOptions {
  rate: BucketRule;
  lanes: number;
  batchMax: number;
  queueMax: number;
}

export interface Sender {
  /**
   * Sends once: a repeated client id answers with the message it made (`isRepeat`). Resolves after the commit
   * is flushed to disk. Refuses `invalid`, `empty`, `too_long`, `rate_limited`, `overloaded`, `not_found`,
   * `client_id_reused`, `recipient_gone`, `you_blocked`, `not_accepting`; nothing is written then.
   */
  send(command: SendCommand): Promise<Sent>;
  /** Resolves when every send accepted so far is answered. */
  drained(): Promise<void>;
  /** Sends waiting for their commit or in it. */
  readonly waiting: number;
}

// One bucket per person who sent lately; the least recent are forgotten, and a forgotten bucket is a full one.
const bucketsMax = 100_000;

export function createSender(world: World, options: SendOptions): Sender {
  const buckets = new LRUCache<PersonId, Bucket>({ max: bucketsMax });
  const lanes = createLanes<PendingSend>({
    lanes: options.lanes,
    batchMax: options.batchMax,
    queueMax: options.queueMax,
    run: (batch) => commitSends(world, batch),
  });
  return {
    async send(command) {
      // First, so that what is refused for another reason counts as well.
      refuseHaste(buckets, command.senderId, options.rate, world.clock.now());
      refuseBadText(command.text);
      const conversationId = await conversationFor(world, command);
      return enqueue(lanes, command, conversationId);
    },
    drained: () => lanes.drained(),
    get waiting() {
      return lanes.waiting;
    },
  };
}

function refuseBadText(text: string): void {
  switch (judgeText(text)) {
    case 'ok':
      return;
    case 'empty':
      throw new Refusal('empty');
    case 'too_long':
      throw new Refusal('too_long');
    case 'not_text':
      throw new Refusal(
        'invalid',
        'The text contains a NUL or half a character and cannot be stored.',
      );
  }
}

function refuseHaste(
  buckets: LRUCache<PersonId, Bucket>,
  senderId: PersonId,
  rule: BucketRule,
  nowMs: number,
): void {
  const outcome = takeToken(buckets.get(senderId), rule, nowMs);
  buckets.set(senderId, outcome.bucket);
  if (outcome.taken) return;
  throw new Refusal('rate_limited', 'You are sending faster than one person may.', {
    retryAfterMs: outcome.retryAfterMs,
  });
}

/** A stranger who may not write is refused before anything is created, so that refusals leave no rows behind. */
async function conversationFor(world: World, command: SendCommand): Promise<ConversationId> {
  if ('conversationId' in command.to) return command.to.conversationId;
  const recipientId = await personNamed(world.families, command.to.username);
  const { standing, conversationId } = await loadStanding(
    world.families,
    command.senderId,
    recipientId,
  );
  if (conversationId !== null) return conversationId;
  const decision = decideSend(standing);
  if (decision.outcome === 'refuse') throw new Refusal(decision.code);
  const members = standing.isSelf
    ? ([command.senderId] as const)
    : ([command.senderId, recipientId] as const);
  return openDirect(world, members);
}

function enqueue(
  lanes: Lanes<PendingSend>,
  command: SendCommand,
  conversationId: ConversationId,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const queued = lanes.add(conversationId, {
      conversationId,
      opens: 'username' in command.to,
      senderId: command.senderId,
      clientId: command.clientId.toLowerCase(),
      text: command.text,
      bodyHash: hashOf(command.text),
      origin: command.origin,
      purpose: 'personal',
      resolve,
      reject,
    });
    if (!queued) reject(new Refusal('overloaded', undefined, { retryAfterMs: 1_000 }));
  });
}

/** Enough to tell a retry from another message under the same id; what differs in 64 bits is another message. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest().readBigInt64BE(0).toString();
}

export type { Sent };
