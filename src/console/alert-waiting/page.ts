import type { Page } from '../render.ts'

/** Before anybody has pressed the button: no word of any child, for a mail program or a colleague may be who looks. */
export function alertWaiting(service: string): Page {
  const school = service === 'education_setting'
  return {
    template: 'alert-waiting/page.njk',
    title: 'Something is waiting for you',
    view: { heading: school ? 'There is an alert for your school' : 'Something is waiting for you', school },
  }
}
