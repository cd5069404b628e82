// `verify.mjs`: the verifier as one file, which the build makes of this one. It is for whoever has a package and Node, and nothing else of the product.
import { verify, VERIFY_OPTIONS } from './command.ts';

const USAGE = `Usage: node verify.mjs <package, archive, backup or data folder>

  Checks that no record was altered, lost, swapped or cut off. Needs Node 24, and neither a server nor a network.

${VERIFY_OPTIONS}`;

/** The database's driver is many times as long as all that is here, and whoever reads what they run should not have to read it. */
const noDriver = (): never => {
  throw new Error('a MongoDB database is checked with a copy of the product (npm run verify -- mongodb://…). This file checks packages, archives, backups and data folders.');
};

process.exitCode = await verify(process.argv.slice(2), { say: (text) => process.stdout.write(text), usage: USAGE, readDatabase: noDriver, database: undefined });
