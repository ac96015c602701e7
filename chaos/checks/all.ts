import type { Check } from '../evidence.ts';
import { ackedIsStored } from './acked-is-stored.ts';
import { clientIdsUnique } from './client-ids-unique.ts';
import { logsEqual } from './logs-equal.ts';
import { permitted } from './permitted.ts';
import { seqDense } from './seq-dense.ts';

export const checks = {
  'acked is stored': ackedIsStored,
  'client ids unique': clientIdsUnique,
  'seq dense': seqDense,
  'logs equal': logsEqual,
  permitted,
} as const satisfies Record<string, Check>;

export type CheckName = keyof typeof checks;
export const checkNames = Object.keys(checks) as CheckName[];
