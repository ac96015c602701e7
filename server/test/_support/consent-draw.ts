import fc from 'fast-check';
import type { Purpose } from '@aside/protocol';
import type { Act } from './consent-acts.ts';
import { day, hour } from './consent-law.ts';
import type { Template, Text } from './consent-texts.ts';

// Which acts are drawn how often. Most happen between few people, so that they meet in one conversation.

interface Pair {
  /** Who is written to, mostly. */
  r: string;
  s: string;
}

const pairOf = (weight: number, r: string, s: string) => ({
  weight,
  arbitrary: fc.constant({ r, s }),
});
const pair: fc.Arbitrary<Pair> = fc.oneof(
  pairOf(8, 'ada', 'shop'),
  pairOf(6, 'ada', 'bea'),
  pairOf(3, 'ada', 'twin'),
  pairOf(3, 'ada', 'yan'),
  pairOf(2, 'yan', 'bea'),
  pairOf(2, 'bea', 'shop'),
  pairOf(1, 'bea', 'ada'),
  pairOf(1, 'shop', 'yan'),
  pairOf(1, 'twin', 'bea'),
);

const text = (...templates: Template[]): fc.Arbitrary<Text> =>
  fc.record({ template: fc.constantFrom(...templates), name: fc.nat(3) });
const firstText = text('bees', 'bees', 'bees', 'choir', 'hike', 'short', 'full', 'long');
const door = fc.constantFrom(
  'http' as const,
  'socket' as const,
  'http-id' as const,
  'socket-id' as const,
);

/** Someone who wants something writes. */
const approach = fc
  .tuple(pair, firstText, door)
  .map(([{ r, s }, words, through]) => sent(s, r, words, { door: through }));
const answer = fc
  .tuple(pair, text('short', 'choir', 'short', 'long'), door)
  .map(([{ r, s }, words, through]) => sent(r, s, words, { door: through, isAnswer: true }));
const stop = fc
  .tuple(pair, fc.nat(5))
  .map(([{ r, s }, name]) => sent(r, s, { template: 'stop', name }, { isAnswer: true }));
const claims: (Purpose | undefined)[] = [
  undefined,
  'personal',
  'service',
  'automated',
  'promotional',
];
const robot = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: pair }, { weight: 1, arbitrary: pair.map(turned) }),
    text('choir', 'short', 'hike'),
    fc.constantFrom(...claims, undefined, 'service' as const),
    fc.constantFrom(1, 1, 1, 2),
  )
  .map(([{ r, s }, words, claim, times]) => sent(s, r, words, { as: 'key', claim, times }));
const desk = fc
  .tuple(
    pair,
    fc.constantFrom(
      'service' as const,
      'service' as const,
      'service' as const,
      'promotional' as const,
    ),
    fc.constantFrom(1, 2, 6),
    door,
  )
  .map(([{ r, s }, claim, times, through]) =>
    sent(s, r, { template: 'choir', name: 0 }, { claim, times, door: through }),
  );

interface How {
  as?: 'session' | 'key';
  claim?: Purpose | undefined;
  door?: (Act & { do: 'send' })['door'];
  times?: number;
  isAnswer?: boolean;
}
function sent(from: string, to: string, words: Text, how: How): Act {
  const { as = 'session', claim, door: through = 'http', times = 1, isAnswer = false } = how;
  const claimed = claim === undefined ? {} : { claim };
  return { do: 'send', from, to, text: words, as, ...claimed, door: through, times, isAnswer };
}

function turned({ r, s }: Pair): Pair {
  return { r: s, s: r };
}

const sender = fc.constantFrom('bea', 'shop', 'bea', 'yan');
const pitch = fc
  .record({
    from: sender,
    count: fc.constantFrom(1, 2, 3, 8, 9, 10, 10, 11, 30, 39, 40),
    template: fc.constantFrom('bees' as const, 'bees' as const, 'bees' as const, 'short' as const),
  })
  .map((drawn): Act => ({ do: 'pitch', ...drawn }));
const crowdAccepts = fc
  .record({ from: sender, count: fc.constantFrom(1, 2, 8) })
  .map((drawn): Act => ({ do: 'welcome', ...drawn }));

const edit = fc
  .tuple(pair, text('bees', 'bees', 'choir', 'hike', 'long'))
  .map(([{ r, s }, words]): Act => ({
    do: 'edit',
    from: s,
    to: r,
    // Other names than in what is sent, so that it always changes something.
    text: { ...words, name: 4 + (words.name % 2) },
  }));

const decisions = [
  'accept',
  'accept',
  'decline',
  'decline',
  'unaccept',
  'block',
  'unblock',
] as const;
const decide = fc
  .tuple(pair, fc.constantFrom(...decisions))
  .map(([{ r, s }, what]): Act => ({ do: what, who: r, about: s }));
