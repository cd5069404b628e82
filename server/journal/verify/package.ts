// Runs without any dependency, as everything of `gorunchat verify` does.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptElsewhere, Verdict } from '../../../contracts/proofs/verdict.ts';
import { MANIFEST, MANIFEST_NOTE } from '../../../contracts/proofs/package-paths.ts';
import { checkPackage } from '../../../contracts/proofs/package-check.ts';
import { nodePrimitives } from '../node-primitives.ts';
import { isZipFile, plainFolder, zipFile } from './zip.ts';

/** Whether this is a package, packed or not. */
export async function isPackage(place: string): Promise<boolean> {
  return (await isZipFile(place)) || (existsSync(place) && statSync(place).isDirectory() && existsSync(join(place, MANIFEST)) && existsSync(join(place, MANIFEST_NOTE)));
}

/** Checks a package, packed or not, where it is. */
export async function verifyPackage(place: string, kept: KeptElsewhere = {}): Promise<Verdict> {
  return checkPackage((await isZipFile(place)) ? await zipFile(place) : plainFolder(place), { ...kept, primitives: nodePrimitives });
}
