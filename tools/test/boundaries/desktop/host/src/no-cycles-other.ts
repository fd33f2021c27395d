export { a } from './no-cycles.ts';
export const b = 1;
