import { describe, expect, test } from 'vitest';
import {
  draw,
  glanceOf,
  isPossible,
  openScene,
  predict,
  touched,
  type Act,
  type Scene,
} from './consent-acts.ts';
import { drawRuns, usual } from './consent-draw.ts';
import { day, law, type Law } from './consent-law.ts';
import * as oracle from './consent-oracle.ts';
import { compareGlances, tellOutcomes } from './consent-story.ts';
import type { Template } from './consent-texts.ts';
import { stanceOf, talkOf, stateOf, type World } from './consent-world.ts';

// The oracle itself, as sentences; and that the acts that are drawn reach every rule of it.

const words = (template: Template) => ({ template, name: 0 });
const person = (from: string, to: string, template: Template = 'choir') =>
  ({ from, to, text: words(template), origin: 'interactive' }) as const;
const robot = (from: string, to: string) =>
  ({ from, to, text: words('choir'), origin: 'automated' }) as const;
const desk = (from: string, to: string) =>
  ({ from, to, text: words('choir'), origin: 'interactive', claim: 'service' }) as const;

/** A world in which Ada follows Bea and the shop, and everybody's account is old. */
function world(): World {
  const made = openScene().world;
  oracle.follow(made, 'ada', 'bea');
  oracle.follow(made, 'ada', 'shop');
  return made;
}

describe('personal contact', () => {
  test('following somebody allows nothing, being followed allows one request', () => {
    const w = world();
    expect(oracle.send(w, person('ada', 'bea'))).toBe('not_accepting');
    expect(oracle.send(w, person('bea', 'ada'))).toBe('requests');
    expect(oracle.send(w, person('bea', 'ada'))).toBe('request_pending');
  });

  test('an answer accepts, and writing first accepts the answers', () => {
    const w = world();
    oracle.send(w, person('bea', 'ada'));
    expect(oracle.send(w, person('ada', 'bea'))).toBe('inbox');
    expect(oracle.send(w, person('bea', 'ada'))).toBe('inbox');
    expect(stateOf(w, 'ada', 'bea')).toBe('accepted');
  });

  test('declined and expired look alike to the sender until 90 days have passed', () => {
    const declined = world();
    const expired = world();
    for (const w of [declined, expired]) oracle.send(w, person('bea', 'ada'));
    oracle.decline(declined, 'ada', 'bea');
    for (const [wait, outcome] of [
      [30 * day - 1, 'request_pending'],
      [60 * day, 'request_pending'],
      [1, 'requests'],
    ] as const) {
      for (const w of [declined, expired]) w.now += wait;
      expect(oracle.send(declined, person('bea', 'ada'))).toBe(outcome);
      expect(oracle.send(expired, person('bea', 'ada'))).toBe(outcome);
    }
  });

  test('at exactly 30 days a request is over', () => {
    const w = world();
    oracle.send(w, person('bea', 'ada'));
    w.now += 30 * day - 1;
    expect(stateOf(w, 'ada', 'bea')).toBe('pending');
    w.now += 1;
    expect(stateOf(w, 'ada', 'bea')).toBe('closed');
    expect(oracle.accept(w, 'ada', 'bea')).toBe('not_found');
  });

  test('a block answers like the closed door, or like the request that waits', () => {
    const w = world();
    oracle.send(w, person('bea', 'ada'));
    oracle.block(w, 'ada', 'bea');
    expect(oracle.send(w, person('bea', 'ada'))).toBe('request_pending');
    expect(oracle.send(w, person('ada', 'bea'))).toBe('you_blocked');
    w.now += 90 * day;
    expect(oracle.send(w, person('bea', 'ada'))).toBe('not_accepting');
  });

  test('unblocking restores neither acceptance nor grants nor credit', () => {
    const w = world();
    oracle.send(w, person('ada', 'shop'));
    w.people.get('shop')!.reach = 'everyone';
    expect(oracle.send(w, person('ada', 'shop'))).toBe('requests');
    oracle.grant(w, 'ada', 'shop', ['promotional']);
    oracle.block(w, 'ada', 'shop');
    oracle.unblock(w, 'ada', 'shop');
    expect(oracle.send(w, person('shop', 'ada'))).toBe('not_accepting');
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('await_reply');
    expect(oracle.send(w, { ...robot('shop', 'ada'), claim: 'promotional' })).toBe(
      'consent_required',
    );
  });

  test('a first message is edited once, and after a decline the recipient sees nothing of it', () => {
    const w = world();
    oracle.send(w, person('bea', 'ada'));
    oracle.decline(w, 'ada', 'bea');
    expect(oracle.edit(w, 'bea', 'ada', words('bees'))).toBe('done');
    expect(oracle.edit(w, 'bea', 'ada', words('choir'))).toBe('edit_closed');
    const [message] = talkOf(w, 'ada', 'bea');
    expect(message).toMatchObject({ text: words('bees'), shown: words('choir') });
  });
});

