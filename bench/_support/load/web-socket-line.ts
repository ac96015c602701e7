import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { body, type Line, type Receive } from './line.ts';

// A WebSocket client that does as little as it may, because the load shares the machine with what it measures: frames
// are told apart by their headers, and of the text only the client id is looked for. RFC 6455 in the part that is needed.

export interface Pair {
  senderToken: string;
  recipientToken: string;
  recipient: string;
}

/** Opens both sockets, says hello, and lets the two accept each other, so that the sender may write on. */
export async function openWebSocketLine(url: string, pair: Pair, receive: Receive): Promise<Line> {
  const [sender, recipient] = await Promise.all([
    openSocket(url, pair.senderToken),
    openSocket(url, pair.recipientToken),
  ]);
  const conversationId = await meet(sender, recipient, pair.recipient);
  refuseRefusals(sender);
  recipient.onChunk = (frames) => receiveFrom(frames, receive);
  return lineTo(sender, [conversationId]);
}

/** People who have accepted each other already: each sender writes to all its conversations in turn. */
export interface Mesh {
  senders: { token: string; conversationIds: string[] }[];
  recipients: { token: string }[];
}

export async function openMesh(url: string, mesh: Mesh, receive: Receive): Promise<Line[]> {
  for (const { token } of mesh.recipients) {
    const recipient = await openSocket(url, token);
    recipient.onChunk = (frames) => receiveFrom(frames, receive);
  }
  const lines: Line[] = [];
  for (const { token, conversationIds } of mesh.senders) {
    const sender = await openSocket(url, token);
    refuseRefusals(sender);
    lines.push(lineTo(sender, conversationIds));
  }
  return lines;
}

function lineTo({ socket }: OpenSocket, conversationIds: readonly string[]): Line {
  const makers = conversationIds.map(frameMaker);
  let next = 0;
  const frameOf = (id: string): Buffer => {
    next = (next + 1) % makers.length;
    return makers[next]!(id);
  };
  return {
    post(ids) {
      if (ids.length === 1) socket.write(frameOf(ids[0]!));
      else socket.write(Buffer.concat(ids.map(frameOf)));
    },
  };
}

/** What else comes to a sender is counted at the recipient. */
function refuseRefusals(sender: OpenSocket): void {
  sender.onChunk = (frames) => {
    for (const { bytes, start, end } of frames) {
      // {"t":"refused"…
      if (bytes[start + 6] === 0x72) throw new Error(bytes.toString('utf8', start, end));
    }
  };
}

function receiveFrom(frames: readonly Frame[], receive: Receive): void {
  const ids: string[] = [];
  for (const { bytes, start, end } of frames) {
    const text = bytes.toString('latin1', start, end);
    if (!text.startsWith('{"t":"message"')) continue;
    const at = text.indexOf('"clientId":"');
    if (at >= 0) ids.push(text.slice(at + 12, at + 48));
  }
  if (ids.length > 0) receive(ids);
}

/** Where the text of a frame lies in a chunk. */
interface Frame {
  bytes: Buffer;
  start: number;
  end: number;
}

export interface OpenSocket {
  socket: Socket;
  onChunk: (frames: Frame[]) => void;
}

/** Connects, upgrades and says hello; resolves when welcomed, or with a `pos` when a frame holds `until`. */
export async function openSocket(
  url: string,
  token: string,
  pos?: number,
  until = '"t":"welcome"',
): Promise<OpenSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => resolve());
  });
  const head = await new Promise<string>((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      socket.off('data', read);
      resolve(text);
    };
    socket.on('data', read);
    socket.once('close', () => reject(new Error('the server closed the line')));
    socket.write(
      `GET /api/socket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
  });
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${head}`);
  const open: OpenSocket = { socket, onChunk: () => {} };
  readFrames(open);
  const welcomed = nextText(open, (text) => text.includes(until));
  socket.write(
    textFrame(JSON.stringify({ t: 'hello', token, ...(pos === undefined ? {} : { pos }) })),
  );
  await welcomed;
  return open;
}

