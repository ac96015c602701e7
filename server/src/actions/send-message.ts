import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Origin, PersonKind, Purpose } from '@aside/protocol';
import type { ConversationId, MessageId, PersonId } from '../base/ids.ts';
import { createLanes, type Lanes } from '../base/lanes.ts';
import type { SendTallies } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import { decideSend } from '../domain/decide-send.ts';
import { judgePurpose } from '../domain/judge-purpose.ts';
import type { Rules } from '../domain/rules.ts';
import { isStopWord } from '../domain/stop-word.ts';
import { takeToken, type Bucket, type BucketRule } from '../domain/token-bucket.ts';
import { createMemberMemory } from '../storage/members-under-lock.ts';
import { personNamed } from '../storage/person-named.ts';
import { loadStanding } from '../storage/standing.ts';
import { commitSends } from './commit-sends.ts';
import type { PendingSend, Sent } from './pending-send.ts';
import { openDirect } from './open-direct.ts';
import { refuseBadText } from './refuse-bad-text.ts';
import { stopByWord } from './set-consent.ts';
import { refusalOf } from './weigh-send.ts';
import type { World } from './world.ts';

// The one way a message enters. Stop 2 to 4 of docs/life-of-a-message.md: gather, decide, write.

export interface SendCommand {
  senderId: PersonId;
  senderSuspended: boolean;
  senderKind: PersonKind;
  origin: Origin;
  /** An existing conversation, or a person, whose direct conversation is opened if need be. */
  to: { conversationId: ConversationId } | { username: string };
  clientId: string;
  text: string;
  /** What the sender says it is for; the server only ever judges more strictly. */
  purpose?: Purpose;
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
   * `client_id_reused` and everything that docs/consent.md names; nothing is written then, except that `held` keeps
   * the message until its sender signs in again.
   */
  send(command: SendCommand): Promise<Sent>;
  /** The same for a message that waited for its sender; neither the brake nor the rate counts. */
  release(command: SendCommand & { to: { conversationId: ConversationId } }): Promise<Sent>;
  /** Resolves when every send accepted so far is answered. */
  drained(): Promise<void>;
  /** Sends waiting for their commit or in it. */
  readonly waiting: number;
}

// One bucket per person who sent lately; the least recent are forgotten, and a forgotten bucket is a full one.
const bucketsMax = 100_000;

export function createSender(world: World, options: SendOptions): Sender {
  const buckets = new LRUCache<PersonId, Bucket>({ max: bucketsMax });
  const memory = createMemberMemory();
  const lanes = createLanes<PendingSend>({
    lanes: options.lanes,
    batchMax: options.batchMax,
    queueMax: options.queueMax,
    run: (batch) => commitSends(world, batch, memory),
  });
  return {
    send: counted(world.metrics.sends, async (command) => {
      // First, so that what is refused for another reason counts as well.
      refuseHaste(buckets, command.senderId, options.rate, world.clock.now());
      refuseBadText(command.text);
      const purpose = purposeOf(command, world.rules);
      const { conversationId, isStop } = await prepare(world, command, purpose);
      return enqueue(world, lanes, { command, conversationId, purpose, isStop, isReleased: false });
    }),
    release: (command) =>
      enqueue(world, lanes, {
        command,
        conversationId: command.to.conversationId,
        purpose: 'personal',
        isStop: false,
        isReleased: true,
      }),
    drained: () => lanes.drained(),
    get waiting() {
      return lanes.waiting;
    },
  };
}

/** Notes what came of each send and, of those that were let, how long it took. */
function counted(
  tallies: SendTallies,
  send: (command: SendCommand) => Promise<Sent>,
): Sender['send'] {
  return async (command) => {
    const from = performance.now();
    try {
      const sent = await send(command);
      tallies.outcomes.add(sent.isRepeat ? 'repeat' : 'new');
      tallies.seconds.add((performance.now() - from) / 1000);
      return sent;
    } catch (error) {
      tallies.outcomes.add(error instanceof Refusal ? error.code : 'error');
      throw error;
    }
  };
}

/** What a message counts as: by who made it and what it says, never less strict than its sender says. */
export function purposeOf(
  {
    purpose,
    origin,
    senderKind,
    text,
  }: Pick<SendCommand, 'purpose' | 'origin' | 'senderKind' | 'text'>,
  rules: Rules,
): Purpose {
  const claimed = purpose === undefined ? {} : { claimed: purpose };
  return judgePurpose({ ...claimed, origin, senderKind, text }, rules).purpose;
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

interface Prepared {
  conversationId: ConversationId;
  isStop: boolean;
}

/**
 * Finds the conversation. A stranger who may not write is refused before anything is created, so that refusals leave
 * no rows behind. A stop word takes effect here, before its message is decided: it holds even if that is refused.
 */
async function prepare(world: World, command: SendCommand, purpose: Purpose): Promise<Prepared> {
  const { senderId, to } = command;
  const mayStop = purpose === 'personal' && isStopWord(command.text);
  if ('conversationId' in to) {
    const { conversationId } = to;
    return {
      conversationId,
      isStop: mayStop && (await stopByWord(world, senderId, conversationId)),
    };
  }
  const recipientId = await personNamed(world.families, to.username);
  const now = await loadStanding(world, { senderId, recipientId, origin: command.origin, purpose });
  if (now.conversationId !== null) {
    const { conversationId } = now;
    return {
      conversationId,
      isStop: mayStop && (await stopByWord(world, senderId, conversationId)),
    };
  }
  const { text, origin } = command;
  const standing = { ...now.standing, senderSuspended: command.senderSuspended };
  const decision = decideSend(standing, { text, origin, purpose }, {}, world.rules);
  if (decision.outcome === 'refuse') throw refusalOf(decision, world.clock.now());
  const members = standing.isSelf ? ([senderId] as const) : ([senderId, recipientId] as const);
  return { conversationId: await openDirect(world, members), isStop: false };
}

function enqueue(
  world: World,
  lanes: Lanes<PendingSend>,
  given: Prepared & { command: SendCommand; purpose: Purpose; isReleased: boolean },
): Promise<Sent> {
  const { command, conversationId, purpose, isStop, isReleased } = given;
  return new Promise((resolve, reject) => {
    const queued = lanes.add(conversationId, {
      conversationId,
      opens: 'username' in command.to,
      senderId: command.senderId,
      senderSuspended: command.senderSuspended,
      clientId: command.clientId.toLowerCase(),
      messageId: world.ids.next<MessageId>(),
      text: command.text,
      bodyHash: hashOf(command.text),
      origin: command.origin,
      purpose,
      isStop,
      isReleased,
      wasTried: false,
      resolve,
      reject,
    });
    if (!queued) reject(new Refusal('overloaded', undefined, { retryAfterMs: 1_000 }));
  });
}

/** Enough to tell a retry from another message under the same id; what differs in 64 bits is another message. */
function hashOf(text: string): string {
  // By way of hex, which is twice as fast as a buffer.
  return BigInt.asIntN(64, BigInt(`0x${hash('sha256', text, 'hex').slice(0, 16)}`)).toString();
}

export type { Sent };
