import { expect, test } from 'vitest';
import { createLog } from './log.ts';

/** What a log line holds of this error. */
function logged(error: unknown): { line: string; err: Record<string, unknown> } {
  let line = '';
  createLog('info', { write: (text) => void (line = text) }).error({ err: error }, 'it failed');
  return { line, err: (JSON.parse(line) as { err: Record<string, unknown> }).err };
}

/** As pg throws it, with a row's values in every part that PostgreSQL writes for people. */
function databaseError(): Error {
  const secret = 'meet me at nine';
  return Object.assign(new Error(`invalid input: "${secret}"\n at ${secret}`), {
    severity: 'ERROR',
    code: '23514',
    detail: `Failing row contains (1, ${secret}).`,
    hint: secret,
    where: `unnamed portal parameter $3 = '${secret}'`,
    internalQuery: `select '${secret}'`,
    table: 'message',
    constraint: 'message_check',
    routine: 'ExecConstraints',
  });
}

test('of a database error the log holds where it happened and no value of a row', () => {
  const { line, err } = logged(databaseError());
  expect(line).not.toContain('meet');
  expect(err).toMatchObject({
    code: '23514',
    table: 'message',
    constraint: 'message_check',
    routine: 'ExecConstraints',
    stack: expect.stringContaining('log.test.ts'),
  });
});

test('the same holds for a database error that caused another', () => {
  const { line, err } = logged(new Error('the inbox was not written', { cause: databaseError() }));
  expect(line).not.toContain('meet');
  expect(err['message']).toBe('the inbox was not written');
  expect(err['cause']).toMatchObject({ code: '23514', table: 'message' });
});

test('of any other error the log holds type, code, message and stack, and nothing hung onto it', () => {
  const error = Object.assign(new TypeError('x is not a function'), { code: 'E_X', body: 'hello' });
  const { line, err } = logged(error);
  expect(err).toMatchObject({ type: 'TypeError', code: 'E_X', message: 'x is not a function' });
  expect(err['stack']).toContain('log.test.ts');
  expect(line).not.toContain('hello');
});

test('what is thrown without being an error is not written down', () => {
  expect(logged('a text').err).toEqual({ type: 'string' });
});
