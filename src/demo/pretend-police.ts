import type { ApiClient } from './api-client.ts'
import { type Heard, openReceiver, type PretendReceiver } from './pretend-receiver.ts'
import { outcomeSentence, type Reporter } from './tell-live.ts'

/** What a force's own system is told of an outcome: references and a code, and nobody's name. */
export interface OutcomeTold {
  policeReference: string
  dispatch: string
  service: string
  code: string
}

/** The force's own system, which is called when somebody says what came of a dispatch. */
export interface PretendPolice {
  receiver: PretendReceiver
  /** The dispatches whose outcome it has heard. */
  heard: ReadonlySet<string>
}

export async function openPolice(held: AsyncDisposableStack, name: string, report: Reporter): Promise<PretendPolice> {
  const dispatches = new Set<string>()
  const heard = (what: Heard<OutcomeTold>) => {
    if (what.kind !== 'event') return report(name, '✗ refuse a call that is not signed with their secret')
    dispatches.add(what.data.dispatch)
    report(name, outcomeSentence(what.data))
  }
  return { receiver: await openReceiver(held, { callsDown: 0, heard }), heard: dispatches }
}

/** Asks for outcomes as they are recorded, at the system's address. */
export async function askForOutcomes(police: ApiClient, { receiver }: PretendPolice): Promise<void> {
  const path = `/v1/forces/${police.agency}/outcome-webhook`
  const { secret } = await police.put<{ secret?: string }>(path, { url: receiver.url })
  if (secret) receiver.trust(secret)
}
