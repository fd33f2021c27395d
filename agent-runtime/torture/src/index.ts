export { campaign } from './harness/campaign.ts';
export type { CampaignOptions } from './harness/campaign.ts';
export type { CampaignResult, Failure } from './harness/tally.ts';
export type { Point } from './harness/points.ts';
export type { RunPlan } from './harness/run.ts';
export { tableOf } from './report.ts';
export { diskCampaign } from './disk/disk-campaign.ts';
export type { DiskCampaignResult, DiskFailure } from './disk/disk-campaign.ts';
