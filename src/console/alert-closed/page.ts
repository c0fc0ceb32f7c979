import type { Page } from '../render.ts'

/** Why a link shows nothing. */
export type Closed = 'no such link' | 'ended' | 'opened elsewhere' | 'held' | 'withdrawn' | 'replaced' | 'fault'

const words: Readonly<Record<Closed, { status: number; heading: string; says: string }>> = {
  'no such link': {
    status: 404,
    heading: 'This link leads nowhere',
    says: 'It may have been cut short. Copy the whole link from the e-mail and try again.',
  },
  ended: { status: 410, heading: 'This link has ended', says: 'It was made for one alert, and its time is over.' },
  'opened elsewhere': {
    status: 403,
    heading: 'This link has been opened already',
    says: 'It opens in one browser, for 12 hours. If it was you, go back to that browser. If it was sent on to you, it was not meant for you.',
  },
  held: {
    status: 409,
    heading: 'There is nothing to open here now',
    says: 'A person is settling who must be told.',
  },
  withdrawn: { status: 410, heading: 'This was taken back', says: 'Police have withdrawn it. You need do nothing.' },
  replaced: {
    status: 410,
    heading: 'This is no longer so',
    says: 'Police have told us something newer. Look for a newer e-mail, and act on that.',
  },
  fault: {
    status: 500,
    heading: 'Something failed here',
    says: 'What was waiting is still waiting. Try again in a few minutes.',
  },
}

/** Whom to ring who stands before it, since a child may depend on it; and no word of what is behind it. */
export function alertClosed(why: Closed, ring: { phone: string | null; reference: string | null }): Page {
  const { status, heading, says } = words[why]
  const ringing = why !== 'withdrawn'
  return {
    template: 'alert-closed/page.njk',
    title: heading,
    status,
    view: { heading, says, ringing, phone: ring.phone, reference: ring.reference },
  }
}
