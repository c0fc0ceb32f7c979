import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aChild,
  anOutcome,
  aPlanInput,
  aRecipient,
  aRoutedNotification,
  aRuling,
  aSchool,
  aTell,
  aVictim,
  everyService,
  london,
} from '../../test/support/routing-builders.ts'
import type { Notification, Person } from '../words/notification.ts'
import type { Contact, Recipient } from '../words/recipient.ts'
import { planChange } from './changes.ts'
import { planRouting } from './plan.ts'

const suspect: Person = { ref: 's1', role: 'suspect', givenNames: 'Alder', familyName: 'Penhaligon', dateOfBirth: '1990-01-09' }
const keyAdult: Contact = { name: 'Alder Penhaligon', role: 'key_adult', phone: '01632 960001' }
const deputy: Contact = { name: 'Bryony Tolliver', role: 'deputy', phone: '01632 960002' }
const rule = aRuling({ rule: 'all-hear', tell: [aTell('education_setting'), aTell('childrens_social_care')] })

function plan(changed: Recipient, given: Partial<Notification> = {}) {
  const notification = aRoutedNotification({ people: [aVictim(), suspect, aChild()], ...given })
  const recipients = [...everyService.filter(({ id }) => id !== changed.id), changed]
  return planRouting(aPlanInput({ outcome: anOutcome([rule]), notification, recipients }))
}
const toldOf = (planned: ReturnType<typeof plan>, service: string) => planned.dispatches.find((one) => one.service === service)
const questions = (planned: ReturnType<typeof plan>) =>
  planned.tasks.filter(({ desk }) => desk === 'directory').flatMap((task) => task.questions.map(({ question }) => question))

describe('a school where the suspect is a contact', () => {
  test('the alert is held and somebody clear of it is rung, by the school’s clock', () => {
    const planned = plan(aSchool({ contacts: [keyAdult, deputy] }))
    expect(toldOf(planned, 'education_setting')).toMatchObject({ hold: 'conflict_ring_contact', restricted: true })
    expect(questions(planned)).toEqual([expect.stringContaining('ring Bryony Tolliver (deputy) on 01632 960002')])
    expect(planned.tasks[0]?.dueBy).toEqual(london('2026-11-05T08:45'))
  })

  test('with nobody clear of it the alert is held and a person is asked, by the same clock', () => {
    const planned = plan(aSchool({ contacts: [keyAdult] }))
    expect(toldOf(planned, 'education_setting')).toMatchObject({
      hold: 'conflict_nobody_clear',
      dueBy: london('2026-11-05T08:45'),
    })
    expect(questions(planned)).toEqual([expect.stringContaining('Nobody clear of it')])
    expect(planned.tasks[0]?.dueBy).toEqual(london('2026-11-05T08:45'))
  })

  test('the alert says no more than any other, and the rest are told as ever', () => {
    const planned = plan(aSchool({ contacts: [keyAdult, deputy] }))
    const usual = plan(aSchool({ contacts: [deputy] }))
    expect(toldOf(planned, 'education_setting')?.content).toEqual(toldOf(usual, 'education_setting')?.content)
    expect(toldOf(planned, 'childrens_social_care')).toEqual(toldOf(usual, 'childrens_social_care'))
  })

  test('a deadline that had passed on arrival makes nobody ring the school itself', () => {
    const given = {
      notification: aRoutedNotification({ people: [aVictim(), suspect, aChild()] }),
      recipients: [aSchool({ contacts: [keyAdult] })],
    }
    const late = planRouting(aPlanInput({ outcome: anOutcome([rule]), ...given, releaseAt: london('2026-11-06T10:00') }))
    const rung = late.tasks
      .flatMap((task) => task.questions.map(({ question }) => question))
      .filter((text) => text.startsWith('Ring'))
    expect(rung).toEqual([])
  })
})

