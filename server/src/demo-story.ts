import type { GrantPurpose, PersonKind, Purpose } from '@aside/protocol';

// Who lives in the demo and what they did, told in hours before now. Mara binds books; the page is looked at as hers.

export interface Character {
  username: string;
  name: string;
  bio: string;
  website?: string;
  kind?: PersonKind;
  joinedDaysAgo: number;
  /** Lets anyone write a request. */
  isOpen?: true;
  follows?: readonly string[];
}

/** They have the password of the demo. */
export const residents: readonly Character[] = [
  {
    username: 'jonas',
    name: 'Jonas Okafor',
    bio: 'Cycling, bread, and the occasional map.',
    joinedDaysAgo: 720,
    follows: ['mara'],
  },
  {
    username: 'sara',
    name: 'Sara Haddad',
    bio: 'Translator, Arabic and German. سارة',
    joinedDaysAgo: 650,
    follows: ['mara', 'jonas'],
  },
  {
    username: 'teo',
    name: 'Teo Marchetti',
    bio: 'Night nurse. Slow to answer, sure to answer.',
    joinedDaysAgo: 430,
    follows: ['mara'],
  },
  {
    username: 'inkwell',
    name: 'Inkwell Paper Shop',
    bio: 'Paper, pens and repairs since 1988.',
    website: 'https://inkwell.example',
    kind: 'brand',
    joinedDaysAgo: 810,
    isOpen: true,
    follows: ['mara'],
  },
  {
    username: 'mara',
    name: 'Mara Lindqvist',
    bio: 'Bookbinder. Paper, thread, patience.',
    website: 'https://mara.example',
    joinedDaysAgo: 790,
    isOpen: true,
    follows: ['jonas', 'sara'],
  },
];

/** Brought along as a host application would; nobody can sign in as them. */
export const strangers: readonly Character[] = [
  {
    username: 'lena',
    name: 'Lena Brandt',
    bio: 'Paper restorer in Leipzig.',
    joinedDaysAgo: 700,
    isOpen: true,
  },
  {
    username: 'amir',
    name: 'Amir Nazari',
    bio: 'Maps, mostly of places that are gone.',
    joinedDaysAgo: 420,
    follows: ['jonas', 'sara'],
  },
  {
    username: 'nora',
    name: 'Nora Valdés',
    bio: 'Conducts a choir of thirty-eight.',
    joinedDaysAgo: 95,
    isOpen: true,
    follows: ['sara'],
  },
  {
    username: 'felix',
    name: 'Felix Aumann',
    bio: 'Shop windows, photographed before they open.',
    joinedDaysAgo: 310,
    isOpen: true,
  },
  {
    username: 'brightgrow',
    name: 'Max Sterling',
    bio: 'Growth for makers.',
    joinedDaysAgo: 160,
  },
  { username: 'pip', name: 'Pip Larsson', bio: '', joinedDaysAgo: 2 },
  {
    username: 'henrik',
    name: 'Henrik Solberg',
    bio: 'Tannery, third generation.',
    joinedDaysAgo: 505,
    isOpen: true,
  },
  {
    username: 'riverside',
    name: 'Riverside Library',
    bio: 'Open until eight, closed on Tuesdays.',
    kind: 'brand',
    joinedDaysAgo: 900,
    isOpen: true,
  },
  {
    username: 'presstimer',
    name: 'Press Timer',
    bio: 'Tells you when the boards are dry.',
    kind: 'bot',
    joinedDaysAgo: 240,
    isOpen: true,
  },
];

export type Step = { hoursAgo: number } & (
  | { from: string; to: string; text: string; purpose?: Purpose; isAutomated?: true }
  | { who: string; grants: GrantPurpose; to: string }
  | { who: string; stops: GrantPurpose; of: string }
  | { who: string; reads: string }
);

const day = 24;

