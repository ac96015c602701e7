// The Chromium inside the npm package @sparticuz/chromium, unpacked once (3 s, 200 MB) under
// node_modules. Linux on x64 only.

import { execFile, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface PackedChromium {
  path: string;
  env: Record<string, string>;
}

/** Unpacks it if need be; undefined where it cannot run. */
export async function packedChromium(): Promise<PackedChromium | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = await unpacked();
  const path = join(folder, 'chromium');
  const fonts = { FONTCONFIG_FILE: join(folder, 'fonts.conf') };
  // The package brings nss and expat for systems without them; where they are, the system's own are used.
  for (const libraries of [{}, { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') }]) {
    const env = { ...fonts, ...libraries };
    if (spawnSync(path, ['--version'], { env: { ...process.env, ...env } }).status === 0)
      return { path, env };
  }
  return undefined;
}

async function unpacked(): Promise<string> {
  const root = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache');
  const folder = join(cache, `aside-chromium-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  // Unpacked beside its place and moved when whole, so that nobody runs half of it.
  const unfinished = mkdtempSync(`${folder}-unfinished-`);
  try {
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'unpack-chromium.ts')], {
      env: { ...process.env, TMPDIR: unfinished },
    });
    writeFileSync(join(unfinished, 'fonts.conf'), fontsOf(folder));
    moveInto(folder, unfinished);
    return folder;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function moveInto(folder: string, unfinished: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another test file was faster.
    if (!existsSync(folder)) throw error;
  }
}

/** The machine's fonts if it has any, and the one that comes with the package. */
function fontsOf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, 'fonts', 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