describe('a newer version that names the key adult as suspect', () => {
  test('holds what was on its way to the school, and takes back the attempt of which nobody knows whether it arrived', () => {
    const school = aSchool({ contacts: [keyAdult, deputy] })
    const [alert] = plan(school, { people: [aVictim(), aChild()] }).dispatches.filter(
      ({ service }) => service === 'education_setting',
    )
    if (alert === undefined) throw new Error('the school was not told')
    const underWay = {
      ...alert,
      id: 'dsp_1',
      own: false,
      state: 'released',
      seen: false,
      attempted: true,
      concerns: null,
    } as const
    const notification = aRoutedNotification({ people: [aVictim(), suspect, aChild()], version: 2 })
    const recipients = [school]
    const before = { dispatches: [underWay], stillDue: [], reportedFirst: london('2026-11-04T20:10'), riskRose: false }
    const { plan: now, withdrawn } = planChange(aPlanInput({ outcome: anOutcome([rule]), notification, recipients }), before)
    expect(now.dispatches).toMatchObject([{ service: 'education_setting', hold: 'conflict_ring_contact' }])
    expect(withdrawn).toMatchObject([{ id: 'dsp_1' }])
  })
})

describe('another service where the victim works', () => {
  const team = aRecipient({
    id: 'csc',
    service: 'childrens_social_care',
    name: 'Front Door',
    contacts: [{ ...deputy, role: 'duty' }],
  })
  const works = { people: [aVictim({ employer: { recipientId: 'csc' } }), aChild()] }

  test('is told at once, restricted, and its duty lead is rung within the hour', () => {
    const planned = plan(team, works)
    expect(toldOf(planned, 'childrens_social_care')).toMatchObject({
      hold: null,
      restricted: true,
      content: { restricted: true, restrictedNote: expect.stringContaining('Hide the record') },
    })
    expect(questions(planned)).toEqual([
      expect.stringMatching(/Tamsin Quillfeather .*Ring Bryony Tolliver \(duty\) on 01632 960002/),
    ])
    expect(planned.tasks[0]?.dueBy).toEqual(london('2026-11-04T21:10'))
  })

  test('the message does not name who must not see it: they may read the queue', () => {
    const planned = plan(aRecipient({ id: 'health', service: 'health' }), { people: [aVictim(), aChild()] })
    expect(JSON.stringify(planned.dispatches)).not.toContain('restrictedNote')
  })
})

describe('whatever stands in the notification and the directory', () => {
  const name = fc.constantFrom('Alder Penhaligon', 'Bryony Tolliver', 'Tamsin Quillfeather', 'Mrs Quillfeather')
  const contact = fc.record({
    name,
    role: fc.constantFrom('key_adult', 'deputy', 'duty'),
    phone: fc.constantFrom('01632 960001', '01632 960002'),
  })
  const employer = fc.option(
    fc.constantFrom({ urn: '900101' }, { recipientId: 'school-900101' }, { name: 'Larkspur Primary' }, { name: 'Elsewhere Ltd' }),
    { nil: undefined },
  )

  test('no school is sent anything that somebody in the notification would read there', () => {
    fc.assert(
      fc.property(fc.array(contact, { maxLength: 3 }), employer, employer, (contacts, ofVictim, ofSuspect) => {
        const people = [
          aVictim(ofVictim === undefined ? {} : { employer: ofVictim }),
          { ...suspect, ...(ofSuspect === undefined ? {} : { employer: ofSuspect }) },
          aChild(),
        ]
        const planned = plan(aSchool({ contacts }), { people })
        const reads =
          contacts.some((one) => /Penhaligon|Quillfeather/.test(one.name)) ||
          [ofVictim, ofSuspect].some((one) => one !== undefined && one.name !== 'Elsewhere Ltd')
        const alert = toldOf(planned, 'education_setting')
        expect(alert).toBeDefined()
        expect(alert?.hold === null).toBe(!reads)
        if (reads) expect(questions(planned)).toHaveLength(1)
      }),
    )
  })
})
