#!/usr/bin/env node
// The command `gorunchat` of the package that `npm pack ./infra/verifier` makes. It has nothing but `verify`; all others need the whole product.
const [command, ...rest] = process.argv.slice(2);
if (command === 'verify') {
  process.argv.splice(2, process.argv.length, ...rest);
  await import(new URL('dist/verify.mjs', import.meta.url).href); // which the build puts there
} else {
  process.stderr.write('This package has one command: gorunchat verify <package, archive, backup or data folder>. The others are run from a copy of the product.\n');
  process.exitCode = 2;
}
