export { session } from '../../../backend-session/src/index.ts';
