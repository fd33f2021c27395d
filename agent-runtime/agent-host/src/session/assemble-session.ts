import type { PolicyBundle, SessionHolder, ToolDescriptor } from '@steward/contracts';
import type { ToolRouter } from '@steward/tool-port';
import { ApprovalDesk } from '../approval/approval-desk.ts';
import { ChunkBuffer } from '../events/chunk-buffer.ts';
import { AgentLoop } from '../loop/agent-loop.ts';
import type { GatePlace, ToolGateDeps } from '../loop/gate-types.ts';
import { createRequestFrame } from '../loop/request-frame.ts';
import type { RequestFrame } from '../loop/request-frame.ts';
import { ToolGate } from '../loop/tool-gate.ts';
import { createRedactor, type Redactor } from '../model/redactor.ts';
import { Outbox } from '../outbox/outbox.ts';
import { Telemetry } from '../outbox/telemetry.ts';
import { Thread } from '../thread/thread.ts';
import { systemPrompt } from '../thread/system-prompt.ts';
import type { FetchedBundle } from './fetch-bundle.ts';
import { uploadHistory } from './history.ts';
import { LiveSession } from './live-session.ts';
import type { Release } from './live-session-parts.ts';
import type { PolicyHolder } from './policy-holder.ts';
import { PolicyRefresher } from './policy-refresher.ts';
import { PolicyWatcher } from './policy-watcher.ts';
import { keyIdOf } from './bundle-verifier.ts';
import { RemoteToolset } from './remote-toolset.ts';
import { SelfResume } from './self-resume.ts';
import { SessionLease } from './session-lease.ts';
import { WakeWatch } from './wake-watch.ts';
import type { HostDeps } from './session-deps.ts';
import { sessionPaths } from './session-paths.ts';
import type { SessionStore } from './session-store.ts';

/** What a session is assembled from. */
export interface SessionParts {
  readonly store: SessionStore;
  readonly policy: PolicyHolder;
  readonly tools: ToolRouter;
  /** This runtime, as the Session Service knows it. */
  readonly holder: SessionHolder;
  /** Fetches and verifies a fresh bundle of this session. */
  fetchBundle(): Promise<FetchedBundle>;
  /** True while every connected client is behind. */
  isBackedUp(): boolean;
  release(how: Release): void;
  /** Marks the session's files as ones that only wait to be sent. */
  announceEnd(): void;
}

const textIntervalMs = 16;
const outputIntervalMs = 50;