describe('other purposes', () => {
  test('no robot writes twice in a row, however often it was written to', () => {
    const w = world();
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('consent_required');
    w.people.get('shop')!.reach = 'everyone';
    oracle.send(w, person('ada', 'shop'));
    oracle.accept(w, 'shop', 'ada');
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('inbox');
    for (let i = 0; i < 3; i += 1) oracle.send(w, person('ada', 'shop'));
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('inbox');
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('await_reply');
  });

  test('a message opens one robot’s answer for a day or five of the desk for a week, not both', () => {
    const w = world();
    w.people.get('shop')!.reach = 'everyone';
    oracle.send(w, person('ada', 'shop'));
    oracle.accept(w, 'shop', 'ada');
    w.now += day;
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('await_reply');
    const answers = Array.from({ length: 6 }, () => oracle.send(w, desk('shop', 'ada')));
    expect(tellOutcomes(answers)).toBe('5 × inbox, await_reply');
    oracle.send(w, person('ada', 'shop'));
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('inbox');
    expect(oracle.send(w, desk('shop', 'ada'))).toBe('await_reply');
    oracle.send(w, person('ada', 'shop'));
    w.now += 7 * day;
    expect(oracle.send(w, desk('shop', 'ada'))).toBe('await_reply');
  });

  test('a refusal holds for both brands of one owner until each is let in again by name', () => {
    const w = world();
    oracle.grant(w, 'ada', 'twin', ['automated']);
    oracle.revoke(w, 'ada', 'shop', ['automated']);
    expect(oracle.send(w, robot('twin', 'ada'))).toBe('opted_out');
    oracle.grant(w, 'ada', 'shop', ['automated']);
    expect(oracle.send(w, robot('shop', 'ada'))).toBe('inbox');
    expect(oracle.send(w, robot('twin', 'ada'))).toBe('opted_out');
  });

  test('stop is a word to a friend and an end to a robot', () => {
    const w = world();
    oracle.send(w, person('bea', 'ada'));
    oracle.send(w, person('ada', 'bea', 'stop'));
    expect(stanceOf(w, 'ada', 'bea').grants.automated).toBe('off');
    oracle.send(w, robot('bea', 'ada'));
    oracle.send(w, person('ada', 'bea', 'stop'));
    expect(stanceOf(w, 'ada', 'bea').grants.automated).toBe('revoked');
    expect(oracle.send(w, person('bea', 'ada'))).toBe('inbox');
    expect(oracle.send(w, robot('bea', 'ada'))).toBe('opted_out');
  });
});

describe('the budget of first messages', () => {
  const pitch = (scene: Scene, count: number, template: Template = 'bees') => {
    const act: Act = { do: 'pitch', from: 'bea', count, template };
    return tellOutcomes(predict(scene, act, draw(scene, act)));
  };

  test('the third near-identical text comes quietly, the eleventh unanswered one not at all', () => {
    const scene = openScene();
    expect(pitch(scene, 2)).toBe('2 × requests');
    const w = scene.world;
    oracle.follow(w, 'ada', 'bea');
    oracle.send(w, person('bea', 'ada', 'bees'));
    expect(stanceOf(w, 'ada', 'bea').first!.quiet).toEqual(['similar']);
    expect(pitch(scene, 8)).toBe('7 × requests, bulk_needs_opt_in');
    oracle.accept(w, 'ada', 'bea');
    expect(pitch(scene, 2)).toBe('requests, bulk_needs_opt_in');
    w.now += 30 * day;
    expect(pitch(scene, 1)).toBe('requests');
  });

  test('after forty unanswered ones there is no other, whatever it says', () => {
    expect(pitch(openScene(), 41, 'short')).toBe('40 × requests, slow_down');
  });
});

/** One rule broken at a time. */
const mutants: Partial<Law>[] = [
  { requestMs: 90 * day },
  { retryMs: 30 * day },
  { robotCreditMs: 7 * day },
  { serviceCreditMs: 30 * day },
  { serviceCredits: 6 },
  { firstMessageMax: 281 },
  { budgetMs: 90 * day },
  { similarFrom: 3 },
  { bulkFrom: 11 },
  { slowFrom: 41 },
  { youngMs: 8 * day },
  { reportMs: 7 * day },
  ...Object.entries(law)
    .filter(([, value]) => typeof value === 'boolean')
    .map(([rule, value]) => ({ [rule]: value === false })),
];

/** True when somebody who watches the acts can tell this law from the true one. */
function showsDifference(broken: Law, run: readonly Act[]): boolean {
  const [real, other] = [openScene(), openScene(broken)];
  for (const act of run) {
    if (!isPossible(real, act)) continue;
    const drawn = draw(real, act);
    draw(other, act);
    const looks = touched(real, act, drawn);
    if (!isPossible(other, act)) return true;
    if (predict(real, act, drawn).join() !== predict(other, act, drawn).join()) return true;
    for (const [viewer, seen] of looks) {
      if (compareGlances(glanceOf(real, viewer, seen), glanceOf(other, viewer, seen)) !== '')
        return true;
    }
  }
  return false;
}

/** The very runs that the server has to stand. */
const runs = drawRuns(usual.count, usual.seed);

test.each(mutants.map((mutant) => [JSON.stringify(mutant), mutant] as const))(
  'the acts that are drawn notice %s',
  (_name, mutant) => {
    const broken = { ...law, ...mutant };
    expect(runs.findIndex((run) => showsDifference(broken, run))).toBeGreaterThanOrEqual(0);
  },
);
