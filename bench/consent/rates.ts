// Everything that the simulation assumes, in one file. None of it is measured anywhere: each value says why it was
// taken. Change one, run it again, and see what follows. Texts of people come from bench/data; the rest stands here.

/** Marks a value as taken and not measured, and says why that one. */
function assumed<T>(value: T, _why: string): T {
  return value;
}

export interface Scale {
  people: number;
  days: number;
}

export const scales = {
  quick: assumed<Scale>({ people: 80, days: 5 }, 'fits into a minute with three runs'),
  ablation: assumed<Scale>({ people: 180, days: 6 }, 'enough for forty requests of one robot'),
  full: assumed<Scale>({ people: 150, days: 30 }, 'the window of the budget'),
} as const satisfies Record<string, Scale>;

export const attackLevels = assumed([0.5, 1, 2], 'what holds at one level should hold around it');

/** How many there are for each hundred people at attack 1; at least one of each. */
export const perHundred = {
  disciplinedBrands: assumed(1.5, 'a town has some shops'),
  recklessBrands: assumed(1.4, 'as many that send what they like; grows with the attack'),
  declaredRobots: assumed(1.4, 'bots with a key that greet followers; grows with the attack'),
  covertOfEachKind: assumed(
    1.4,
    'six kinds make eight in a hundred accounts; grows with the attack',
  ),
  stolenAtOnce: assumed(1.4, 'the thief writes to everybody at once; grows with the attack'),
  stolenPatient: assumed(0.7, 'the thief tries the link on one friend and waits; grows too'),
  celebrating: assumed(1, 'a wedding a month among a hundred people'),
  celebratingWithLink: assumed(0.5, 'the same with a link to the photos'),
  organisers: assumed(1, 'somebody invites twenty people with a link'),
  jobSeekers: assumed(2, 'two in a hundred look for work'),
} as const;

export const people = {
  reachEveryone: assumed(0.2, 'off by default; one in five switches it on'),
  reachNobody: assumed(0.03, 'few close the door'),
  friends: assumed(4, 'friends one writes to, each; on the first day none has been written to'),
  acquaintances: assumed(4, 'people one knows and has not written to yet'),
  acquaintanceFollows: assumed(0.7, 'the acquaintance follows the writer'),
  textsToFriendsPerDay: assumed(0.6, 'texts to friends, each a day, so that the runs stay short'),
  firstToAcquaintancePerDay: assumed(0.05, 'one new acquaintance in three weeks'),
  firstToFriendOfFriendPerDay: assumed(0.02, 'rarer'),
  toBrandPerDay: assumed(0.06, 'a question to a shop every two weeks'),
  toRobotPerDay: assumed(0.1, 'a follower asks the bot something'),
  followsBrand: assumed(0.15, 'of all people, each brand'),
  followsRobot: assumed(0.2, 'of all people, each declared robot'),
  followsBackCovert: assumed(0.08, 'who follows back whoever follows them'),
} as const;

export const celebration = {
  friends: assumed(30, 'the inner circle, all accepted'),
  acquaintances: assumed(8, 'people told who were never written to'),
} as const;

export const organiser = { members: assumed(20, 'a club or a class, all accepted') } as const;

export const jobSeeker = {
  perMonth: assumed(12, 'applications by message in a month'),
  adapts: assumed(0.5, 'of the texts are written anew, the others change the name'),
  withLink: assumed(0.5, 'links to a portfolio'),
} as const;

/** What people do with a request, by who it is from; the rest ignores it. */
export const onRequest = {
  acquaintance: assumed({ accept: 0.85, decline: 0.02 }, 'one knows them'),
  stranger: assumed({ accept: 0.5, decline: 0.15 }, 'a friend of a friend has a reason'),
  customer: assumed({ accept: 0.95 }, 'a shop wants customers'),
  customerOfReckless: assumed({ accept: 0.6, decline: 0.1 }, 'a careless shop answers less'),
  applicant: assumed({ accept: 0.3, decline: 0.2 }, 'most applications are not answered'),
  robot: assumed(
    { accept: 0.03, decline: 0.35, report: 0.08, block: 0.04 },
    'most see it for what it is',
  ),
} as const;

export const decisions = {
  plainDaysMax: assumed(3, 'a request with a badge is decided within three days'),
  quietDaysMax: assumed(14, 'the quiet folder is opened now and then'),
  acceptsByReply: assumed(0.6, 'the others press the button first'),
} as const;

/** What people do on what is in the inbox. */
export const onInbox = {
  chatReply: assumed(0.4, 'some texts are answered'),
  serviceThanks: assumed(0.25, 'thank you, which opens credit again'),
  serviceOptIn: assumed(0.05, 'a pleased customer asks for offers'),
  answerToRobot: assumed(0.2, 'somebody talks on with the bot'),
  stopsPromotion: assumed(
    { stopWord: 0.04, button: 0.04, token: 0.03 },
    'one in nine offers is the last',
  ),
  stopsOther: assumed({ stopWord: 0.05, button: 0.05, token: 0.04 }, 'robots are stopped sooner'),
  asksAfterStop: assumed(
    0.6,
    'who stopped a shop still bought there and has questions; often, so that it occurs',
  ),
  blocksPitch: assumed(0.3, 'an accepted stranger who pitches is blocked'),
} as const;

export const grants = {
  promotionalToDisciplined: assumed(0.3, 'followers who asked for offers'),
  serviceToDisciplined: assumed(0.2, 'customers who asked for news of their orders'),
  promotionalToReckless: assumed(0.1, 'fewer'),
  serviceToReckless: assumed(0.2, 'asked for news of an order and got offers'),
} as const;

