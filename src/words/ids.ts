/**
 * Every id says what it names: a prefix and a UUIDv7. The id in a log is the id in the table and the URL.
 * Ids and references are the only things about a case that may stand in logs, queues, URLs and audit events.
 */
export type NotificationId = `ntf_${string}`
export type DispatchId = `dsp_${string}`
export type TaskId = `tsk_${string}`
export type EventId = `evt_${string}`
export type AttemptId = `att_${string}`
export type PromptId = `prm_${string}`
export type LinkId = `lnk_${string}`
export type LeaseToken = `lse_${string}`
export type ClientId = `cli_${string}`
export type RestrictionId = `rst_${string}`
export type SessionId = `ses_${string}`

/** The short id of an agency, for example `police-derbyshire` or `csc-E06000015`; `operator` runs the service. */
export type AgencyId = string
/** The short id of a recipient in the directory, for example `csc-E06000015` or `school-900101`. */
export type RecipientId = string
/** A local authority's nine-character GSS code, for example `E06000015`. */
export type AuthorityCode = string
/** A school's or college's six-digit number in Get Information About Schools. */
export type Urn = string
/** The name a notification gives to one of its people, for example `c1`; unique within that notification. */
export type PersonRef = string
