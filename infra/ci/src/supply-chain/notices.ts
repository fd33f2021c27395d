import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bom, BomComponent } from './bom.ts';
import { isOwn, npmNameOf } from './bom.ts';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.\-_].*)?$/i;

/** A shipped dependency with the licence and notice texts that come with it. */
export interface NoticeSource {
  readonly title: string;
  readonly licence: string;
  readonly texts: readonly string[];
}

/**
 * The text of the third-party notices: each dependency under the texts that came with it; equal texts once. A package
 * without a text is listed with its licence alone.
 */
export function noticesText(sources: readonly NoticeSource[]): string {
  const groups = new Map<string, string[]>();
  for (const { title, licence, texts } of sources) {
    const text =
      texts.length === 0 ? `Licensed under ${licence}; the package carries no licence text.` : texts.join('\n\n');
    groups.set(text, [...(groups.get(text) ?? []), `${title} (${licence})`]);
  }
  const parts = [...groups].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`);
  return ['Steward contains the following third-party software.\n', ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

/** Reads the texts of every third-party component of a bill of materials from the installation below `root`. */
export async function readNoticeSources(
  root: string,
  bom: Bom,
  licences: ReadonlyMap<string, string>,
): Promise<NoticeSource[]> {
  const components = bom.components.filter((component) => !isOwn(component));
  return Promise.all(
    components.map(async (component) => {
      const name = npmNameOf(component);
      return {
        title: `${name}@${component.version ?? ''}`,
        licence: licences.get(name) ?? 'unknown',
        texts: await licenceTexts(join(root, pathOf(component))),
      };
    }),
  );
}

function pathOf(component: BomComponent): string {
  const property = component.properties?.find(({ name }) => name === 'cdx:npm:package:path');
  return property?.value ?? join('node_modules', npmNameOf(component));
}

async function licenceTexts(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim());
}
