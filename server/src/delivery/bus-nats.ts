import type { PersonId } from '../base/ids.ts';
import type { Bus, BusEvent, MessagesEvent } from './bus.ts';
import { localBus } from './bus-local.ts';
import type { NatsLink } from './nats-link.ts';

// Events between nodes. Whoever has sockets of a person listens on that person's subject; an event is written once
// and published to each of its people, because only NATS knows where they are.

/** The server's default limit is 1 MB; what would be larger travels in parts. */
const payloadMaxBytes = 512 * 1024;

/**
 * Sockets of this node are served within the call, whether NATS is there or not. To other nodes an event goes at most
 * once and may be lost. `isAlone`: no other node is alive, so nothing needs to leave.
 */
export function natsBus(link: NatsLink, prefix: string, isAlone: () => boolean): Bus {
  const local = localBus();
  const ends = new Map<PersonId, () => void>();
  return {
    publish(event) {
      local.publish(event);
      if (!isAlone()) send(link, prefix, event);
    },
    subscribe: (listener) => local.subscribe(listener),
    listenFor(personId) {
      const listener = (data: Uint8Array): void => {
        const event = fromWire(data, personId);
        if (event) local.publish(event);
      };
      ends.set(personId, link.subscribe(subjectOf(prefix, personId), listener));
    },
    stopListeningFor(personId) {
      ends.get(personId)?.();
      ends.delete(personId);
    },
  };
}

function subjectOf(prefix: string, personId: PersonId): string {
  return `${prefix}.p.${personId}`;
}

function send(link: NatsLink, prefix: string, event: BusEvent): void {
  const people = peopleOf(event);
  if (people.length === 0) return;
  if (!link.isUp) return link.drop(people.length);
  const payload = Buffer.from(JSON.stringify(toWire(event)));
  if (payload.length > payloadMaxBytes && event.type === 'messages' && event.messages.length > 1) {
    for (const half of halves(event)) send(link, prefix, half);
    return;
  }
  for (const personId of people) link.publish(subjectOf(prefix, personId), payload);
}

function peopleOf(event: BusEvent): readonly PersonId[] {
  switch (event.type) {
    case 'messages':
    case 'typing':
      return event.memberIds;
    case 'changed':
      return event.personIds;
    case 'dropped':
    case 'ticks':
    case 'person-changed':
      return [event.personId];
    case 'suspension-changed':
    case 'sessions-ended':
      return [];
  }
}

/** Without the list of people: whoever receives it delivers to the one whose subject it came by. */
function toWire(event: BusEvent): BusEvent {
  switch (event.type) {
    case 'messages':
    case 'typing':
      return { ...event, memberIds: [] };
    case 'changed':
      return { ...event, personIds: [] };
    default:
      return event;
  }
}

/** Null for what is no event that is meant for this person: a newer node may send other kinds. */
function fromWire(data: Uint8Array, personId: PersonId): BusEvent | null {
  let event: BusEvent;
  try {
    event = JSON.parse(
      Buffer.from(data.buffer, data.byteOffset, data.length).toString(),
    ) as BusEvent;
  } catch {
    return null;
  }
  switch (event?.type) {
    case 'messages':
    case 'typing':
      return { ...event, memberIds: [personId] };
    case 'changed':
      return { ...event, personIds: [personId] };
    case 'dropped':
    case 'ticks':
    case 'person-changed':
      return event.personId === personId ? event : null;
    default:
      return null;
  }
}

function halves(event: MessagesEvent): MessagesEvent[] {
  const middle = event.messages.length >> 1;
  const [first, second] = [event.messages.slice(0, middle), event.messages.slice(middle)];
  const previousAt = Date.parse(first.at(-1)!.createdAt);
  return [
    { ...event, messages: first },
    { ...event, messages: second, previousAt },
  ];
}
