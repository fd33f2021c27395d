import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '@steward/contracts';
import { StewardError, fromErrorBody, httpStatusOf, isErrorCode, sentenceFor, toErrorBody } from '../src/index.ts';

describe('StewardError', () => {
  it('survives the way over the wire', () => {
    const error = new StewardError('CONFLICT', 'Workspace ws_1 is taken; choose another.', {
      details: { field: 'name' },
    });

    const back = fromErrorBody(JSON.parse(JSON.stringify(toErrorBody(error))));

    expect(toErrorBody(back)).toEqual({
      code: 'CONFLICT',
      message: 'Workspace ws_1 is taken; choose another.',
      retryable: false,
      details: { field: 'name' },
    });
  });

  it('hides the message of unknown errors', () => {
    expect(toErrorBody(new Error('/home/alice/secret')).message).not.toContain('alice');
  });

  it('reads an unknown code as an internal error that keeps it', () => {
    const error = fromErrorBody({ code: 'FROM_THE_FUTURE', message: 'New.', retryable: false, details: null });

    expect(toErrorBody(error)).toEqual({
      code: 'INTERNAL_ERROR',
      message: 'New.',
      retryable: false,
      details: { unknownCode: 'FROM_THE_FUTURE' },
    });
  });

  it.each([[null], ['text'], [{ code: 1 }], [[]]])('reads %j as an internal error', (body) => {
    expect(fromErrorBody(body, 'Nothing said.').message).toBe('Nothing said.');
  });

  it('gives every code a status, a sentence and a remedy', () => {
    for (const code of Object.keys(errorCodes)) {
      if (!isErrorCode(code)) throw new Error(code);
      expect(httpStatusOf(code)).toBeGreaterThanOrEqual(400);
      expect(sentenceFor(code).sentence).toMatch(/\.$/);
    }
  });
});
