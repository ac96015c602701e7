import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { WebSocket } from 'ws';

// Somebody who abuses the server, in a process of their own until SIGTERM; then tells what came of it. They stand at
// the end of the machine's queue (nice 19), because in life they would not share its processor with their victims.
// usage: node abuser.ts KIND URL '[{"token": "…", "conversationId": "…"}, …]'

const [kind = '', url = '', given = '[]'] = process.argv.slice(2);
const abusers = JSON.parse(given) as { token: string; conversationId: string }[];
const token = abusers[0]!.token;
const counts: Record<string, number> = {};
const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
const { hostname, port } = new URL(url);
setPriority(0, 19);

/** What each does, and how often per second. */
const kinds: Record<string, () => Promise<void>> = {
  'sends by socket': () => sendsBySocket(abusers.slice(0, 1), 1_000),
  'sends by HTTP': () => requests(1_000, sendRequest),
  'five people’s sends by socket': () => sendsBySocket(abusers.slice(0, 5), 1_000),
  'a thousand sockets of one person': () => manySockets(),
  'hellos from the beginning of time': () => hellos(200),
  'connections that say nothing': () => silence(1_000),
  'people looked up': () => requests(1_000, () => get('/api/people?q=fro')),
  'inbox pages': () => requests(1_000, () => get('/api/conversations?limit=200')),
  'sign-in attempts': () => requests(1_000, signIn),
  'requests of nobody': () => requests(1_000, () => head('GET', '/api/me', 'nobody')),
  'settings changed': () => requests(1_000, changeSettings),
  'typing marks and pings': () => floodFrames(1_000, () => '{"t":"ping"}'),
};

process.once('SIGTERM', () => {
  console.log(JSON.stringify(counts));
  process.exit(0);
});
await kinds[kind]!();
console.log('began');

/** Calls `act` so often per second on average, in steps of 10 ms; a step that comes late makes up for it. */
function atRate(perSecond: number, act: () => void): void {
  const from = performance.now();
  let done = 0;
  setInterval(() => {
    const due = ((performance.now() - from) / 1000) * perSecond;
    // After a long wait not everything at once: that would be another attack.
    done = Math.max(done, due - perSecond / 5);
    for (; done < due; done += 1) act();
  }, 10);
}

async function sendsBySocket(people: typeof abusers, perSecond: number): Promise<void> {
  for (const { token: own, conversationId } of people) {
    let ws = await greet(own);
    const again = (): void => {
      ws.on('close', () => {
        setTimeout(() => {
          void greet(own).then((next) => {
            ws = next;
            again();
          }, again);
        }, 100);
      });
    };
    again();
    atRate(perSecond, () => {
      if (ws.readyState !== WebSocket.OPEN) return count('not sent');
      ws.send(JSON.stringify({ t: 'send', clientId: randomUUID(), conversationId, text: 'Buy!' }));
    });
  }
}

async function floodFrames(perSecond: number, frame: () => string): Promise<void> {
  let ws = await greet(token);
  setInterval(() => {
    if (ws.readyState === WebSocket.CLOSED) void greet(token).then((next) => (ws = next));
  }, 100);
  atRate(perSecond, () => {
    if (ws.readyState === WebSocket.OPEN) ws.send(frame());
  });
}

function greet(own: string, pos?: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/api/socket`);
    ws.on('open', () =>
      ws.send(JSON.stringify({ t: 'hello', token: own, ...(pos === 0 ? { pos } : {}) })),
    );
    ws.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { t: string; code?: string };
      count(frame.code ? `${frame.t} ${frame.code}` : frame.t);
      if (frame.t === 'welcome') resolve(ws);
    });
    ws.once('error', reject);
    ws.on('close', (code) => {
      count(`closed ${code}`);
      reject(new Error('closed'));
    });
  });
}

/** As many sockets as there may be at once and many more, all of one person, and who is sent away comes again. */
async function manySockets(): Promise<void> {
  let open = 0;
  atRate(200, () => {
    if (open >= 1_000) return;
    open += 1;
    greet(token).then(
      (ws) => ws.on('close', () => (open -= 1)),
      () => (open -= 1),
    );
  });
}

async function hellos(perSecond: number): Promise<void> {
  atRate(perSecond, () => {
    greet(token, 0).then(
      (ws) => setTimeout(() => ws.terminate(), 1_000),
      () => {},
    );
  });
}

async function silence(connections: number): Promise<void> {
  let open = 0;
  atRate(connections, () => {
    if (open >= connections) return;
    open += 1;
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.on('connect', () => count('connected'));
    socket.on('close', () => {
      count('cut off');
      open -= 1;
    });
  });
}

/** Requests over eight lines kept open, many under way on each; only the statuses are read. */
async function requests(perSecond: number, make: () => string): Promise<void> {
  const lines = Array.from({ length: 8 }, openLine);
  let turn = 0;
  atRate(perSecond, () => lines[(turn += 1) % lines.length]!().write(make()));
}

function openLine(): () => Socket {
  let line: Socket;
  const open = (): void => {
    line = connect(Number(port), hostname);
    line.on('data', (chunk: Buffer) => {
      for (const [, status] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g))
        count(status!);
    });
    line.on('error', () => {});
    line.on('close', () => {
      count('cut off');
      setTimeout(open, 100);
    });
  };
  open();
  return () => line;
}

function head(method: string, path: string, own: string, more = ''): string {
  return `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${own}\r\n${more}\r\n`;
}

function get(path: string): string {
  return head('GET', path, token);
}

function withBody(method: string, path: string, body: object): string {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  const more = `content-type: application/json\r\ncontent-length: ${length}\r\n`;
  return head(method, path, token, more) + text;
}

function sendRequest(): string {
  const body = { clientId: randomUUID(), text: 'Buy!' };
  return withBody('POST', `/api/conversations/${abusers[0]!.conversationId}/messages`, body);
}

function changeSettings(): string {
  return withBody('PATCH', '/api/settings', { typing: counts['200']! % 2 === 0 });
}

function signIn(): string {
  const text = JSON.stringify({ username: `from${counts['401'] ?? 0}`, password: randomUUID() });
  return (
    `POST /api/auth/sign-in/username HTTP/1.1\r\nhost: ${hostname}:${port}\r\norigin: ${url}\r\n` +
    `content-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`
  );
}
