export { createApp } from './app.ts';
export type { ApprovalAppDeps } from './app.ts';
export { receiptType } from './receipts/receipts.ts';
export type { ReceiptPayload } from './receipts/receipts.ts';
