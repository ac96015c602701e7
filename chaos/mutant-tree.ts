import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { applyPatch, type Mutant } from './mutants.ts';

const repository = join(import.meta.dirname, '..');

/** A copy of the server with one mutation, and the function that removes it. */
export function mutantTree(mutant: Mutant): { root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'aside-mutant-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  try {
    for (const name of ['server']) {
      cpSync(join(repository, name), join(root, name), { recursive: true, filter: isSource });
    }
    cpSync(join(repository, 'package.json'), join(root, 'package.json'));
    for (const folder of ['node_modules', join('server', 'node_modules')]) {
      symlinkSync(join(repository, folder), join(root, folder));
    }
    for (const patch of mutant.patches) {
      const path = join(root, patch.file);
      writeFileSync(path, applyPatch(readFileSync(path, 'utf8'), patch));
    }
    return { root, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function isSource(path: string): boolean {
  const parts = relative(repository, path).split(sep);
  return !parts.some((part) => ['node_modules', 'dist', 'data', 'test'].includes(part));
}
