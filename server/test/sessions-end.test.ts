import { connect, type Socket } from 'node:net';
import { closeCodes } from '@aside/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { bringPeople, call, until } from './_support/people.ts';
import { rawHead } from './_support/raw-http.ts';
import { openSocket } from './_support/spy-socket.ts';
import { ask } from './_support/sql.ts';
import { appForTest, type TestApp } from './_support/start-app.ts';

// A session ends at once: for what is under way, and where the end itself had to be tried twice.

const password = 'correct horse';

test.each([
  ['a message', 'POST', '/api/conversations/with/bob/messages', sendBody()],
  ['a change of the profile', 'PATCH', '/api/me', '{"bio":"too late"}'],
])(
  '%s whose headers came before the sign-out and whose body came after is refused',
  async (_name, method, path, body) => {
    const app = await appForTest();
    const { bob } = await bringPeople(app.url, ['bob']);
    await bob.call('PATCH', '/api/settings', { reach: 'everyone' });
    const alice = await signUp(app, 'alice');

    const allowed = await begin(app, method, path, alice, body);
    allowed.write(body);
    expect(await statusOf(allowed)).toMatch(/^20[01]$/);

    const late = await begin(app, method, path, alice, body);
    expect((await call(app.url, alice, 'POST', '/api/auth/sign-out')).status).toBe(200);
    late.write(body);
    expect(await statusOf(late)).toBe('401');
  },
);

test('ending a session closes its socket also when another try has already deleted it', async () => {
  const app = await appForTest();
  const [laptop, phone] = [await signUp(app, 'alice'), await signIn(app, 'alice')];
  const there = await openSocket(app.url, phone);
  const { body } = await call<{ sessions: { id: string; current: boolean }[] }>(
    app.url,
    laptop,
    'GET',
    '/api/sessions',
  );
  const { id } = body.sessions.find((session) => !session.current)!;
  await ask(app.urls.identity, `delete from session where id = '${id}'`);
  await call(app.url, laptop, 'DELETE', `/api/sessions/${id}`);
  expect(await until(() => there.closed?.code)).toBe(closeCodes.signInAgain.code);
});

test('signing out everywhere else closes all sockets but those of this session, whatever the table says', async () => {
  const app = await appForTest();
  const [laptop, phone] = [await signUp(app, 'alice'), await signIn(app, 'alice')];
  const [here, there] = [await openSocket(app.url, laptop), await openSocket(app.url, phone)];
  await ask(app.urls.identity, `delete from session where token = '${phone}'`);
  expect((await call(app.url, laptop, 'DELETE', '/api/sessions')).status).toBe(204);
  expect(await until(() => there.closed?.code)).toBe(closeCodes.signInAgain.code);
  here.send({ t: 'ping' });
  await here.frame('pong');
  expect((await call(app.url, phone, 'GET', '/api/me')).status).toBe(401);
});

test('nobody ends the session of another person', async () => {
  const app = await appForTest();
  const [alice, mallory] = [await signUp(app, 'alice'), await signUp(app, 'mallory')];
  const socket = await openSocket(app.url, alice);
  const sessions = (token: string): ReturnType<typeof call<{ sessions: { id: string }[] }>> =>
    call(app.url, token, 'GET', '/api/sessions');
  const id = (await sessions(alice)).body.sessions[0]!.id;
  expect((await call(app.url, mallory, 'DELETE', `/api/sessions/${id}`)).status).toBe(404);
  expect((await sessions(alice)).body.sessions).toHaveLength(1);
  socket.send({ t: 'ping' });
  await socket.frame('pong');
});

function sendBody(): string {
  return JSON.stringify({ clientId: '6f1e0f5c-6d0c-4b67-9f5e-1c6c2b8b0a01', text: 'Hello' });
}

async function signUp(app: TestApp, username: string): Promise<string> {
  const body = { username, name: username, email: `${username}@mail.example`, password };
  const answer = await call<{ token: string }>(
    app.url,
    null,
    'POST',
    '/api/auth/sign-up/email',
    body,
  );
  return answer.body.token;
}

async function signIn(app: TestApp, username: string): Promise<string> {
  const body = { username, password };
  const answer = await call<{ token: string }>(
    app.url,
    null,
    'POST',
    '/api/auth/sign-in/username',
    body,
  );
  return answer.body.token;
}

/** Sends the headers of a request and waits until the server has read them: it asks for the body. */
async function begin(
  app: TestApp,
  method: string,
  path: string,
  token: string,
  body: string,
): Promise<Socket & { said?: string }> {
  const { hostname, port } = new URL(app.url);
  const socket: Socket & { said?: string } = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (socket.said += text));
  socket.write(
    rawHead(method, path, token, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    }),
  );
  await until(() => socket.said?.includes('100 Continue'));
  // The continue leaves before our hooks run; another request behind it is answered after they did.
  expect((await call(app.url, token, 'GET', '/api/me')).status).toBe(200);
  socket.said = '';
  return socket;
}

function statusOf(socket: Socket & { said?: string }): Promise<string> {
  return until(() => /^HTTP\/1\.1 (\d{3})/.exec(socket.said ?? '')?.[1]);
}
