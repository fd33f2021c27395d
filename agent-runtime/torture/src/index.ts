export { campaign } from './harness/campaign.ts';
export type { CampaignOptions, CampaignResult, Failure } from './harness/campaign.ts';
export { tableOf } from './report.ts';
