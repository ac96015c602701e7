import type { Ports } from '../platform/ports.ts';
import { createAccounts, type Accounts } from './accounts.ts';
import { createApi, type Api } from './api.ts';
import { createRequester } from './request.ts';
import { createSocket, type Socket, type SocketOwner } from './socket.ts';

// Everything that goes over the wire, as one thing to hand to the store.

export const requestTimeoutMs = 15_000;

export interface Net {
  api: Api;
  accounts: Accounts;
  socket: Socket;
  /** The session cookie was replaced: answers to requests sent before say nothing about the new one. */
  renewSession(): void;
  /** Ends every request under way; they settle as 'offline'. */
  abortAll(): void;
}

export function createNet(ports: Ports, owner: SocketOwner): Net {
  const requester = createRequester(ports, requestTimeoutMs, () => owner.sessionEnded());
  return {
    api: createApi(requester),
    accounts: createAccounts(requester),
    socket: createSocket(ports, owner),
    renewSession: requester.renewSession,
    abortAll: requester.abortAll,
  };
}