export const brands = {
  campaignsPerWeek: assumed(3.5, 'reckless ones write to everybody every other day'),
  disciplinedCampaignsPerWeek: assumed(1, 'a weekly offer to those who asked'),
  acknowledges: assumed(0.5, 'by a robot, at once; a person answers later'),
  realSpam: assumed(
    0.5,
    'of the reckless texts are real ones of bench/data, the others stand below',
  ),
} as const;

export const covert = {
  attemptsPerDay: assumed(25, 'a machine that does not want to be noticed'),
  humanAttemptsPerDay: assumed(3, 'somebody who pitches by hand'),
  blind: assumed(0.2, 'tries people who let nobody in'),
  repeats: assumed(0.1, 'writes again to who has not answered'),
  fresh: assumed(0.3, 'accounts made for it, the others bought with their past'),
  pitchesAfterAccept: assumed(0.5, 'a day, to each who accepted'),
} as const;

export const stolen = {
  friends: assumed(20, 'contacts who accepted the owner'),
  ownerLooks: assumed(0.5, 'of owners see what waits and take it back before they sign in again'),
  ownerReturnsAfterDays: assumed(1, 'and notice soon'),
} as const;

export const names = [
  'Anna',
  'Ben',
  'Chiara',
  'Dimitri',
  'Elif',
  'Maximilian',
  'Zoë',
  'Abdulrahman',
];

/** Wordings in English and German, as marked; `NAME`, `LINK` and `{a|b}` are filled in. */
export const wordings = {
  celebration: [
    'We got married on Saturday! It was a small party in the garden and we are so happy. We wanted you to know.',
    'Unsere Tochter ist da! Mutter und Kind sind gesund, wir sind überglücklich und wollten es euch gleich sagen.',
  ],
  invitation: [
    'The summer party of our club is on the 12th at six. Please tell us here whether you come: LINK',
    'Unser Elternabend ist am Dienstag um acht. Bitte tragt euch hier ein, wer was mitbringt: LINK',
  ],
  jobApplication: [
    'Hello NAME, I am a carpenter with ten years of practice and read that you are growing. May I send you my papers?',
    'Guten Tag NAME, ich bin gelernte Buchhalterin und suche ab März eine neue Stelle. Darf ich mich bei Ihnen vorstellen?',
  ],
  customer: [
    'Hello, my order has not arrived yet. Can you see where it is?',
    'Guten Tag, haben Sie am Samstag offen, und kann ich den Tisch für vier reservieren?',
    'Hi, the lamp I bought last week flickers. What should I do?',
    'Do you have the blue one in size 40?',
  ],
  acknowledgement: [
    'We have your message and will answer today.',
    'Danke für Ihre Nachricht. Wir melden uns heute noch.',
  ],
  service: [
    'Your parcel left us this morning and should be with you tomorrow.',
    'Wir haben am Samstag bis sechs offen und Ihren Tisch vorgemerkt.',
    'Please unplug it and send us a photo of the label, then we will replace it.',
    'Yes, two are left. Shall we put one aside for you?',
  ],
  offer: [
    '20 % off all lamps until Sunday, for those who asked us to tell them.',
    'Nur diese Woche: 15 % Rabatt auf alle Gartenmöbel.',
  ],
  recklessOffer: [
    'Our biggest sale of the year starts today. Everything must go!',
    'Have you seen what came in this week? You will love it: LINK',
    'Winter is coming and our jackets are warmer than ever. Come by or order at LINK',
    'Jetzt zugreifen: 30 % auf alles, nur bis Sonntag.',
    'Wir haben etwas Besonderes für dich: drei Paar zum Preis von zwei. LINK',
    'Unsere neuen Kurse beginnen im Mai, melde dich gleich an und spare.',
    'Book your table for Mother’s Day, the menu is at LINK',
  ],
  greeting: [
    'Thanks for following! Ask me for the weather of your town any time.',
    'Danke fürs Folgen! Frag mich nach dem Fahrplan deiner Stadt.',
  ],
  robotAnswer: [
    'Tomorrow it will be sunny, up to 24 degrees.',
    'Der nächste Zug fährt um 14:05 von Gleis 3.',
  ],
  robotReminder: ['Are you still there? Ask me anything.', 'Bist du noch da? Frag mich einfach.'],
  pitch: [
    'I came across your profile and think you would be perfect for what my team is building. Can I tell you more?',
    'Dein Profil ist mir aufgefallen. Ich arbeite mit Leuten wie dir und hätte eine Idee, die sich für dich lohnt. Interesse?',
  ],
  spun: [
    '{Hi|Hello|Hey} there, {I came across|I stumbled on|I just found} your {profile|page|account} and {really like|love|enjoy} {what you do|your work|your posts}. {We help|My team helps|I support} {people|creators|folks} like you {reach more clients|find new customers|get more out of it}. {Interested|Curious|Open to a chat}?',
    '{Hallo|Hi|Guten Tag}, {dein Profil|deine Seite|dein Auftritt} {gefällt mir|ist mir aufgefallen|hat mich neugierig gemacht}. {Wir zeigen|Ich zeige|Mein Team zeigt} {Leuten|Menschen|Kreativen} wie dir, wie {man mehr verdient|es besser läuft|neue Kunden kommen}. {Lust|Interesse|Magst du} auf ein {kurzes Gespräch|Telefonat|Treffen}?',
  ],
  stop: ['stop', 'STOP!', 'Abmelden', 'unsubscribe'],
  stolen: ['Is this you in the video?? LINK', 'Schau mal, hab ich gerade gefunden LINK'],
} as const;

/** What the figures have to be. Those that follow from the law are 0; the others were set before anything was run. */
export const targets = {
  legitimateDelivered: assumed(0.99, 'of first contacts that the recipient lets in'),
  celebrationsStopped: assumed(0.001, 'of the messages of people who celebrate'),
} as const;
