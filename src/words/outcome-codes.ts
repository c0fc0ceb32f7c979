import type { Service } from './recipient.ts'

/**
 * What a service may say came of a dispatch. The lists are closed, so that a force can count; what does not fit goes into the note.
 * They follow what the procedures ask back: an outcome of each referral to whoever made it, the result of a Pitstop or strategy
 * meeting, and whether a child was seen.
 */
export const outcomeCodes = {
  /** The front door's usual answers to a contact or a referral. */
  childrens_social_care: [
    'assessment_started',
    'strategy_discussion',
    'section_47_enquiry',
    'already_open',
    'early_help',
    'passed_to_other_authority',
    'no_further_action',
  ],
  /** What the key adult did with the alert; never what the child said. */
  education_setting: ['child_seen', 'child_absent', 'support_given', 'concern_referred', 'not_on_roll', 'no_further_action'],
  /** A child who is educated at home, has no place or is missing education. */
  education_authority: ['school_found', 'place_offered', 'home_visit_made', 'missing_education_enquiry', 'no_further_action'],
  /** The midwife, health visitor or school nurse of one patient. */
  health: ['record_flagged', 'contact_made', 'support_given', 'not_our_patient', 'no_further_action'],
  /** A victim's case before the multi-agency meeting; a repeat within twelve months is listed whatever its risk. */
  marac: ['listed', 'listed_as_repeat', 'below_threshold', 'passed_to_other_marac'],
  /** The advocate's contact with the victim. */
  idva: ['engaged', 'declined', 'not_reached', 'already_supported', 'passed_on'],
  /** A local domestic abuse service's contact with the victim. */
  specialist_support: ['engaged', 'declined', 'not_reached', 'already_supported', 'waiting_list'],
  /** The separate process for a victim or suspect under 16. */
  police_child_protection: ['investigation_opened', 'strategy_discussion', 'already_open', 'no_further_action'],
} as const satisfies Record<Service, readonly string[]>

/** Whether a service may give this code. */
export function isOutcomeCode(service: Service, code: string): boolean {
  return outcomeCodes[service].some((known) => known === code)
}
