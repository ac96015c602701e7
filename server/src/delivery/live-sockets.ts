import type { CloseReason, ServerFrame, Tick } from '@aside/protocol';
import type { PersonId, SessionId } from '../base/ids.ts';
import { hasEnded } from '../domain/ended-sessions.ts';
import type { BusEvent, MessagesEvent } from './bus.ts';
import { encode } from './encode.ts';
import { endlessLease, type Lease } from './node-lease.ts';
import type { Push } from './person-lines.ts';

export { encode };

// The sockets this node holds, by person, and what they are told. Frames are encoded once for all of them.

export interface LiveSocket {
  readonly personId: PersonId;
  readonly sessionId: SessionId;
  readonly suspended: boolean;
  /** Hands over one encoded frame; a socket that reads too slowly closes itself instead of queueing on. */
  push(frame: Buffer): void;
  close(reason: CloseReason): void;
}

export interface LiveSockets {
  /** Beyond `perPerson` sockets of one person the oldest is closed. */
  add(socket: LiveSocket): void;
  remove(socket: LiveSocket): void;
  /** Tells the sockets of this node what happened. */
  deliver(event: BusEvent): void;
  /** A welcome has told this person of everything in their inbox up to here. */
  begin(personId: PersonId, pos: number): void;
  closeAll(reason: CloseReason): void;
  /** All that this node holds. */
  all(): Iterable<LiveSocket>;
  /** While it does not hold, a socket is told nothing and nothing is done for it. */
  readonly lease: Lease;
  /** People with at least one socket here. */
  readonly people: number;
  stop(): void;
}

/** Keeps news in order and whole where it comes from several nodes; left out where there is one. */
export interface Between {
  came(personId: PersonId): void;
  left(personId: PersonId): void;
  begin(personId: PersonId, pos: number): void;
  /** Tells messages through the `push` it was made with. */
  take(event: MessagesEvent): void;
  /** These rows are about to be told. */
  note(personId: PersonId, ticks: readonly Tick[]): void;
  /** Everything up to here has been told. */
  toldPos(personId: PersonId): number;
}

// Ticks that follow messages only heal and carry `pos`, so they wait and travel together; those that keep devices in
// step do not, and take along what waits for their person, because `pos` covers all before it.
const tickDelayMs = { calm: 1_000, urgent: 50 };

export function createLiveSockets(options: {
  perPerson: number;
  lease?: Lease;
  between?: (push: Push) => Between;
}): LiveSockets {
  const byPerson = new Map<PersonId, Set<LiveSocket>>();
  const between = options.between?.((personId, frame) => pushFrame(byPerson.get(personId), frame));
  const ticks = tickBuffer((personId, rows) => {
    const pos = between?.toldPos(personId) ?? Math.max(...rows.map((row) => row.pos));
    pushTo(byPerson.get(personId), { t: 'tick', rows, pos });
  });

  return {
    add(socket) {
      const sockets = byPerson.get(socket.personId) ?? new Set();
      byPerson.set(socket.personId, sockets.add(socket));
      if (sockets.size === 1) between?.came(socket.personId);
      if (sockets.size > options.perPerson) {
        const [oldest] = sockets;
        oldest?.close('tooManySockets');
      }
    },
    remove(socket) {
      const sockets = byPerson.get(socket.personId);
      if (!sockets?.delete(socket) || sockets.size > 0) return;
      byPerson.delete(socket.personId);
      between?.left(socket.personId);
    },
    deliver(event) {
      if (between && event.type === 'messages') between.take(event);
      else {
        if (between && event.type === 'ticks') between.note(event.personId, event.ticks);
        deliverTo(byPerson, ticks, event);
      }
    },
    begin: (personId, pos) => between?.begin(personId, pos),
    closeAll(reason) {
      for (const sockets of byPerson.values()) for (const socket of sockets) socket.close(reason);
    },
    get people() {
      return byPerson.size;
    },
    *all() {
      for (const sockets of byPerson.values()) yield* sockets;
    },
    lease: options.lease ?? endlessLease,
    stop: () => ticks.stop(),
  };
}

