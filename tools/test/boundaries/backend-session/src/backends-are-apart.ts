export { policy } from '../../backend-policy/src/index.ts';
