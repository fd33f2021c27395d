export { tools } from '../../tool-runtime/src/index.ts';
