import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cast,
  draw,
  glanceOf,
  isPossible,
  openScene,
  predict,
  touched,
  type Act,
  type Name,
  type Scene,
} from './_support/consent-acts.ts';
import { drawRuns, usual } from './_support/consent-draw.ts';
import { day } from './_support/consent-law.ts';
import { Stage } from './_support/consent-stage.ts';
import { compareGlances, Difference, tellOutcomes, type Deed } from './_support/consent-story.ts';
import { placeOf, stanceOf, stateOf, talkOf } from './_support/consent-world.ts';
import { startTestApp, type TestApp } from './_support/start-app.ts';

// People do what they like for months, and after every act the server must say what the law says: the same outcome,
// the same folder, the same state, the same hint before writing and the same texts, for both of two people.
// CONSENT_RUNS asks for more runs, CONSENT_SEED for others, CONSENT_DIFFERENCES to go on after the first difference.

const runCount = Number(process.env['CONSENT_RUNS'] ?? usual.count);
const seed = Number(process.env['CONSENT_SEED'] ?? usual.seed);
const differencesMax = Number(process.env['CONSENT_DIFFERENCES'] ?? 1);

let app: TestApp;
let count = 0;
/** Ids hold 69 years, and every run takes some months. */
let yearsLeft = 0;

beforeAll(freshServer);
afterAll(() => app.stop());

async function freshServer(): Promise<void> {
  yearsLeft = 40;
  app = await startTestApp({ env: { SEND_RATE: '100000', SEND_BURST: '100000' } });
}

test(
  'whatever people do, the server decides as the law does',
  async () => {
    console.log(`consent: ${runCount} runs, CONSENT_SEED=${seed}`);
    const differences: Difference[] = [];
    for (const run of drawRuns(runCount, seed)) {
      const difference = await play(run);
      if (difference) differences.push(await shorten(run, difference));
      if (differences.length === differencesMax) break;
    }
    if (differences.length > 0) throw new AggregateError(differences, storiesOf(differences));
  },
  60_000 + runCount * 10_000 + differencesMax * 20_000,
);

function storiesOf(differences: readonly Difference[]): string {
  return differences.map(({ message }) => message).join('\n');
}

/** Plays a run and answers the first difference, if there is one. */
async function play(run: readonly Act[]): Promise<Difference | null> {
  yearsLeft -= run.reduce((sum, act) => sum + (act.do === 'wait' ? act.ms : 0), 0) / (365 * day);
  if (yearsLeft < 0) {
    await app.stop();
    await freshServer();
  }
  const scene = openScene();
  const stage = await Stage.open(app.url, `r${(count += 1)}`);
  const deeds: Deed[] = [];
  try {
    for (const act of run) {
      if (isPossible(scene, act)) await doAndCompare(scene, stage, act, deeds);
    }
    for (const viewer of cast) await compareFolders(scene, stage, viewer, deeds);
    return null;
  } catch (error) {
    if (error instanceof Difference) return error;
    throw new Difference(deeds, `the test broke: ${String(error)}`);
  } finally {
    await stage.close();
  }
}

async function doAndCompare(scene: Scene, stage: Stage, act: Act, deeds: Deed[]): Promise<void> {
  const drawn = draw(scene, act);
  const looks = touched(scene, act, drawn);
  const deed: Deed = { act, drawn, expected: [] };
  deeds.push(deed);
  const got = await stage.do(scene, act, drawn);
  deed.expected = predict(scene, act, drawn);
  if (got.join() !== deed.expected.join())
    throw new Difference(deeds, `the server answers ${tellOutcomes(got)}`);
  const isThere = (name: Name): boolean => !scene.world.people.get(name)!.isGone;
  await Promise.all(
    looks.map(async ([viewer, seen]) => {
      if (!isThere(viewer) || !isThere(seen)) return;
      const differing = compareGlances(
        glanceOf(scene, viewer, seen),
        await stage.glance(viewer, seen),
      );
      if (differing !== '') throw new Difference(deeds, `${viewer} sees of ${seen}: ${differing}`);
    }),
  );
}

/** At the end of a run: the lists, and what the badge counts. */
async function compareFolders(
  scene: Scene,
  stage: Stage,
  viewer: Name,
  deeds: Deed[],
): Promise<void> {
  const { world } = scene;
  if (world.people.get(viewer)!.isGone) return;
  const others = cast.filter((name) => name !== viewer && !world.people.get(name)!.isGone);
  const { places, requests } = await stage.folders(viewer);
  for (const other of others) {
    const place = talkOf(world, viewer, other).length > 0 ? placeOf(world, viewer, other) : null;
    const expected = place === 'closed' ? null : place;
    const got = places.get(other) ?? null;
    if (got !== expected) {
      const what = `${viewer} finds ${other} in ${got}, not in ${expected}`;
      throw new Difference(deeds, what);
    }
  }
  // Whether those who left or were moved back are counted is not the law's to say.
  const all = cast.filter((name) => name !== viewer);
  const waiting = all.filter((other) => placeOf(world, viewer, other) === 'requests');
  const isPlain = (other: Name): boolean =>
    stateOf(world, viewer, other) === 'pending' && !world.people.get(other)!.isGone;
  if (!waiting.every(isPlain)) return;
  const quiet = waiting.filter(
    (other) => stanceOf(world, viewer, other).first!.quiet.length > 0,
  ).length;
  const expected = { waiting: waiting.length - quiet, quiet };
  try {
    expect(requests).toEqual(expected);
  } catch {
    const what = `${viewer} is told of ${JSON.stringify(requests)}, not ${JSON.stringify(expected)}`;
    throw new Difference(deeds, what);
  }
}

/** Leaves out acts as long as there still is a difference, for a quarter of a minute at most. */
async function shorten(run: readonly Act[], found: Difference): Promise<Difference> {
  const end = Date.now() + 15_000;
  let [shortest, difference] = [[...run], found];
  for (
    let size = Math.ceil(run.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < shortest.length && Date.now() < end;) {
      const shorter = shortest.toSpliced(at, size);
      const still = await play(shorter);
      if (still) [shortest, difference] = [shorter, still];
      else at += size;
    }
  }
  return difference;
}
