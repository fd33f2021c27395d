export { campaign } from './harness/campaign.ts';
export type { CampaignOptions, CampaignResult, Failure } from './harness/campaign.ts';
export type { Point } from './harness/plan-runs.ts';
export { tableOf } from './report.ts';
export { diskCampaign } from './disk/disk-campaign.ts';
export type { DiskCampaignResult, DiskFailure } from './disk/disk-campaign.ts';
