import { expect, test } from 'vitest';
import { createAddressGate } from './address-gate.ts';

test('an address holds so many, gets a place back when one leaves, and others do not mind', () => {
  const gate = createAddressGate(2);
  const [first, second] = [gate.enter('192.0.2.1'), gate.enter('::ffff:192.0.2.1')];
  expect(gate.enter('192.0.2.1')).toBeNull();
  expect(gate.enter('192.0.2.2')).not.toBeNull();
  first!();
  const third = gate.enter('192.0.2.1');
  expect(third).not.toBeNull();
  expect(gate.enter('192.0.2.1')).toBeNull();
  second!();
  third!();
  expect(gate.enter('192.0.2.1')).not.toBeNull();
});

test('the addresses that one holder of IPv6 can choose from are one', () => {
  const gate = createAddressGate(1);
  expect(gate.enter('2001:db8:1:2::1')).not.toBeNull();
  expect(gate.enter('2001:db8:1:2:ffff::9')).toBeNull();
  expect(gate.enter('2001:db8:1:3::1')).not.toBeNull();
});

test('this machine itself is not counted', () => {
  const gate = createAddressGate(1);
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::1']) {
    expect([gate.enter(address), gate.enter(address)]).not.toContain(null);
  }
  // Another loopback address counts like any other.
  expect([gate.enter('127.0.0.2'), gate.enter('127.0.0.2')]).toContain(null);
});
