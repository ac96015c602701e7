import { expect, test } from 'vitest';
import { isOwnOrigin } from './origin.ts';

const own = (origin: string | undefined, host: string, publicUrl = ''): boolean =>
  isOwnOrigin({ origin, host }, publicUrl);

test('without a public URL the page’s host must be the host that was asked', () => {
  expect(own('http://127.0.0.1:3000', '127.0.0.1:3000')).toBe(true);
  expect(own('http://localhost:3000', 'LOCALHOST:3000')).toBe(true);
  expect(own('http://box.lan', 'box.lan:80')).toBe(true);
  expect(own('https://box.lan', 'box.lan')).toBe(true);
  expect(own('http://[::1]:3000', '[::1]:3000')).toBe(true);
  expect(own('http://localhost:3000', '127.0.0.1:3000')).toBe(false);
  expect(own('http://localhost:3001', 'localhost:3000')).toBe(false);
  expect(own('http://evil.example', 'box.lan')).toBe(false);
  expect(own('null', 'box.lan')).toBe(false);
  expect(own('file://box.lan', 'box.lan')).toBe(false);
  expect(own('', '')).toBe(false);
});

test('with a public URL only that origin is ours, whatever host was asked', () => {
  const publicUrl = 'https://aside.example';
  expect(own(publicUrl, '127.0.0.1:3000', publicUrl)).toBe(true);
  expect(own('http://127.0.0.1:3000', '127.0.0.1:3000', publicUrl)).toBe(false);
  expect(own('https://aside.example.evil.example', 'aside.example', publicUrl)).toBe(false);
});

test('a request without an Origin comes from no page of another site', () => {
  expect(own(undefined, 'box.lan')).toBe(true);
});
