import type { Draw } from './draw.ts';
import { checkNames, type CheckName } from './checks/all.ts';
import { mutantTree } from './mutant-tree.ts';
import type { Mutant } from './mutants.ts';
import { scenarios } from './scenarios.ts';
import { play } from './stage.ts';
import { standing } from './standing.ts';

export interface Hunt {
  mutant: Mutant;
  isCaught: boolean;
  /** Whatever else turned red with it. */
  others: CheckName[];
  rounds: number;
  kills: number;
  acks: number;
  /** The first thing that its check found. */
  finding: string;
}

const roundsMax = 5;
/** Small, so that it is told after how much a mutant was caught; more of it each round. */
const firstRound = { kills: 6, acks: 1_200, seconds: 12 };

/** Plays the mutant's scenario on its own source until its check finds something, at most five times. */
export async function hunt(mutant: Mutant, draw: Draw): Promise<Hunt> {
  const scenario = scenarios.find((one) => one.name === mutant.scenario);
  if (!scenario) throw new Error(`${mutant.name} names no scenario`);
  const result: Hunt = {
    mutant,
    isCaught: false,
    others: [],
    rounds: 0,
    kills: 0,
    acks: 0,
    finding: '',
  };
  const { root, remove } = mutantTree(mutant);
  const forget = standing(remove);
  try {
    while (!result.isCaught && result.rounds < roundsMax) {
      result.rounds += 1;
      const size = {
        kills: firstRound.kills * result.rounds,
        acks: firstRound.acks * result.rounds,
        seconds: firstRound.seconds * result.rounds,
      };
      const own = draw.branch(`round ${result.rounds}`);
      const { found, tally } = await play({ ...scenario, root, draw: own }, (stage) =>
        scenario.run(stage, size),
      );
      result.kills += tally.kills;
      result.acks += tally.acks;
      result.finding = found[mutant.check][0] ?? '';
      result.isCaught = result.finding !== '';
      result.others = checkNames.filter((name) => name !== mutant.check && found[name].length > 0);
    }
    return result;
  } finally {
    remove();
    forget();
  }
}
