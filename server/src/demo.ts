import { randomUUID } from 'node:crypto';
import type { App } from './app.ts';
import { followPerson } from './actions/set-follow.ts';
import { changeProfile } from './actions/update-profile.ts';
import { createPeople } from './actions/create-people.ts';
import { findPerson } from './storage/people.ts';
import { personNamed } from './storage/person-named.ts';
import type { PersonId } from './base/ids.ts';

// `npm start -- --demo`: a small world to look at. Everything goes through the same doors as a person's own acts.

const password = 'letters-and-tea';

const people = [
  {
    username: 'mara',
    name: 'Mara Lindqvist',
    bio: 'Bookbinder. Paper, thread, patience.',
    website: 'https://mara.example',
  },
  {
    username: 'jonas',
    name: 'Jonas Okafor',
    bio: 'Cycling, bread, and the occasional map.',
    website: '',
  },
  {
    username: 'sara',
    name: 'Sara Haddad',
    bio: 'Translator, Arabic and German. سارة',
    website: '',
  },
  {
    username: 'teo',
    name: 'Teo Marchetti',
    bio: 'Night nurse. Slow to answer, sure to answer.',
    website: '',
  },
  {
    username: 'inkwell',
    name: 'Inkwell Paper Shop',
    bio: 'Paper, pens and repairs since 1988.',
    website: 'https://inkwell.example',
  },
] as const;

type Name = (typeof people)[number]['username'];

const follows: readonly (readonly [Name, Name])[] = [
  ['mara', 'jonas'],
  ['jonas', 'mara'],
  ['mara', 'sara'],
  ['sara', 'mara'],
  ['teo', 'mara'],
  ['inkwell', 'mara'],
  ['sara', 'jonas'],
];

const talk: readonly (readonly [Name, Name, string])[] = [
  ['jonas', 'mara', 'The sourdough survived the train ride. Can I bring you half on Saturday?'],
  ['mara', 'jonas', 'Only half?'],
  ['mara', 'jonas', 'Saturday is good. I am in the workshop until four, come by the back door 🥖'],
  [
    'jonas',
    'mara',
    'Four it is. I found that old cycling map you asked about, the 1961 one: https://maps.example/1961-lakes',
  ],
  [
    'mara',
    'jonas',
    'Oh, that is the one with the wrong lake in it. I want to bind it into the trip book.',
  ],
  [
    'sara',
    'mara',
    'I finished the preface. One sentence I could not save: „das Papier erinnert sich“. Does paper remember, in English?',
  ],
  ['mara', 'sara', 'It does here. Leave it.'],
  ['sara', 'mara', 'شكرا 🌿 Then it stays.'],
  [
    'mara',
    'teo',
    'Your notebook is ready. Blue thread, as promised, and the spine opens flat now.',
  ],
  [
    'teo',
    'mara',
    'You have no idea how good that sounds after a double shift. I will fetch it on Thursday morning.',
  ],
  ['mara', 'inkwell', 'Hello, do you still have the 120 gram laid paper, cream, in sheets?'],
  ['inkwell', 'mara', 'We do, 40 sheets left. Shall we put them aside for you until Friday?'],
  ['mara', 'inkwell', 'Yes please, all of them.'],
  ['jonas', 'sara', 'Mara says you know a good Lebanese place near the station?'],
];

/** Seeds the demo once; a second start finds it there. Answers what to print. */
export async function seedDemo(app: App): Promise<string> {
  const isNew = await signUpAll(app);
  const ids = new Map<Name, PersonId>();
  for (const { username } of people) {
    ids.set(username, await personNamed(app.world.families, username));
  }
  if (isNew) await seedWorld(app, ids);
  const names = people.map(({ username }) => `@${username}`).join(', ');
  return `Demo people: ${names}. Sign in at ${app.publicUrl} as "mara" with the password "${password}" (all of them have it).`;
}

async function seedWorld(app: App, ids: Map<Name, PersonId>): Promise<void> {
  for (const { username, bio, website } of people) {
    await changeProfile(app.world, ids.get(username)!, { bio, website });
  }
  await makeBrand(app, ids.get('inkwell')!);
  for (const [who, whom] of follows) await followPerson(app.world, ids.get(who)!, ids.get(whom)!);
  for (const [from, to, text] of talk) {
    await app.sender.send({
      senderId: ids.get(from)!,
      origin: 'interactive',
      senderSuspended: false,
      senderKind: 'person',
      to: { username: to },
      clientId: randomUUID(),
      text,
    });
  }
}

/** Nobody becomes a brand by signing up; this is what the operator's door does. */
async function makeBrand(app: App, id: PersonId): Promise<void> {
  const person = await findPerson(app.world.families.person, id);
  if (person) await createPeople(app.world, [{ ...person, kind: 'brand' }]);
}

/** True when the demo people were not there before. */
async function signUpAll(app: App): Promise<boolean> {
  let isNew = false;
  for (const { username, name } of people) {
    const response = await fetch(`${app.url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${username}@demo.example`, password, name, username }),
    });
    isNew ||= response.ok;
    await response.arrayBuffer();
  }
  return isNew;
}
