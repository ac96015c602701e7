import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDraw } from '../../chaos/draw.ts';
import { complaintsOf } from '../../chaos/report.ts';
import { shortForm } from '../../chaos/scenarios.ts';
import { play } from '../../chaos/stage.ts';
import { fastTemporaryFolder } from './_support/test-server.ts';

// The short form of `npm run chaos`: a few faults of each kind that needs nothing installed, under a small load.

const root = join(import.meta.dirname, '..', '..');
const size = { kills: 2, acks: 100, seconds: 2 };
const troupe = { friends: 3, storms: 1, shops: 1 };
/** Half of it is waiting for processes to start; on a busy machine that takes long. */
const patienceMs = 240_000;

test.each(shortForm)(
  'nothing acknowledged is lost, doubled, reordered or unpermitted under faults: $name',
  async (scenario) => {
    const seed = Date.now() % 1_000_000;
    const outcome = await play(
      { ...scenario, root, troupe, draw: createDraw(seed), home: fastTemporaryFolder() },
      (stage) => scenario.run(stage, size),
    );
    expect(complaintsOf(outcome), `seed ${seed}`).toEqual([]);
    expect(outcome.tally.kills).toBeGreaterThan(1);
    expect(outcome.tally.acks).toBeGreaterThan(50);
  },
  patienceMs,
);
