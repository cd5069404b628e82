import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * What all runners have counted, with a line for each test that did not pass: whoever sees only the end of a run sees which.
 * Skipped and flaky tests count as failed, and so does a file of tests that could not be loaded.
 */
export function outcome({ unit, browser }, top) {
  const parts = [existsSync(unit) ? ofVitest(read(unit), top) : NOTHING, existsSync(browser) ? ofPlaywright(read(browser)) : NOTHING];
  const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), names: parts.flatMap(({ names }) => names) };
}

const NOTHING = { passed: 0, failed: 0, names: [] };

function ofVitest({ numPassedTests: passed, numTotalTests, testResults }, top) {
  const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  const names = unloaded.map(({ name, message }) => `${relative(top, name)}: ${firstLine(message)}`);
  for (const { name, assertionResults } of testResults) {
    for (const { status, fullName, failureMessages } of assertionResults) if (status !== 'passed') names.push(`${relative(top, name)} › ${fullName}: ${firstLine(failureMessages?.[0]) || status}`);
  }
  return { passed, failed: numTotalTests - passed + unloaded.length, names };
}

function ofPlaywright({ stats: { expected, unexpected, flaky, skipped }, suites }) {
  const others = suites.flatMap(specsOf).flatMap(({ file, title, tests }) => tests.map((test) => ({ file, title, test }))).filter(({ test }) => test.status !== 'expected');
  return { passed: expected, failed: unexpected + flaky + skipped, names: others.map(({ file, title, test }) => `test/browser/${file} › ${title}: ${firstLine(test.results.at(-1)?.error?.message) || test.status}`) };
}

const specsOf = ({ specs = [], suites = [] }) => [...specs, ...suites.flatMap(specsOf)];
const firstLine = (text) => stripVTControlCharacters(text ?? '').split('\n', 1)[0].slice(0, 300);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
