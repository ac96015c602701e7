import { connect, type Socket } from 'node:net';
import { body, type Line, type Receive } from './line.ts';

// An XMPP client that does as little as it may (RFC 6120 without TLS, SASL PLAIN): signs in, says that it is there, and
// then sends chat messages and looks for the ids of those that come.

const domain = 'localhost';

/** Users are named u1, u2, … with the password "p"; the sender of pair n is u(2n+1), the recipient u(2n+2). */
export async function openXmppLine(port: number, pair: number, receive: Receive): Promise<Line> {
  const to = `u${2 * pair + 2}`;
  const [sender, recipient] = await Promise.all([
    signIn(port, `u${2 * pair + 1}`),
    signIn(port, to),
  ]);
  sender.on('data', (text: unknown) => {
    if (String(text).includes("type='error'")) throw new Error(String(text));
  });
  let rest = '';
  recipient.on('data', (chunk: unknown) => {
    rest += chunk as string;
    const ids: string[] = [];
    for (;;) {
      const end = rest.indexOf('</message>');
      if (end < 0) break;
      const stanza = rest.slice(0, end);
      rest = rest.slice(end + '</message>'.length);
      const id = idOf(stanza);
      if (id !== null) ids.push(id);
    }
    if (ids.length > 0) receive(ids);
  });
  return {
    post: (ids) =>
      void sender.write(
        ids
          .map(
            (id) =>
              `<message type='chat' id='${id}' to='${to}@${domain}'><body>${body}</body></message>`,
          )
          .join(''),
      ),
  };
}

/** Of a stanza with a body, the id its sender gave it. */
function idOf(stanza: string): string | null {
  const start = stanza.indexOf('<message');
  const tag = stanza.slice(start, stanza.indexOf('>', start));
  const at = Math.max(tag.indexOf(" id='"), tag.indexOf(' id="'));
  if (at < 0 || !stanza.includes('<body')) return null;
  return tag.slice(at + 5, tag.indexOf(tag[at + 4]!, at + 5));
}

async function signIn(port: number, user: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  socket.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => resolve());
  });
  const open = `<stream:stream to='${domain}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
  await ask(socket, open, /<\/stream:features>/);
  const secret = Buffer.from(`\0${user}\0p`).toString('base64');
  const answer = await ask(
    socket,
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`,
    /<success|<\/failure>/,
  );
  if (answer.includes('<failure')) throw new Error(`${user} may not sign in: ${answer}`);
  await ask(socket, open, /<\/stream:features>/);
  await ask(
    socket,
    `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>`,
    /<\/iq>/,
  );
  await ask(
    socket,
    `<iq type='set' id='session'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>`,
    /id='session'|id="session"/,
  );
  // The server tells our own presence back to us: then we are there.
  await ask(socket, '<presence/>', /<presence/);
  return socket;
}

function ask(socket: Socket, text: string, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const closed = (): void => reject(new Error(`the server closed the line after ${answer}`));
    const read = (chunk: unknown): void => {
      answer += chunk as string;
      if (!until.test(answer)) return;
      socket.off('data', read).off('close', closed);
      resolve(answer);
    };
    socket.on('data', read).on('close', closed);
    socket.write(text);
  });
}
