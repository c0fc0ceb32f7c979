import type { SeenAlert } from '../../delivery/email/follow-link.ts'
import { fieldsOf, momentInWords } from '../as-read.ts'
import type { Page } from '../render.ts'

const headings: Readonly<Record<SeenAlert['dispatchKind'], string>> = {
  referral: 'A child is referred to you',
  notification: 'Police have notified you about a child',
  alert: 'Alert about a child at your school',
  handoff: 'Something is handed to you',
  correction: 'Police have corrected what they told you',
  recall: 'Police take back what they told you',
}

/** The alert itself, and what may be answered. Its forms lead to `answers`, below the address it stands at. */
export function alertPage(alert: SeenAlert, answers: string): Page {
  const { dispatchKind, content, dueBy, overdue, acknowledgedAt, answered, dispatch, service } = alert
  const open = acknowledgedAt === null && answered === null
  return {
    template: 'alert/page.njk',
    title: 'What you are told',
    view: {
      heading: headings[dispatchKind],
      fields: fieldsOf(content),
      school: service === 'education_setting',
      recall: dispatchKind === 'recall',
      reference: dispatch,
      open,
      overdue,
      dueBy: momentInWords(dueBy),
      acknowledgedAt: acknowledgedAt === null ? null : momentInWords(acknowledgedAt),
      answers,
    },
  }
}
