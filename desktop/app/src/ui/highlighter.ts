import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);

/** Whether a language can be coloured. */
export function knows(language: string): boolean {
  return lowlight.registered(language);
}

/** The syntax tree of a source. Fails for an unknown language. */
export function highlightTree(source: string, language: string): ReturnType<typeof lowlight.highlight> {
  return lowlight.highlight(language, source);
}