const bulk = fc
  .tuple(
    pair,
    fc.constantFrom('accept' as const, 'decline' as const, 'block' as const, 'report' as const),
  )
  .map(([{ r, s }, action]): Act => ({ do: 'bulk', action, who: r, about: s }));
const links = ['follow', 'follow', 'follow', 'unfollow'] as const;
const link = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: pair }, { weight: 1, arbitrary: pair.map(turned) }),
    fc.constantFrom(...links),
  )
  .map(([{ r, s }, what]): Act => ({ do: what, who: r, about: s }));
const report = pair.map(({ r, s }): Act => ({ do: 'report', who: r, about: s }));
const purposes = fc.constantFrom(
  'service' as const,
  'automated' as const,
  'automated' as const,
  'promotional' as const,
  'all' as const,
);
const consent = fc
  .tuple(pair, fc.constantFrom('grant' as const, 'grant' as const, 'revoke' as const), purposes)
  .map(([{ r, s }, what, purpose]): Act => ({ do: what, who: r, about: s, purpose }));
const unsubscribe = pair.map(({ r, s }): Act => ({ do: 'unsubscribe', who: r, about: s }));
const who = fc.constantFrom('ada', 'ada', 'bea', 'yan', 'shop', 'twin');
const reach = fc
  .record({
    who,
    reach: fc.constantFrom(
      'everyone' as const,
      'everyone' as const,
      'following' as const,
      'nobody' as const,
    ),
  })
  .map((drawn): Act => ({ do: 'reach', ...drawn }));
const rename = fc
  .record({ who: fc.constantFrom('shop', 'bea'), name: fc.constantFrom('Another Name', 'Offers') })
  .map((drawn): Act => ({ do: 'rename', ...drawn }));
const leave = fc
  .constantFrom('bea', 'twin', 'shop', 'ada')
  .map((name): Act => ({ do: 'delete', who: name }));
const wait = fc
  .constantFrom(hour, hour, day, day, 7 * day, 7 * day, 30 * day, 90 * day)
  .map((ms): Act => ({ do: 'wait', ms }));

/** R lets S write to it. */
const letIn = pair.map(({ r, s }): Act => ({ do: 'follow', who: r, about: s }));
/** R writes to S, who is there for everybody. */
const asked = fc
  .tuple(pair, text('short', 'choir'))
  .map(([{ r, s }, words]): Act[] => [
    { do: 'reach', who: s, reach: 'everyone' },
    sent(r, s, words, { isAnswer: true }),
  ]);
/** Nearly too many first messages, and then a few more. */
const pitchMost = fc
  .constantFrom(2, 9, 10)
  .map((count): Act => ({ do: 'pitch', from: 'bea', count, template: 'bees' }));
const pitchOn = fc
  .tuple(fc.constantFrom(1, 2), fc.constantFrom('bees' as const, 'bees' as const, 'short' as const))
  .map(([count, template]): Act => ({ do: 'pitch', from: 'bea', count, template }));

/** Acts without a choice, for what chance would seldom find; whoever they name is replaced. */
const shut = fc.constant<Act>({ do: 'block', who: 'ada', about: 'bea' });
const open = fc.constant<Act>({ do: 'unblock', who: 'ada', about: 'bea' });
const declined = fc.constant<Act>({ do: 'decline', who: 'ada', about: 'bea' });
const everyone = fc.constant<Act>({ do: 'reach', who: 'ada', reach: 'everyone' });
const renamed = fc.constant<Act>({ do: 'rename', who: 'bea', name: 'Another Name' });
const allowRobots = fc.constant<Act>({
  do: 'grant',
  who: 'ada',
  about: 'bea',
  purpose: 'automated',
});
const plainRobot = fc.constant(sent('bea', 'ada', { template: 'choir', name: 1 }, { as: 'key' }));
const serviceRobot = fc.constant(
  sent('bea', 'ada', { template: 'choir', name: 1 }, { as: 'key', claim: 'service' }),
);

/** The same act, between these two, in the direction in which it was. */
function between(step: Act, { r, s }: Pair): Act {
  if (step.do === 'pitch' || step.do === 'welcome') return { ...step, from: s };
  if (step.do === 'reach') return { ...step, who: step.who === 'ada' ? r : s };
  if (step.do === 'rename') return { ...step, who: s };
  if ('about' in step) return { ...step, who: r, about: s };
  if (!('to' in step)) return step;
  const isAnswer = step.do === 'send' && step.isAnswer;
  return isAnswer ? { ...step, from: r, to: s } : { ...step, from: s, to: r };
}

