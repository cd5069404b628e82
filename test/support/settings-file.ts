import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A settings file of its own, for servers that are started with this environment. */
export interface SettingsFile extends Disposable {
  readonly environment: { readonly GORUNCHAT_CONFIG: string };
}

export function newSettingsFile(yaml: string): SettingsFile {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  const file = join(folder, 'gorunchat.yaml');
  writeFileSync(file, yaml);
  return { environment: { GORUNCHAT_CONFIG: file }, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
