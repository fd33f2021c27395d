import type { RpcRequests } from '@steward/contracts';
import {
  validateApproveActionParams,
  validateCancelTaskParams,
  validateCreateSessionParams,
  validateGetCheckpointsParams,
  validateGetEventsParams,
  validateGetMessagesParams,
  validateGetPatchPreviewParams,
  validateGetRewindPlanParams,
  validateInitializeParams,
  validateResumeSessionParams,
  validateRevertFileParams,
  validateRewindParams,
  validateSessionRefParams,
  validateSetCredentialsParams,
  validateShutdownParams,
  validateStartTaskParams,
} from '@steward/sdk';
import type { Validator } from '@steward/sdk';

/** The validator of each method's params. */
export const paramsValidators: Readonly<Record<keyof RpcRequests & string, Validator>> = {
  initialize: validateInitializeParams,
  SetCredentials: validateSetCredentialsParams,
  CreateSession: validateCreateSessionParams,
  ResumeSession: validateResumeSessionParams,
  StartTask: validateStartTaskParams,
  CancelTask: validateCancelTaskParams,
  GetSessionState: validateSessionRefParams,
  GetPatchPreview: validateGetPatchPreviewParams,
  RevertFile: validateRevertFileParams,
  AcceptPatch: validateGetPatchPreviewParams,
  ApproveAction: validateApproveActionParams,
  GetEvents: validateGetEventsParams,
  GetMessages: validateGetMessagesParams,
  GetCheckpoints: validateGetCheckpointsParams,
  GetRewindPlan: validateGetRewindPlanParams,
  Rewind: validateRewindParams,
  Shutdown: validateShutdownParams,
};
