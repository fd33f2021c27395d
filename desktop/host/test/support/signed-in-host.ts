import { createHost } from '../../src/index.ts';
import type { Host, HostCallName, HostCalls, HostDeps, HostEvent, StackDescription } from '../../src/index.ts';
import type { TestIdentityProvider } from './identity-provider.ts';
import { scriptedStack } from './temporary-home.ts';
import { Collector } from './until.ts';

/** A host with its events collected and calls that throw what the host answers as an error. */
export interface TestHost {
  readonly host: Host;
  readonly events: Collector<HostEvent>;
  call<K extends HostCallName>(name: K, params: HostCalls[K]['params']): Promise<HostCalls[K]['result']>;
  signIn(): Promise<void>;
}

export async function openTestHost(
  home: string,
  provider: TestIdentityProvider,
  changes: { stack?: Partial<StackDescription>; deps?: Partial<HostDeps> } = {},
): Promise<TestHost> {
  const host = await createHost({
    stack: scriptedStack(home, provider.issuer, changes.stack),
    appVersion: '1.2.3',
    shell: 'web',
    showSignInPage: () => Promise.resolve(false),
    returnTo: () => undefined,
    environment: { PATH: process.env['PATH'] },
    ...changes.deps,
  });
  const events = new Collector<HostEvent>();
  host.subscribe(events.add);
  const call: TestHost['call'] = async (name, params) => {
    const reply = await host.call(name, params);
    if (!reply.ok) throw Object.assign(new Error(reply.error.message), reply.error);
    return reply.result as never;
  };
  return {
    host,
    events,
    call,
    signIn: async () => {
      const { navigateTo } = await call('signIn', {});
      await provider.browse(navigateTo ?? '');
    },
  };
}
