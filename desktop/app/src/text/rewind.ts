import type { RewindFile } from '@steward/contracts';
import { countOf } from '../format/numbers.ts';

/** Texts of going back in a conversation; part of the catalogue. */
export const rewindText = {
  open: 'Go back to an earlier step…',
  title: 'Go back to an earlier step',
  lead: 'The conversation and its files return to how they were. What happened since stays in the records of your organisation.',
  checkpoints: 'Steps',
  none: 'There is no earlier step in this conversation.',
  loadFailed: 'The steps could not be loaded.',
  beforePrompt: (prompt: string) => `Before “${prompt}”`,
  afterStep: (step: number, prompt: string) => `After step ${step} of “${prompt}”`,
  files: 'Files',
  noFiles: 'No file changes.',
  actions: { restore: 'put back', recreate: 'created again', remove: 'removed' } as Readonly<
    Record<RewindFile['action'], string>
  >,
  states: {
    ready: '',
    already: 'already as it was',
    changed_since: 'changed by someone else since, left alone',
    content_gone: 'its earlier content is no longer kept, left alone',
  } as Readonly<Record<RewindFile['state'], string>>,
  forced: 'changed by someone else since, that change is kept aside',
  force: 'Also put back files that someone else changed',
  irreversible: 'This stays done',
  noIrreversible: 'Everything since can be undone.',
  unknown: 'whether it took effect is not known',
  messagesRemoved: (count: number) => `${countOf(count, 'message')} will leave the conversation.`,
  confirm: 'Go back',
  fork: 'Start a new conversation from here',
  forkHint: 'A fork keeps this conversation as it is. Files stay as they are now.',
  running: 'A task is running. Wait for its end or cancel it, then go back.',
  done: (files: number) => `Went back to an earlier step; ${countOf(files, 'file')} put back.`,
  leftAlone: (path: string) => `${path} was left alone.`,
};
