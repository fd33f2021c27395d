/** Names of what stands for a password, and values that everybody writes where one belongs. */
const standIn =
  /example|sample|dummy|change|placeholder|replace|redacted|your|insert|xxxx|todo|none|null|undefined|secret|passw|pwd|credential|token|user|login|value|input|field|hash|crypt|argon|required|optional|string|vault|env|config|param|setting/i;

/** Variables of shells, templates and Windows, YAML tags and anchors, paths, and addresses of secrets elsewhere. */
const elsewhere = /^(?:[$%!&*|>@#~/\\]|\.{1,2}[/\\]|[A-Za-z]:\\|[A-Za-z][\w+.-]*:\/\/|(?:arn|kms|ssm|op|file|ref):)/;

/** A name in code, of one part or several: `config.db1`, `self.pass`, `dbPass2_`. */
const member = /^[A-Za-z_$][\w$]*(?:(?:\.|\?\.|->|::)[A-Za-z_$][\w$]*)+$/;

/**
 * Whether the value of a line `password: value` is one: it mixes letters with digits or signs, and neither stands for
 * a value that is somewhere else nor names one. Words alone are not told from types and names, so they are left.
 */
export function isWrittenPassword(value: string): boolean {
  if (standIn.test(value) || elsewhere.test(value) || member.test(value)) return false;
  if (!/[A-Za-z]/.test(value) || !/[0-9!@#$%^&*?+=~]/.test(value)) return false;
  // `a1 === b2`, `x != y2`: what is compared and not set.
  if (/^[=>~]/.test(value)) return false;
  return new Set(value).size >= 4;
}

/** Words that say of a setting how it is, and not what it is. */
const state =
  /^(?:true|false|disabled?|enabled?|default|anything|whatever|missing|empty|prompt(?:ed)?|unset|random|generated?|provided?|hidden|masked|encrypted|plaintext|unknown|nothing|somewhere|external|keychain|keyring|interactive|omitted|removed|boolean|readonly|private|protected|internal)$/i;

/**
 * Whether letters alone are a password, in a place where no code and no prose stands: at least eight of them, which
 * neither stand for a value nor say that there is none, and which are no name in code (`readLine`, `DbSettings`).
 */
export function isPasswordOfWords(value: string): boolean {
  if (!/^[A-Za-z]{8,}$/.test(value) || standIn.test(value) || state.test(value)) return false;
  const isOneCase = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)$/.test(value);
  return isOneCase && new Set(value.toLowerCase()).size >= 4;
}
