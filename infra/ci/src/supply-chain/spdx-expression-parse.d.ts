declare module 'spdx-expression-parse' {
  /** A parsed SPDX licence expression. */
  export type ParsedLicence =
    | { readonly license: string; readonly plus?: true; readonly exception?: string }
    | { readonly conjunction: 'and' | 'or'; readonly left: ParsedLicence; readonly right: ParsedLicence };

  /** Parses an SPDX expression; throws when it is none. */
  export default function parse(expression: string): ParsedLicence;
}
