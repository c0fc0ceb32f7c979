import { chanceFrom } from './chance.ts'
import { aFamily, aReport, type Family } from './families.ts'
import { londonDay, londonHour } from './month-clock.ts'
import type { Caller } from './service.ts'

/** What the force sends, by its own books. */
export interface Force {
  /** Sends what was reported between two moments, and what changed in what was sent before. */
  report: (since: Temporal.Instant, until: Temporal.Instant) => Promise<void>
  /** Every reference, with the id it was answered with. */
  sent: ReadonlyMap<string, string>
  counts: { versions: number; withdrawals: number; manifests: number; lateReferences: number }
}

/** Incidents and crimes a day at Derbyshire's volume: 26,000 to 30,000 a year. */
const A_DAY = 78
/** The notification that the force writes down and its system leaves behind. */
const LEFT_BEHIND = 400
/** A family met before in the month. */
const AGAIN = 0.12

interface Sent {
  reference: string
  id: string
  body: Record<string, unknown>
  family: Family
  version: number
}

/** A force that sends day and night, sends the night's work in the early morning, corrects itself and puts its manifest. */
export function aForce(call: Caller, urns: readonly string[], seed: number): Force {
  const chance = chanceFrom(seed)
  const families: Family[] = []
  const books: Sent[] = []
  const sent = new Map<string, string>()
  const byDay = new Map<string, string[]>()
  const counts = { versions: 0, withdrawals: 0, manifests: 0, lateReferences: 0 }
  /** Written down by the force and left behind by its system, until the manifest tells. */
  let leftBehind: { reference: string; family: Family; day: string } | null = null
  let reported = 0
  let lastManifest = ''

  async function send(reference: string, family: Family, at: Temporal.Instant): Promise<Sent> {
    const body = aReport(family, reference, at.subtract({ minutes: 5 + chance.below(120) }), chance)
    const answer = await call('POST', '/v1/notifications', body)
    if (answer.status !== 202) throw new Error(`${reference} was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return { reference, id: answer.body.id, body, family, version: 1 }
  }

  function writeDown(one: Sent): void {
    sent.set(one.reference, one.id)
    books.push(one)
  }

  function nextFamily(): Family {
    const known = families.length > 0 && chance.often(AGAIN) ? chance.pick(families) : null
    if (known) return known
    const family = aFamily(families.length, chance, urns)
    families.push(family)
    return family
  }

  async function changeMind(): Promise<void> {
    const one = books[books.length - 1 - chance.below(Math.min(80, books.length))]
    if (!one || one.version < 0) return
    if (chance.often(0.25)) {
      const answer = await call('POST', `/v1/notifications/${one.id}/withdrawal`, { reason: 'Sent for another family.' })
      if (answer.status !== 202) throw new Error(`Withdrawing answered ${answer.status}`)
      one.version = -1
      counts.withdrawals += 1
      return
    }
    const notification = { ...one.body, version: one.version + 1, parentsInformed: 'unsafe' }
    const answer = await call('POST', `/v1/notifications/${one.id}/versions`, { reason: 'The officer rang back.', notification })
    if (answer.status !== 202) throw new Error(`A version was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    one.version += 1
    one.id = answer.body.id
    counts.versions += 1
  }

  async function putManifest(day: string): Promise<void> {
    const answer = await call('PUT', `/v1/notifications/manifests/${day}`, { references: byDay.get(day) ?? [] })
    if (answer.status > 201) throw new Error(`The manifest was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    counts.manifests += 1
  }

  return {
    sent,
    counts,
    report: async (since, until) => {
      const hours = since.until(until).total('hours')
      const wanted = (A_DAY / 24) * hours
      const count = Math.floor(wanted) + (chance.often(wanted % 1) ? 1 : 0)
      const today = londonDay(until)
      const sending: Promise<Sent>[] = []
      for (let nth = 0; nth < count; nth += 1) {
        reported += 1
        const reference = `MONTH-${reported}`
        byDay.set(today, [...(byDay.get(today) ?? []), reference])
        const family = nextFamily()
        if (reported === LEFT_BEHIND) leftBehind = { reference, family, day: today }
        else sending.push(send(reference, family, until))
      }
      for (const one of await Promise.all(sending)) writeDown(one)
      if (chance.often(0.12 * hours)) await changeMind()
      const yesterday = londonDay(until.subtract({ hours: 24 }))
      if (londonHour(until) >= 6 && yesterday !== lastManifest) {
        await putManifest(yesterday)
        lastManifest = yesterday
      }
      // The manifest named it, and somebody at the force sends it in the afternoon.
      if (leftBehind && leftBehind.day === yesterday && londonHour(until) === 15) {
        writeDown(await send(leftBehind.reference, leftBehind.family, until))
        leftBehind = null
        counts.lateReferences += 1
      }
    },
  }
}
