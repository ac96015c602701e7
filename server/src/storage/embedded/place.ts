// Where the database's files lie: in the data folder, or, when we are root and PostgreSQL's user
// cannot enter that (a checkout under /root), in a folder of its own that the data folder points to.

import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StartupProblem } from '../../base/startup-problem.ts';
import { fileProblem } from './file-problems.ts';
import { canEnter, ordinaryUser, type OrdinaryUser } from './ordinary-user.ts';

export interface Place {
  /** Holds `postgres/` (the data), its log, and a copy of the programs where one is needed. */
  home: string;
  /** PostgreSQL's own data directory: `<home>/postgres`. */
  data: string;
  user: OrdinaryUser | undefined;
  /** Whether this start has moved out of the data folder; worth telling the operator. */
  isNewElsewhere: boolean;
}

const pointerName = 'postgres-is-elsewhere.txt';
const elsewhere = '/var/lib/aside';

/** Step by step: Node's own recursive mkdir never returns where a parent cannot be made, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** Makes the data folder if needed and returns its real path. */
export function openDataFolder(dataDir: string): string {
  const folder = resolve(dataDir);
  try {
    if (!existsSync(folder)) {
      makeFolder(folder);
      // PostgreSQL's user must be able to pass through, whatever root's umask says.
      if (process.getuid?.() === 0) chmodSync(folder, 0o755);
    }
    return realpathSync(folder);
  } catch (error) {
    throw fileProblem(error, folder);
  }
}

/** Decides where the database lies; the same answer at every start with this data folder. */
export function choosePlace(dataFolder: string): Place {
  const pointedTo = readPointer(dataFolder);
  if (pointedTo) return placeAt(pointedTo, ordinaryUser(join(pointedTo, 'postgres')), false);
  const data = join(dataFolder, 'postgres');
  const user = ordinaryUser(data);
  if (!user || canEnter(user, dataFolder)) return placeAt(dataFolder, user, false);
  if (existsSync(data)) {
    throw new StartupProblem(
      `The database in ${data} belongs to the user ${user.name}, who cannot enter ${dataFolder}: let that user pass through every folder on the way (chmod o+x).`,
    );
  }
  return moveElsewhere(dataFolder, user);
}

function moveElsewhere(dataFolder: string, user: OrdinaryUser): Place {
  const home = join(elsewhere, createHash('sha256').update(dataFolder).digest('hex').slice(0, 16));
  try {
    for (const folder of [elsewhere, home]) {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o755);
    }
    writeFileSync(join(dataFolder, pointerName), pointerText(home, user));
  } catch (error) {
    throw new StartupProblem(
      `PostgreSQL's user ${user.name} cannot enter the data folder ${dataFolder}, and ${home} cannot be made for it: set DATA_DIR to a folder that user can enter.`,
      { cause: error },
    );
  }
  return placeAt(home, user, true);
}

function placeAt(home: string, user: OrdinaryUser | undefined, isNewElsewhere: boolean): Place {
  return { home, data: join(home, 'postgres'), user, isNewElsewhere };
}

function readPointer(dataFolder: string): string | undefined {
  const pointer = join(dataFolder, pointerName);
  if (!existsSync(pointer)) return undefined;
  const home = readFileSync(pointer, 'utf8').split('\n', 1)[0]?.trim();
  if (home && existsSync(home)) return home;
  throw new StartupProblem(
    `${pointer} says that the database lies in ${home}, which is not there: bring that folder back, or delete the file to begin with an empty database.`,
  );
}

function pointerText(home: string, user: OrdinaryUser): string {
  return `${home}

The first line is where this Aside keeps its database. PostgreSQL does not run as root; it runs here
as the user "${user.name}", who cannot enter this folder. A backup needs both folders. Do not delete
this file: without it Aside would begin with an empty database.
`;
}
