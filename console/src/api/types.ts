/** Short names for the bodies of the contract. */
import type { components } from './schema'

type Bodies = components['schemas']

export type Home = Bodies['Home']
export type Reach = Bodies['Reach']
export type MessageCounts = Bodies['MessageCounts']
export type CustomerSummary = Bodies['CustomerSummary']
export type Customer = Bodies['Customer']
export type Moment = Bodies['Moment']
export type MessageSummary = Bodies['MessageSummary']
export type MessageState = Bodies['MessageState']
export type Why = Bodies['Why']
export type Gate = Bodies['Gate']
export type Audience = Bodies['Audience']
export type AudienceSummary = Bodies['AudienceSummary']
export type AudienceLive = Bodies['AudienceLive']
export type AudienceSizes = Bodies['AudienceSizes']
export type Passage = Bodies['Passage']
export type ConditionChecked = Bodies['ConditionChecked']
export type ConditionError = Bodies['ConditionError']
export type People = Bodies['People']
export type CountQuestion = Bodies['CountQuestion']
export type CountAnswer = Bodies['CountAnswer']
export type RfmQuestion = Bodies['RfmQuestion']
export type RfmAnswer = Bodies['RfmAnswer']
export type RfmGroup = Bodies['RfmGroup']
export type RfmGroupName = Bodies['RfmGroupName']
export type RfmCell = Bodies['RfmCell']
export type RfmMove = Bodies['RfmMove']
export type TrendQuestion = Bodies['TrendQuestion']
export type TrendAnswer = Bodies['TrendAnswer']
export type Period = Bodies['Period']
export type Compare = Bodies['Compare']
export type ConditionInput = Bodies['ConditionInput']
export type FilterInput = Bodies['FilterInput']
export type Question = Bodies['Question']
export type SavedQuestion = Bodies['SavedQuestion']
export type Pick = Bodies['Pick']
export type EventInput = Bodies['EventInput']
export type RunningQuestion = Bodies['RunningQuestion']
export type Warning = Bodies['Warning']
export type PeopleAnswer = Bodies['PeopleAnswer']
export type FunnelQuestion = Bodies['FunnelQuestion']
export type FunnelAnswer = Bodies['FunnelAnswer']
export type FunnelLine = Bodies['FunnelLine']
export type FunnelStep = Bodies['FunnelStep']
export type FunnelOrder = Bodies['FunnelOrder']
export type RetentionQuestion = Bodies['RetentionQuestion']
export type RetentionAnswer = Bodies['RetentionAnswer']
export type RetentionLine = Bodies['RetentionLine']
export type PathsQuestion = Bodies['PathsQuestion']
export type PathsAnswer = Bodies['PathsAnswer']
export type TrendMeasure = Bodies['TrendMeasure']
export type Campaign = Bodies['Campaign']
export type CampaignBrief = Bodies['CampaignBrief']
export type CampaignDraft = Bodies['CampaignDraft']
export type CampaignState = Bodies['CampaignState']
export type CampaignReport = Bodies['CampaignReport']
export type Variant = Bodies['Variant']
export type Preview = Bodies['Preview']
export type ContentError = Bodies['ContentError']
export type LaunchCheck = Bodies['LaunchCheck']
export type BrokenFor = Bodies['BrokenFor']
export type LeftOut = Bodies['LeftOut']
export type EventSummary = Bodies['EventSummary']
export type EventEntry = Bodies['EventEntry']
export type PropertyEntry = Bodies['PropertyEntry']
export type LiveItem = Bodies['LiveItem']
export type Reject = Bodies['Reject']
export type Refusal = Bodies['Refusal']
export type Refusals = Bodies['Refusals']
export type ProblemCode = Bodies['ProblemCode']
export type Key = Bodies['Key']
export type KeyCreate = Bodies['KeyCreate']
export type Import = Bodies['Import']
export type SandboxSummary = Bodies['SandboxSummary']
export type SandboxMessage = Bodies['SandboxMessage']
export type KeepingAnswer = Bodies['KeepingAnswer']
export type Settings = Bodies['Settings']
export type SettingsAnswer = Bodies['SettingsAnswer']
export type Provider = Bodies['Provider']
export type AuditEntry = Bodies['AuditEntry']
export type Purpose = Bodies['Purpose']
export type Channel = Bodies['Channel']
export type Role = Bodies['Role']
export type User = Bodies['User']
export type Users = Bodies['Users']
export type UserInvite = Bodies['UserInvite']
export type Invited = Bodies['Invited']
export type OneTimeLink = Bodies['OneTimeLink']

export const CHANNELS: readonly Channel[] = [
  'push',
  'webpush',
  'email',
  'sms',
  'inapp',
  'inbox',
  'whatsapp',
  'line',
  'messenger',
  'voice',
  'video',
  'webhook',
]

export const PURPOSES: readonly Purpose[] = [
  'marketing',
  'transactional',
  'security',
  'service',
  'research',
  'location',
]
