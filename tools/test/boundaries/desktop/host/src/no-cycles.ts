export { b } from './no-cycles-other.ts';
export const a = 1;