const act = fc.oneof(
  { weight: 20, arbitrary: approach },
  { weight: 12, arbitrary: answer },
  { weight: 14, arbitrary: robot },
  { weight: 8, arbitrary: desk },
  { weight: 3, arbitrary: stop },
  { weight: 7, arbitrary: pitch },
  { weight: 3, arbitrary: crowdAccepts },
  { weight: 7, arbitrary: edit },
  { weight: 16, arbitrary: decide },
  { weight: 4, arbitrary: bulk },
  { weight: 6, arbitrary: link },
  { weight: 2, arbitrary: report },
  { weight: 8, arbitrary: consent },
  { weight: 2, arbitrary: unsubscribe },
  { weight: 4, arbitrary: reach },
  { weight: 1, arbitrary: rename },
  { weight: 13, arbitrary: wait },
);

/** Things that belong together and rarely meet by chance; what happens in between is left to chance. */
const phrase = fc.oneof(
  ...(
    [
      [letIn, approach, decide],
      [letIn, approach, answer, approach],
      [letIn, approach, decide, edit, edit, approach],
      [letIn, approach, declined, edit, approach, answer],
      [letIn, approach, edit, answer],
      [letIn, approach, decide, wait, approach, decide],
      [letIn, approach, report, wait, approach],
      [asked, robot, robot],
      [asked, answer, robot, desk],
      [asked, answer, desk, wait, robot],
      [asked, consent, robot, stop, robot],
      [consent, robot, unsubscribe, asked, robot],
      [consent, robot, decide, decide, robot],
      [asked, decide, decide, robot, approach],
      [letIn, approach, decide, decide, approach, edit],
      [asked, shut, open, plainRobot],
      [asked, allowRobots, plainRobot, serviceRobot],
      [asked, stop, robot, stop, robot],
      [consent, renamed, robot],
      [letIn, shut, open, approach],
      [everyone, wait, approach, decide],
      [everyone, report, wait, approach],
      [letIn, approach, answer, shut, open, approach],
      [asked, answer, desk, wait, desk],
      [pitchMost, letIn, approach, edit, decide, pitchOn],
      [letIn, approach, pitchMost, decide, pitchOn, approach],
    ] as const
  ).map((parts) =>
    fc
      .tuple(pair, fc.tuple(...parts.map((part) => part)), wait, fc.nat(parts.length * 2))
      .map(([two, steps, pause, at]) => {
        const told = steps.flat().map((step) => between(step, two));
        return at < told.length ? told.toSpliced(at, 0, pause) : told;
      }),
  ),
);

/** How things stand when a run begins: strangers, or people who already let each other write. */
const openings: Act[][] = [
  [],
  ['ada', 'yan', 'shop'].map((name): Act => ({ do: 'reach', who: name, reach: 'everyone' })),
  ['bea', 'yan', 'shop'].map((about): Act => ({ do: 'follow', who: 'ada', about })),
  [
    { do: 'follow', who: 'yan', about: 'bea' },
    { do: 'pitch', from: 'bea', count: 9, template: 'bees' },
    sent('bea', 'yan', { template: 'bees', name: 0 }, {}),
    { do: 'accept', who: 'yan', about: 'bea' },
    { do: 'pitch', from: 'bea', count: 1, template: 'bees' },
  ],
  [
    { do: 'reach', who: 'ada', reach: 'everyone' },
    { do: 'wait', ms: day },
    sent('yan', 'ada', { template: 'choir', name: 2 }, {}),
  ],
  [
    { do: 'follow', who: 'ada', about: 'bea' },
    { do: 'pitch', from: 'bea', count: 39, template: 'short' },
    sent('bea', 'ada', { template: 'choir', name: 0 }, {}),
  ],
];

/** A run: an opening, many acts, and at times somebody who leaves near the end. */
const acts: fc.Arbitrary<Act[]> = fc
  .tuple(
    fc.constantFrom(...openings),
    fc.array(
      fc.oneof({ weight: 2, arbitrary: phrase }, { weight: 3, arbitrary: act.map((one) => [one]) }),
      { minLength: 6, maxLength: 18, size: 'max' },
    ),
    fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.tuple(leave, approach, robot, answer, approach) },
    ),
  )
  .map(([opening, parts, end]) => [...opening, ...parts.flat(), ...end]);

/** So many runs; the same ones for the same seed. */
export function drawRuns(count: number, seed: number): Act[][] {
  return fc.sample(acts, { numRuns: count, seed, unbiased: true });
}

/** What the test with the server plays unless it is told otherwise, and what has to notice every broken rule. */
export const usual = { count: 24, seed: 41 };
