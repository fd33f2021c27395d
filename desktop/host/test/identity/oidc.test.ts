import { describe, expect, it } from '@jest/globals';
import { createOidc } from '../../src/identity/oidc.ts';

describe('createOidc', () => {
  it.each(['http://login.example', 'http://127.0.0.1.evil.example', 'http://169.254.169.254'])(
    'never speaks plain HTTP to %s',
    async (issuer) => {
      const asked: string[] = [];
      const oidc = createOidc({
        issuer,
        clientId: 'steward-desktop',
        fetch: (url) => {
          asked.push(String(url));
          return Promise.reject(new Error('not reached'));
        },
      });

      await expect(oidc.authorize('http://127.0.0.1:1/callback')).rejects.toThrow();
      expect(asked).toEqual([]);
    },
  );

  it('asks again after a discovery that failed', async () => {
    let asked = 0;
    const oidc = createOidc({
      issuer: 'https://login.example',
      clientId: 'steward-desktop',
      fetch: () => {
        asked += 1;
        return Promise.reject(new Error('no network'));
      },
    });

    await expect(oidc.refresh('token')).rejects.toThrow();
    await expect(oidc.refresh('token')).rejects.toThrow();

    expect(asked).toBe(2);
  });
});
