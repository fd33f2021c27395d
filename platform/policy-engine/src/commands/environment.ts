import { addProblem, type Walk } from './report.ts';

const harmless = new Set(
  (
    'CI NODE_ENV FORCE_COLOR NO_COLOR CLICOLOR CLICOLOR_FORCE COLORTERM DEBUG TZ LANG LANGUAGE TERM COLUMNS LINES VERBOSE ' +
    'LOG_LEVEL RUST_BACKTRACE RUST_LOG PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PORT HOST WATCH UPDATE_SNAPSHOTS ' +
    'CGO_ENABLED GOOS GOARCH NODE_DISABLE_COLORS BABEL_ENV RAILS_ENV RACK_ENV APP_ENV FLASK_ENV DJANGO_DEBUG'
  ).split(' '),
);
const harmlessPrefixes = ['LC_', 'TEST_', 'APP_', 'VITE_', 'NEXT_PUBLIC_', 'REACT_APP_', 'MY_'];
const lowerCaseLoaders =
  /^(?:npm_|yarn_|pnpm_|ifs$|path$|fpath$|cdpath$|http_proxy$|https_proxy$|all_proxy$|ftp_proxy$|no_proxy$|histchars$|auto_resume$)/;

/** Whether setting the variable for one program can't change which code it runs. Only known names are harmless. */
export function isHarmlessVariable(name: string): boolean {
  return harmless.has(name) || harmlessPrefixes.some((prefix) => name.startsWith(prefix) && /^[A-Z0-9_]+$/.test(name));
}

/** Whether a variable is the script's own: lower case, so that no program takes orders from it. */
export function isScriptVariable(name: string): boolean {
  return name === '_' || (/^[a-z][a-z0-9_]*$/.test(name) && !lowerCaseLoaders.test(name));
}

/** A variable of the whole script may reach later programs only when it was exported before. */
export function checkVariable(name: string, walk: Walk, alone: boolean): void {
  if (isHarmlessVariable(name) || (alone && isScriptVariable(name))) return;
  addProblem(walk, { code: 'COMMAND_CHANGES_ENVIRONMENT', subject: name.slice(0, 100) });
}
