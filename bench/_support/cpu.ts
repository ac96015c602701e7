import { readdirSync, readFileSync } from 'node:fs';

// Processor time from /proc (Linux). One tick is 10 ms, so a measurement should last seconds.

const tickMs = 10;

/** Milliseconds of processor time that a process has used, with that of its children that have ended. */
export function cpuMsOf(pid: number): number {
  const fields = statOf(pid);
  if (fields === null) return 0;
  // man 5 proc: utime, stime, cutime, cstime are 14 to 17; the first field kept here is the third.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs;
}

/** The same for a process and all that live below it. */
export function cpuMsOfTree(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + cpuMsOf(one), 0);
}

export function parentOf(pid: number): number | null {
  const fields = statOf(pid);
  return fields === null ? null : Number(fields[1]);
}

/** The process and its descendants. */
export function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (one: number): number[] => [one, ...(children.get(one) ?? []).flatMap(below)];
  return below(pid);
}

/** The fields after the program's name, which may itself hold spaces and brackets. */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
