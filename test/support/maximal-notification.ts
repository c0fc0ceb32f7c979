import type { Notification, Person } from '../../src/words/notification.ts'

type Whole<T> = T extends (infer Item)[] ? Whole<Item>[] : T extends object ? { [K in keyof T]-?: Whole<T[K]> } : T

/** What each marked field of `aMaximalNotification` holds, by the field's path. */
export type Marks = ReadonlyMap<string, string>

/**
 * A notification with every field filled, each free one with a value found nowhere else, so that a test can say exactly
 * which fields a content shows. A field added to the words does not compile until it stands here.
 */
export function aMaximalNotification(): { notification: Whole<Notification>; marks: Marks } {
  const marks = new Map<string, string>()
  const mark = (path: string): string => {
    const value = `canary ${path};`
    marks.set(path, value)
    return value
  }
  const dates = { day: 0 }
  const date = (path: string): string => {
    dates.day += 1
    const value = Temporal.PlainDate.from('1970-01-01').add({ days: dates.day }).toString()
    marks.set(path, value)
    return value
  }
  const time = (path: string): string => `${date(path)}T00:00:00Z`
  const notification: Whole<Notification> = {
    policeReference: mark('policeReference'),
    version: 1,
    incident: {
      occurredAt: time('incident.occurredAt'),
      occurredUntil: time('incident.occurredUntil'),
      reportedAt: time('incident.reportedAt'),
      policeAttended: true,
      callMadeByChild: false,
      immediateDanger: false,
      localAuthority: mark('incident.localAuthority'),
      address: addressMarked('incident', mark),
      summary: mark('incident.summary'),
      features: ['weapon'],
    },
    riskAssessments: [
      {
        personRef: 'v',
        tool: 'DASH',
        toolVersion: mark('risk.toolVersion'),
        grade: 'high',
        yesCount: 16,
        itemCount: 27,
        answers: { q1: 'yes' },
        professionalJudgement: true,
        judgedFor: ['marac'],
        judgementReason: mark('risk.judgementReason'),
        assessedAt: time('risk.assessedAt'),
      },
    ],
    people: (['victim', 'suspect', 'child', 'other_adult'] as const).map((role) => personMarked(role, mark, date)),
    parentsInformed: 'unsafe',
    familyAwareOfReferral: 'no',
    victimAsksForSupport: 'yes',
    maracConsent: 'yes',
    parentalConsent: 'no',
    childProtectionConcern: true,
    moved: { fromAuthority: mark('moved.from'), toAuthority: mark('moved.to'), on: date('moved.on'), refuge: true },
    refusedDetails: [mark('refusedDetails')],
    leafletsGiven: true,
    dutyEndsAt: time('dutyEndsAt'),
    rolesContested: true,
    restrictions: [
      {
        kind: 'must_not_receive',
        recipientId: mark('restriction.recipientId'),
        urn: mark('restriction.urn'),
        odsCode: mark('restriction.odsCode'),
        service: mark('restriction.service'),
        personRef: 'o',
        reason: mark('restriction.reason'),
      },
    ],
    orders: [{ kind: 'bail', personRef: 's', endsOn: date('order.endsOn') }],
    officer: { id: mark('officer.id'), supervisorId: mark('officer.supervisorId'), authorisedAt: time('officer.authorisedAt') },
  }
  return { notification, marks }
}

function addressMarked(whose: string, mark: (path: string) => string) {
  return {
    lines: [mark(`${whose}.address.line`)],
    postcode: mark(`${whose}.address.postcode`),
    uprn: mark(`${whose}.address.uprn`),
  }
}

function personMarked(role: Person['role'], mark: (path: string) => string, date: (path: string) => string): Whole<Person> {
  const own = (field: string): string => mark(`${role}.${field}`)
  const socialCare = (where: string) =>
    ({ open: 'yes', allocatedWorker: own(`${where}.worker`), authority: own(`${where}.authority`) }) as const
  return {
    ref: role.slice(0, 1),
    role,
    givenNames: own('givenNames'),
    familyName: own('familyName'),
    dateOfBirth: date(`${role}.dateOfBirth`),
    approximateAge: 30,
    refused: true,
    sex: own('sex'),
    relationshipToVictim: own('relationshipToVictim'),
    policePersonId: own('policePersonId'),
    pncId: own('pncId'),
    nhsNumber: own('nhsNumber'),
    upn: own('upn'),
    address: addressMarked(role, mark),
    safeContact: { method: own('safeContact.method'), value: own('safeContact.value'), notes: own('safeContact.notes') },
    relatedTo: [{ ref: 'v', kind: own('relatedTo.kind'), parentalResponsibility: true }],
    employer: {
      name: own('employer.name'),
      urn: own('employer.urn'),
      odsCode: own('employer.odsCode'),
      recipientId: own('employer.recipientId'),
      role: own('employer.role'),
    },
    pregnant: true,
    expectedDeliveryDate: date(`${role}.expectedDeliveryDate`),
    unborn: { socialCare: socialCare('unborn'), localAuthority: own('unborn.localAuthority') },
    household: 'resident',
    localAuthority: own('localAuthority'),
    stayingAuthority: own('stayingAuthority'),
    lookedAfterBy: own('lookedAfterBy'),
    present: true,
    injured: true,
    usedAsShield: true,
    spokenTo: true,
    voice: own('voice'),
    specialNeeds: true,
    socialCare: socialCare('socialCare'),
    education: { status: 'on_roll', urns: [own('urn')], establishmentName: own('establishmentName') },
    health: { gpPractice: own('gpPractice'), provider: own('provider') },
  }
}