export const story: readonly Step[] = [
  // Mara's friends.
  {
    hoursAgo: 26 * day,
    from: 'mara',
    to: 'inkwell',
    text: 'Hello, do you still have the 120 gram laid paper, cream, in sheets?',
  },
  {
    hoursAgo: 26 * day - 2,
    from: 'inkwell',
    to: 'mara',
    text: 'We do, 40 sheets left. Shall we put them aside for you until Friday?',
  },
  { hoursAgo: 26 * day - 3, from: 'mara', to: 'inkwell', text: 'Yes please, all of them.' },
  { hoursAgo: 25 * day, who: 'mara', grants: 'promotional', to: 'inkwell' },
  {
    hoursAgo: 9 * day,
    from: 'mara',
    to: 'teo',
    text: 'Your notebook is ready. Blue thread, as promised, and the spine opens flat now.',
  },
  {
    hoursAgo: 8 * day,
    from: 'teo',
    to: 'mara',
    text: 'You have no idea how good that sounds after a double shift. I will fetch it on Thursday morning.',
  },
  { hoursAgo: 7 * day, who: 'mara', reads: 'teo' },
  {
    hoursAgo: 3 * day,
    from: 'sara',
    to: 'mara',
    text: 'I finished the preface. One sentence I could not save: „das Papier erinnert sich“. Does paper remember, in English?',
  },
  { hoursAgo: 3 * day - 1, from: 'mara', to: 'sara', text: 'It does here. Leave it.' },
  { hoursAgo: 3 * day - 2, from: 'sara', to: 'mara', text: 'شكرا 🌿 Then it stays.' },
  { hoursAgo: 3 * day - 3, who: 'mara', reads: 'sara' },
  {
    hoursAgo: 1 * day,
    from: 'jonas',
    to: 'mara',
    text: 'The sourdough survived the train ride. Can I bring you half on Saturday?',
  },
  { hoursAgo: 1 * day - 0.1, from: 'mara', to: 'jonas', text: 'Only half?' },
  {
    hoursAgo: 1 * day - 0.2,
    from: 'mara',
    to: 'jonas',
    text: 'Saturday is good. I am in the workshop until four, come by the back door 🥖',
  },
  {
    hoursAgo: 0.8,
    from: 'jonas',
    to: 'mara',
    text: 'Four it is. I found that old cycling map you asked about, the 1961 one: https://maps.example/1961-lakes',
  },
  {
    hoursAgo: 0.6,
    from: 'mara',
    to: 'jonas',
    text: 'Oh, that is the one with the wrong lake in it. I want to bind it into the trip book.',
  },
  {
    hoursAgo: 5,
    from: 'jonas',
    to: 'sara',
    text: 'Mara says you know a good Lebanese place near the station?',
  },

  // A library that answers, a bot that was allowed to, a shop with an offer.
  {
    hoursAgo: 2 * day,
    from: 'mara',
    to: 'riverside',
    text: 'Good morning, can I keep the Diderot plates for another two weeks?',
  },
  {
    hoursAgo: 2 * day - 3,
    from: 'riverside',
    to: 'mara',
    purpose: 'service',
    text: 'The loan of “Encyclopédie, plates, volume 4” is renewed by 14 days. Nobody else has asked for it.',
  },
  { hoursAgo: 2 * day - 4, who: 'mara', stops: 'promotional', of: 'riverside' },
  { hoursAgo: 2 * day - 5, who: 'mara', reads: 'riverside' },
  { hoursAgo: 14 * day, who: 'mara', grants: 'automated', to: 'presstimer' },
  {
    hoursAgo: 7,
    from: 'presstimer',
    to: 'mara',
    isAutomated: true,
    text: 'Press 2 has been closed for twelve hours. The boards should be dry now.',
  },
  {
    hoursAgo: 3,
    from: 'inkwell',
    to: 'mara',
    purpose: 'promotional',
    text: '20 % off all Japanese papers until Saturday, in the shop and by post.',
  },

  // Mara's own first message waits.
  {
    hoursAgo: 1.5 * day,
    from: 'mara',
    to: 'henrik',
    text: 'Hello Henrik, Jonas gave me your name. Do you still have the vegetable-tanned goat in dark red?',
  },

  // Requests that wait for her.
  {
    hoursAgo: 30,
    from: 'lena',
    to: 'mara',
    text: 'We sat side by side at the marbling course, I was the one with the green hands. Do you still teach the long stitch?',
  },
  {
    hoursAgo: 10,
    from: 'amir',
    to: 'mara',
    text: 'Jonas showed me the trip book. I have three maps from before 1961 that belong in it. Shall I bring them by?',
  },
  {
    hoursAgo: 2,
    from: 'nora',
    to: 'mara',
    text: 'Could you bind forty hymn books before Advent? They are falling apart, and so is the choir.',
  },

  // Quiet ones: a link, a text that went to many, an account made the day before yesterday.
  {
    hoursAgo: 4 * day,
    from: 'felix',
    to: 'mara',
    text: 'I photographed your window last week. The pictures are at https://bücherfenster.example/mara, take what you like.',
  },
  ...['lena', 'nora', 'felix', 'henrik', 'inkwell', 'riverside', 'presstimer', 'mara'].map(
    (to, at): Step => ({
      hoursAgo: 1.2 * day - at * 0.05,
      from: 'brightgrow',
      to,
      text: `Hi ${to[0]!.toUpperCase()}${to.slice(1)}! I help makers like you find ten times more customers without any ads. Do you have 15 minutes this week?`,
    }),
  ),
  {
    hoursAgo: 12,
    from: 'pip',
    to: 'mara',
    text: 'Hello Mara, is there a place left in the class on Thursday evening? I only just found you here.',
  },
];
