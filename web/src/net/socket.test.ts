import type { ServerFrame } from '@aside/protocol';
import { describe, expect, it } from 'vitest';
import { createMemoryBrowser, createMemoryPorts } from '../platform/memory.ts';
import type { SocketEvents } from '../platform/ports.ts';
import { createSocket, socketLimits } from './socket.ts';

const me = { id: '1', username: 'me', name: 'me', kind: 'person', bio: '', website: '' } as const;
const welcome = {
  t: 'welcome',
  me: { ...me, createdAt: '', email: '' },
  pos: 7,
} satisfies ServerFrame;

function arrange() {
  const browser = createMemoryBrowser();
  const connections: { events: SocketEvents; written: { t: string }[]; isClosed: boolean }[] = [];
  const ports = createMemoryPorts(
    browser,
    {
      fetch: () => Promise.reject(new TypeError('unused')),
      openSocket: (_path, events) => {
        const connection = { events, written: [] as { t: string }[], isClosed: false };
        connections.push(connection);
        return {
          send: (text) => connection.written.push(JSON.parse(text) as { t: string }),
          close: () => {
            connection.isClosed = true;
          },
          bufferedBytes: () => 0,
        };
      },
    },
    () => 0.5,
  );
  const heard: string[] = [];
  let pos: number | null = null;
  const socket = createSocket(ports, {
    helloPos: () => pos,
    frame: (frame) => heard.push(frame.t),
    state: (state) => heard.push(state),
    sessionEnded: () => heard.push('ended'),
    struggling: () => heard.push('struggling'),
  });
  const latest = () => {
    const connection = connections.at(-1);
    if (connection === undefined) throw new Error('nothing was opened');
    return connection;
  };
  const goLive = () => {
    latest().events.opened();
    latest().events.text(JSON.stringify(welcome));
  };
  const see = (seen: number) => {
    pos = seen;
  };
  return { socket, ports, time: browser.time, connections, latest, goLive, heard, see };
}

describe('the socket', () => {
  it('says hello first, with the pos it has, and is live after the welcome', () => {
    const { socket, latest, goLive, see, heard } = arrange();
    see(41);
    socket.start();
    socket.send({ t: 'read', conversationId: '5', seq: 2 }, true);
    socket.send({ t: 'typing', conversationId: '5' }, false);
    expect(socket.isLive()).toBe(false);
    goLive();
    expect(latest().written.map((frame) => frame.t)).toEqual(['hello', 'read']);
    expect(latest().written[0]).toEqual({ t: 'hello', pos: 41 });
    expect(heard).toEqual(['connecting', 'online', 'welcome']);
  });

  it('pings, and gives up a connection that stays silent', async () => {
    const { socket, latest, goLive, time, connections } = arrange();
    socket.start();
    goLive();
    await time.advance(socketLimits.heartbeatMs);
    expect(latest().written.at(-1)).toEqual({ t: 'ping' });
    latest().events.text('{"t":"pong"}');
    await time.advance(socketLimits.heartbeatMs + socketLimits.answerMs);
    expect(connections[0]?.isClosed).toBe(true);
    await time.advance(2_000);
    expect(connections).toHaveLength(2);
  });

  it('waits longer after every failure, up to half a minute, and asks why now and then', async () => {
    const { socket, latest, time, heard, connections } = arrange();
    socket.start();
    const waitsMs: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const startedAt = time.now();
      const opened = connections.length;
      latest().events.closed(1006);
      while (connections.length === opened) await time.advance(50);
      waitsMs.push(time.now() - startedAt);
    }
    expect(waitsMs[0]).toBeGreaterThanOrEqual(500);
    expect([...waitsMs].sort((a, b) => a - b)).toEqual(waitsMs);
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(socketLimits.maxRetryMs);
    expect(heard.filter((word) => word === 'struggling')).toHaveLength(3);
  });

  it.each(['online', 'visible'])('does not wait when the page becomes %s', (occasion) => {
    const { socket, ports, latest, goLive, connections } = arrange();
    socket.start();
    goLive();
    if (occasion === 'online') {
      ports.goOnline(false);
      ports.goOnline(true);
    } else {
      latest().events.closed(1001);
      ports.show(true);
    }
    expect(connections).toHaveLength(2);
  });

  it('doubts an old connection when the page comes forward', async () => {
    const { socket, ports, goLive, latest, time, connections } = arrange();
    socket.start();
    goLive();
    ports.show(true);
    expect(latest().written.at(-1)).toEqual({ t: 'ping' });
    await time.advance(socketLimits.wakeAnswerMs + 1_000);
    expect(connections).toHaveLength(2);
  });

  it.each([
    [1001, true, []],
    [4408, true, []],
    [4413, true, []],
    [4429, true, []],
    [4401, false, ['ended']],
    [4400, false, []],
    [1009, false, []],
    [1011, true, []],
  ])('after close code %i reconnects: %s', async (code, reconnects, words) => {
    const { socket, goLive, latest, time, connections, heard } = arrange();
    socket.start();
    goLive();
    latest().events.closed(code);
    await time.advance(5_000);
    expect(connections.length > 1).toBe(reconnects);
    expect(heard.filter((word) => word === 'ended')).toEqual(words);
  });

  it('keeps a bounded number of frames for later', () => {
    const { socket, goLive, latest } = arrange();
    socket.start();
    for (let seq = 1; seq <= 150; seq += 1) {
      socket.send({ t: 'read', conversationId: '5', seq }, true);
    }
    goLive();
    expect(latest().written).toHaveLength(1 + socketLimits.queueMax);
    expect(latest().written.at(-1)).toMatchObject({ seq: 150 });
  });

  it('stopped leaves nothing running', () => {
    const { socket, goLive, latest, time } = arrange();
    socket.start();
    goLive();
    socket.stop();
    expect(latest().isClosed).toBe(true);
    expect(time.pendingTimers()).toBe(0);
  });
});
