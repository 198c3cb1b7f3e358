import { expect, it } from 'vitest';
import { isLoopbackAddress, isLoopbackHostname } from '../server/loopback.ts';

it.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.168.1.4', false],
  ['::ffff:192.168.1.4', false],
  ['fe80::1', false],
  ['0.0.0.0', false],
  ['', false],
  [undefined, false],
])('address %s: %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
});

it.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['demo.localhost', true],
  ['[::1]', true],
  ['127.0.0.1', true],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
  ['example.com', false],
])('host %s: %s', (hostname, expected) => {
  expect(isLoopbackHostname(hostname)).toBe(expected);
});
