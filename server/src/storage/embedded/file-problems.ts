import { StartupProblem } from '../../base/startup-problem.ts';

/** Turns a file-system error on `path` into the sentence an operator can act on. */
export function fileProblem(error: unknown, path: string): StartupProblem {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, error);
  const reason =
    (code && reasons[code]) ?? (error instanceof Error ? error.message : String(error));
  return new StartupProblem(
    `The data folder ${path} cannot be used: ${reason}. Put that right, or set DATA_DIR to another folder.`,
    { cause: error },
  );
}

export function diskFull(path: string, cause?: unknown): StartupProblem {
  return new StartupProblem(
    `The disk that holds ${path} is full: make room on it, or set DATA_DIR to a folder on another disk.`,
    { cause },
  );
}

const reasons: Record<string, string> = {
  EACCES: 'this user may not read and write it',
  EPERM: 'this user may not change it',
  EROFS: 'it lies on a read-only disk',
  ENOTDIR: 'it, or a part of its path, is a file',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'it does not exist and cannot be made',
};
