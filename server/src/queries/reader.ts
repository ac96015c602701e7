import type { Clock } from '../base/clock.ts';
import type { Sealer } from '../base/sealed.ts';
import type { Families } from '../storage/families.ts';

/** What a question needs: where things are stored, what time it is, and how unsubscribe tokens are made. */
export interface Reader {
  families: Families;
  clock: Clock;
  unsubscribe: Sealer;
}