/** Wires the parts of one session together. The store holds its facts already. */
export function assembleSession(host: HostDeps, parts: SessionParts): LiveSession {
  const { store, policy, tools } = parts;
  const { clock, newId, scheduler, log, backend, settings } = host;
  const facts = store.state.facts!;
  const newRedactor = (rules: PolicyBundle['redactionRules']): Redactor =>
    createRedactor(rules, settings.secrets, host.namedSecrets.texts());
  let redact = newRedactor(policy.bundle.redactionRules);
  host.namedSecrets.onChange(() => {
    redact = newRedactor(policy.bundle.redactionRules);
  });
  const redactNow = (text: string): string => redact(text);
  store.redactWith(redactNow);
  const thread = new Thread(
    redactNow,
    {
      get length() {
        return store.state.messages.length;
      },
      slice: (from, to) => store.messages(from, to),
    },
    {
      capacity: () => policy.bundle.llmPolicy.maxInputTokens,
      ...(store.state.summary === undefined ? {} : { summary: store.state.summary }),
    },
  );
  const policyNow = (): ReturnType<ToolGateDeps['policy']> => {
    const { bundle, state, block } = policy;
    return { bundle, state, ...(block === undefined ? {} : { block }) };
  };

  const outbox = new Outbox({
    store,
    backend,
    clock,
    newId,
    scheduler,
    log,
    identity: () => ({ tenantId: policy.bundle.tenantId, userId: policy.bundle.userId }),
    redact: redactNow,
    uploadHistory: (taskId) =>
      uploadHistory(host, store, taskId, sessionPaths(settings.home, store.sessionId).historyScratch),
  });
  const desk = new ApprovalDesk({
    store,
    clock,
    scheduler,
    backend,
    log,
    post: (path, body) => outbox.add({ service: 'approval', method: 'POST', path, body: store.shown(body) }),
    user: () => ({ type: 'user', id: policy.bundle.userId }),
  });
  const gate = new ToolGate({
    store,
    tools,
    desk,
    clock,
    newId,
    log,
    redact: redactNow,
    findSecrets: (text) => redact.find(text),
    policy: policyNow,
    policySettled: () => watcher.settled(),
    outputChunks: (toolCallId, place) => chunksTo('tool_output_chunk', { toolCallId }, place, outputIntervalMs),
    onStage: (stage) => live.setStage(stage),
  });
  const promptFacts = {
    platform: settings.platform,
    ...(facts.projectDir === undefined ? {} : { projectDir: facts.projectDir }),
  };
  const frameWith = (offered: readonly ToolDescriptor[]): RequestFrame =>
    createRequestFrame(facts.model, redact(systemPrompt(promptFacts)), offered);
  // Made when it is needed first: looking for secrets in the system prompt takes longer than all else of an opening.
  let made: RequestFrame | undefined;
  const frame = (): RequestFrame => (made ??= frameWith(tools.list()));
  const remoteTools = new RemoteToolset({
    store,
    tools,
    log,
    clock,
    scheduler,
    policy: policyNow,
    enabled: facts.featureFlags.mcpEnabled,
  });
  const refresher = new PolicyRefresher({
    clock,
    log,
    policy,
    fetchBundle: parts.fetchBundle,
    onFresh: (jws, bundle) => {
      const changed =
        bundle.policyBundleVersion !== policy.bundle.policyBundleVersion ||
        bundle.killSwitch !== policy.bundle.killSwitch;
      policy.replace(bundle);
      redact = newRedactor(bundle.redactionRules);
      store.record('bundle', { jws, version: bundle.policyBundleVersion });
      if (changed) store.emit('policy_changed', { policy: policy.status() });
      selfResume.look();
    },
  });
  const watcher = new PolicyWatcher({
    sessionId: store.sessionId,
    backend,
    verifier: host.verifier,
    policy,
    clock,
    scheduler,
    log,
    random: () => host.random(),
    signedBy: () => keyIdOf(store.state.bundleJws),
    refresh: () => refresher.now(),
    onTightened: () =>
      void gate.reconsider().catch((error: unknown) => {
        log('error', 'Waiting approvals could not be looked at again.', { reason: String(error) });
      }),
    onChanged: () => {
      store.emit('policy_changed', { policy: policy.status() });
      selfResume.look();
    },
  });
  const selfResume = new SelfResume({
    clock,
    scheduler,
    log,
    random: () => host.random(),
    policy: policyNow,
    refreshPolicy: () => refresher.now(),
    policyFailure: () => refresher.failure,
    askGateway: (signal) => host.model.listModels(signal),
    syncJournal: () => store.sync(),
    progress: () => store.state.messages.length,
  });
  const lease = new SessionLease({
    sessionId: store.sessionId,
    holder: parts.holder,
    backend,
    clock,
    scheduler,
    log,
    onLost: ({ code, message }) => {
      policy.stop({ code, message });
      store.emit('policy_changed', { policy: policy.status() });
    },
  });
  const wakeWatch = new WakeWatch({
    clock,
    scheduler,
    onLeap: ({ leapMs }) => {
      log('info', 'The machine slept or its clock was set.', { leapMs });
      desk.clocksLeapt();
      live.lookAgain();
      void refresher.beforeStep();
    },
  });
  const loop = new AgentLoop({
    store,
    thread,
    gate,
    log,
    policy: policyNow,
    refreshPolicy: async () => {
      if (remoteTools.changed()) made = undefined;
      await watcher.settled();
      await lease.settled();
      await refresher.beforeStep();
    },
    onStage: (stage) => live.setStage(stage),
    ask: {
      store,
      thread,
      model: host.model,
      modelName: facts.model,
      clock,
      newId,
      scheduler,
      log,
      random: () => host.random(),
      frame,
      policy: policyNow,
      redact: redactNow,
      summaries: facts.featureFlags.contextSummaries,
      textChunks: (messageId, place) => chunksTo('text_chunk', { messageId }, place, textIntervalMs),
    },
  });
  const telemetry = new Telemetry({ store, backend, scheduler, log });
  const live = new LiveSession({
    host,
    store,
    thread,
    policy,
    desk,
    outbox,
    loop,
    tools,
    remoteTools,
    telemetry,
    watcher,
    selfResume,
    wakeWatch,
    lease,
    refreshPolicy: () => refresher.now(),
    prepare: () => {
      thread.prepare();
      frame();
      store.forgetOpening();
    },
    release: parts.release,
    announceEnd: parts.announceEnd,
  });
  // Nobody waits for the connection; what happens before it stands is in the stream.
  scheduler.after(0, () => watcher.start());
  wakeWatch.start();
  lease.start();
  return live;

  function chunksTo(
    event: 'text_chunk',
    subject: { messageId: string },
    place: GatePlace,
    intervalMs: number,
  ): ChunkBuffer;
  function chunksTo(
    event: 'tool_output_chunk',
    subject: { toolCallId: string },
    place: GatePlace,
    intervalMs: number,
  ): ChunkBuffer;
  function chunksTo(
    event: 'text_chunk' | 'tool_output_chunk',
    subject: object,
    place: GatePlace,
    intervalMs: number,
  ): ChunkBuffer {
    const emit = (offset: number, text: string): void =>
      void store.emit(
        event,
        { ...subject, offset, text: event === 'tool_output_chunk' ? redact(text) : text } as never,
        place,
      );
    return new ChunkBuffer({ scheduler, intervalMs, isBackedUp: parts.isBackedUp, emit });
  }
}
