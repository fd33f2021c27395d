export { desktop } from '../../desktop/host/src/index.ts';
