import fc from 'fast-check';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { isOwnOrigin, trustIn, visitOf, type Trust } from './request.ts';

const ADDRESSES = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.1.2.3', '::ffff:10.1.2.3', '192.168.7.7', '203.0.113.7', '2001:db8::7', 'fd00::1', 'unknown', ''];
const SETTINGS: readonly (boolean | string | Trust)[] = [false, true, 'loopback', '127.0.0.1', '10.0.0.0/8, ::1', 'uniquelocal,loopback', '203.0.113.7/32', '2001:db8::/32', (_address, hop) => hop < 1, (_address, hop) => hop < 2];
const address = fc.constantFrom(...ADDRESSES);
const list = (entry: fc.Arbitrary<string>) => fc.option(fc.array(entry, { minLength: 1, maxLength: 4 }).map((entries) => entries.join(', ')), { nil: undefined });

it('a socket\'s message is read as Fastify reads a request: the same address, host and protocol, whoever is trusted', async () => {
  for (const setting of SETTINGS) {
    const trust = trustIn(setting);
    const app = fastify({ trustProxy: typeof setting === 'function' ? setting : setting === false ? trust : setting });
    app.get('/', ({ ip, host, protocol, raw }) => ({ fastify: { address: ip, host, protocol }, ours: visitOf(raw, trust) }));
    const visits = fc.record({ from: fc.constantFrom(...ADDRESSES.slice(0, -2)), for: list(address), host: list(fc.constantFrom('chat.example.org', 'evil.example:8080')), proto: list(fc.constantFrom('http', 'https')) });
    await fc.assert(fc.asyncProperty(visits, async (visit) => {
      const given = { 'x-forwarded-for': visit.for, 'x-forwarded-host': visit.host, 'x-forwarded-proto': visit.proto };
      const headers = Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));
      const { fastify: expected, ours } = (await app.inject({ url: '/', headers, remoteAddress: visit.from })).json<{ fastify: unknown; ours: unknown }>();
      expect(ours).toEqual(expected);
    }), { numRuns: 150 });
    await app.close();
  }
});

describe('an origin is our own when it names the host and protocol that were asked', () => {
  it.each([
    [undefined, 'a.example', 'http', true],
    ['http://a.example', 'a.example', 'http', true],
    ['http://a.example:80', 'a.example', 'http', true],
    ['https://a.example', 'a.example:443', 'https', true],
    ['http://A.example', 'a.EXAMPLE', 'http', true],
    ['http://[::1]:3080', '[::1]:3080', 'http', true],
    ['https://a.example', 'a.example', 'http', false],
    ['http://a.example:3080', 'a.example', 'http', false],
    ['http://evil.example', 'a.example', 'http', false],
    ['http://a.example.evil.example', 'a.example', 'http', false],
    ['null', 'a.example', 'http', false],
    ['', 'a.example', 'http', false],
    ['http://a.example', undefined, 'http', false],
    ['http://a.example', '', 'http', false],
  ])('%s for %s over %s: %s', (origin, host, protocol, isOwn) => {
    expect(isOwnOrigin(origin, host, protocol)).toBe(isOwn);
  });
});

it('a trusted address that is none is a mistake, told at the start', () => {
  for (const wrong of ['nonsense', '10.0.0.0/99', '', '10.0.0.1,']) expect(() => trustIn(wrong)).toThrow(/address|prefix|range/iu);
});