/** Tells frames apart; answers a ping, because a client that does not is taken for gone. */
function readFrames(open: OpenSocket): void {
  let rest: Buffer | null = null;
  open.socket.on('data', (chunk: Buffer) => {
    const bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= 2) {
      let length = bytes[at + 1]!;
      let start = at + 2;
      if (length === 126) {
        if (bytes.length - at < 4) break;
        length = bytes.readUInt16BE(start);
        start += 2;
      } else if (length === 127) {
        if (bytes.length - at < 10) break;
        length = Number(bytes.readBigUInt64BE(start));
        start += 8;
      }
      const end = start + length;
      if (end > bytes.length) break;
      const opcode = bytes[at]! & 15;
      if (opcode === 1) frames.push({ bytes, start, end });
      else if (opcode === 9) open.socket.write(maskedFrame(0x8a, bytes.subarray(start, end)));
      else if (opcode === 8) throw new Error(`closed: ${bytes.toString('utf8', start + 2, end)}`);
      at = end;
    }
    rest = at === bytes.length ? null : bytes.subarray(at);
    if (frames.length > 0) open.onChunk(frames);
  });
}

function textFrame(text: string): Buffer {
  return maskedFrame(0x81, Buffer.from(text));
}

function maskedFrame(first: number, payload: Buffer): Buffer {
  const isLong = payload.length > 125;
  const head = isLong ? 8 : 6;
  const frame = Buffer.allocUnsafe(head + payload.length);
  frame[0] = first;
  frame[1] = 0x80 | (isLong ? 126 : payload.length);
  if (isLong) frame.writeUInt16BE(payload.length, 2);
  const mask = randomBytes(4);
  mask.copy(frame, head - 4);
  for (let i = 0; i < payload.length; i += 1) frame[head + i] = payload[i]! ^ mask[i & 3]!;
  return frame;
}

/** Send frames differ in the client id only: the rest is masked once per conversation. */
function frameMaker(conversationId: string): (id: string) => Buffer {
  const blank = '-'.repeat(36);
  const text = JSON.stringify({ t: 'send', clientId: blank, conversationId, text: body });
  const template = textFrame(text);
  const at = text.indexOf(blank);
  const mask = template.subarray(4, 8);
  return (id) => {
    const frame = Buffer.allocUnsafe(template.length);
    template.copy(frame);
    for (let i = 0; i < 36; i += 1) {
      frame[8 + at + i] = id.charCodeAt(i) ^ mask[(at + i) & 3]!;
    }
    return frame;
  };
}

/** The first message is a request; the answer to it lets the sender write as they like. */
async function meet(sender: OpenSocket, recipient: OpenSocket, to: string): Promise<string> {
  const conversationId = await sendOne(sender, { to });
  await sendOne(recipient, { conversationId });
  return conversationId;
}

/** Resolves with the conversation that the ack names. */
async function sendOne(
  from: OpenSocket,
  target: { to: string } | { conversationId: string },
): Promise<string> {
  const clientId = randomUUID();
  const answered = nextText(
    from,
    (text) => text.includes(clientId) && !text.startsWith('{"t":"message"'),
  );
  from.socket.write(
    textFrame(JSON.stringify({ t: 'send', clientId, ...target, text: 'Hello there' })),
  );
  const text = await answered;
  const frame = JSON.parse(text) as { t: string; conversationId: string };
  if (frame.t !== 'ack') throw new Error(`a greeting was refused: ${text}`);
  return frame.conversationId;
}

function nextText(open: OpenSocket, isIt: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    open.onChunk = (frames) => {
      for (const { bytes, start, end } of frames) {
        const text = bytes.toString('utf8', start, end);
        if (isIt(text)) resolve(text);
      }
    };
  });
}