function deliverTo(
  byPerson: Map<PersonId, Set<LiveSocket>>,
  ticks: TickBuffer,
  event: BusEvent,
): void {
  switch (event.type) {
    case 'messages':
      for (const message of event.messages) {
        const { conversationId } = event;
        const arrived = event.requestSeqs.includes(message.seq) ? 'requests' : 'inbox';
        const frame = encode({ t: 'message', conversationId, message, arrived });
        for (const id of event.memberIds) pushFrame(byPerson.get(id), frame);
      }
      return;
    case 'changed': {
      const { conversationId, rev, message } = event;
      const change = message === undefined ? {} : { message };
      const frame = encode({ t: 'changed', conversationId, rev, ...change });
      for (const id of event.personIds) pushFrame(byPerson.get(id), frame);
      return;
    }
    case 'dropped': {
      const { conversationId, clientId, code } = event;
      const why = code === undefined ? {} : { code };
      return pushTo(byPerson.get(event.personId), {
        t: 'dropped',
        conversationId,
        clientId,
        ...why,
      });
    }
    case 'ticks':
      if (byPerson.has(event.personId)) ticks.add(event.personId, event.ticks, event.isUrgent);
      return;
    case 'typing':
      for (const id of event.memberIds) {
        if (id === event.personId) continue;
        const { conversationId, personId } = event;
        pushTo(byPerson.get(id), { t: 'typing', conversationId, personId });
      }
      return;
    case 'person-changed':
      return pushTo(byPerson.get(event.personId), { t: 'me' });
    case 'suspension-changed':
      // They say hello again, and the door tells what they may now.
      for (const socket of byPerson.get(event.personId) ?? []) socket.close('renew');
      return;
    case 'sessions-ended':
      for (const socket of byPerson.get(event.personId) ?? []) {
        if (hasEnded(event.sessionIds, socket.sessionId)) socket.close('signInAgain');
      }
      return;
  }
}

function pushTo(sockets: Set<LiveSocket> | undefined, frame: ServerFrame): void {
  if (sockets) pushFrame(sockets, encode(frame));
}

function pushFrame(sockets: Set<LiveSocket> | undefined, frame: Buffer): void {
  if (sockets) for (const socket of sockets) socket.push(frame);
}

interface TickBuffer {
  add(personId: PersonId, ticks: readonly Tick[], isUrgent: boolean): void;
  stop(): void;
}

/** Holds ticks for a moment, the newest per conversation; bounded by the people connected and what they changed. */
function tickBuffer(flush: (personId: PersonId, rows: Tick[]) => void): TickBuffer {
  const waiting = new Map<PersonId, Map<string, Tick>>();
  const urgent = new Set<PersonId>();
  const timers: { calm?: NodeJS.Timeout | undefined; urgent?: NodeJS.Timeout | undefined } = {};
  const flushOf = (people: Iterable<PersonId>): void => {
    for (const personId of people) {
      const rows = waiting.get(personId);
      waiting.delete(personId);
      urgent.delete(personId);
      if (rows) flush(personId, [...rows.values()]);
    }
  };
  const plan = (kind: 'calm' | 'urgent', people: () => Iterable<PersonId>): void => {
    timers[kind] ??= setTimeout(() => {
      timers[kind] = undefined;
      flushOf(people());
    }, tickDelayMs[kind]);
  };
  return {
    add(personId, ticks, isUrgent) {
      const rows = waiting.get(personId) ?? new Map<string, Tick>();
      for (const tick of ticks) {
        const earlier = rows.get(tick.conversationId);
        if (!earlier || earlier.pos < tick.pos) rows.set(tick.conversationId, tick);
      }
      waiting.set(personId, rows);
      if (isUrgent) {
        urgent.add(personId);
        plan('urgent', () => urgent);
      } else plan('calm', () => waiting.keys());
    },
    stop() {
      clearTimeout(timers.calm);
      clearTimeout(timers.urgent);
      waiting.clear();
    },
  };
}
