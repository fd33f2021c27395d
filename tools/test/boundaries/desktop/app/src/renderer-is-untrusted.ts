export { desktop } from '../../host/src/index.ts';
