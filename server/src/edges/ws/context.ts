import type { IncomingHttpHeaders } from 'node:http';
import type { Origin, PersonKind, ServerFrame } from '@aside/protocol';
import type { ConversationId, PersonId } from '../../base/ids.ts';
import type { Sender } from '../../actions/send-message.ts';
import type { SocketTallies } from '../../base/metrics.ts';
import type { World } from '../../actions/world.ts';
import type { LiveSocket, LiveSockets } from '../../delivery/live-sockets.ts';
import type { Viewer } from '../accounts/viewer.ts';

/** What every socket gets. */
export interface SocketContext {
  world: World;
  sender: Sender;
  live: LiveSockets;
  tallies: SocketTallies;
  /** Passes a typing mark on to these members, wherever they are connected. Lost ones are not repeated. */
  tellTyping(conversationId: ConversationId, personId: PersonId, memberIds: PersonId[]): void;
  /** Resolves when inbox rows that are due for this person are written. */
  settled(personId: PersonId): Promise<void>;
  /** Bytes a socket may leave unread before it is cut off. */
  bufferMaxBytes: number;
  resolveToken(token: string): Promise<Viewer | null>;
  resolve(headers: IncomingHttpHeaders): Promise<Viewer | null>;
  publicUrl: string;
  /** False: this person has come too often of late. */
  mayGreet(personId: PersonId): boolean;
  /** Called once when a socket has said who it is. */
  greeted(socket: LiveSocket): void;
  /** Called once when a socket has ended. */
  forget(socket: LiveSocket): void;
}

/** A socket that has said who it is. */
export interface GreetedSocket {
  readonly personId: PersonId;
  readonly origin: Origin;
  readonly suspended: boolean;
  readonly kind: PersonKind;
  isClosed(): boolean;
  send(frame: ServerFrame): void;
  /** Resolves when the frame has left for the network, or when the socket is closed. */
  sendThrough(frame: ServerFrame): Promise<void>;
}
