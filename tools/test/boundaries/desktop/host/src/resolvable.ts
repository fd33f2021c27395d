export { nothing } from '@steward/does-not-exist';
