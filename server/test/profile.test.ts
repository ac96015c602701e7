import type { Me } from '@aside/protocol';
import { expect, test } from 'vitest';
import { bringPeople, call, until, type Answer, type TestPerson } from './_support/people.ts';
import { ask } from './_support/sql.ts';
import { appForTest, operatorKey, type TestApp } from './_support/start-app.ts';

// What people say about themselves, whoever changes it at the same time.

const change = (one: TestPerson, fields: object): Promise<Answer<Me>> =>
  one.call<Me>('PATCH', '/api/me', fields);

async function alone(app: TestApp): Promise<TestPerson> {
  return (await bringPeople(app.url, ['alice'])).alice;
}

test('two devices that change different things at once lose neither', async () => {
  const alice = await alone(await appForTest());
  for (let round = 0; round < 20; round += 1) {
    const bio = `bio ${round}`;
    const website = `https://example.org/${round}`;
    const name = `Alice ${round}`;
    const answers = await Promise.all([
      change(alice, { bio }),
      change(alice, { website }),
      change(alice, { name }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await alice.get('/api/me')).body).toMatchObject({ bio, website, name });
  }
});

test('a change of something else renames nobody in the directory', async () => {
  const app = await appForTest();
  const alice = await alone(app);
  const entries = (): Promise<unknown[]> =>
    ask(app.urls.identity, 'select xmin::text, phrase from directory_entry order by phrase');
  const before = await entries();
  await change(alice, { bio: 'Hello' });
  expect(await entries()).toEqual(before);
  await change(alice, { name: 'Zoe' });
  expect(await entries()).toMatchObject([{ phrase: 'zoe' }]);
});

test('after many renames at once, everybody is found by the name they show', async () => {
  const app = await appForTest();
  const alice = await alone(app);
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => change(alice, { name: `Name${round}x${i}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { name } = (await alice.get<Me>('/api/me')).body;
    const [account] = await ask(app.urls.identity, 'select name from "user" where id = $1', [
      alice.id,
    ]);
    expect(account).toEqual({ name });
    const phrases = await ask(app.urls.identity, 'select phrase from directory_entry');
    expect(phrases).toEqual([{ phrase: name.toLowerCase() }]);
  }
});

test.each([
  ['a line break', 'Alice\nadmin'],
  ['turned text', 'Alice\u202enimda'],
  ['nothing visible', '\u200b'],
])('a name with %s is refused at every door', async (_, name) => {
  const { url } = await appForTest();
  const [alice] = Object.values(await bringPeople(url, ['alice']));
  expect((await change(alice!, { name: ' Alice \n' })).body.name).toBe('Alice');
  expect(await change(alice!, { name })).toMatchObject({ status: 400, body: { code: 'invalid' } });
  const bring = (given: string): Promise<Answer<object>> =>
    call(url, operatorKey, 'POST', '/api/operator/people', [{ username: 'bob', name: given }]);
  expect(await bring(name)).toMatchObject({ status: 400, body: { code: 'invalid' } });
  expect((await bring('Bob')).status).toBe(200);
  const signUp = (given: string): Promise<Answer<object>> =>
    call(url, null, 'POST', '/api/auth/sign-up/email', {
      username: 'carol',
      name: given,
      email: 'carol@mail.example',
      password: 'correct horse',
    });
  expect(await signUp(name)).toMatchObject({ status: 400 });
  expect((await signUp(' Carol ')).status).toBe(200);
  const found = await until(async () => {
    const { body } = await alice!.get<{ people: { name: string }[] }>('/api/people?q=carol');
    return body.people.length > 0 && body.people;
  });
  expect(found.map((person) => person.name)).toEqual(['Carol']);
});
