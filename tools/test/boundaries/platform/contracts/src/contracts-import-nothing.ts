export { sdk } from '../../sdk/src/index.ts';
