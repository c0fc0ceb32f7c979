import { setTimeout as pause } from 'node:timers/promises'
import { ApiProblem, type Caller } from './api-client.ts'
import script from './decisions.json' with { type: 'json' }
import { inWords } from './people.ts'
import type { Reporter } from './tell-live.ts'

/** What somebody decided about a task, and why. */
export interface DecisionMade {
  policeReference: string
  desk: string
  decision: string
  services: readonly string[]
  recipientId: string | null
  rationale: string
  by: Caller
}

/** A task as its desk lists it, as far as the demo reads it. */
interface Listed {
  id: string
  desk: string
  notification: string | null
}

interface Answer {
  dispatches: readonly { recipientId: string }[]
}

type Scripted = Omit<DecisionMade, 'by' | 'services' | 'recipientId'> & { services?: readonly string[]; recipientId?: string }

const PURPOSE = { 'daymark-purpose': 'to decide it' }
/** How often a task is read again because something was added to it meanwhile. */
const READ_AGAIN_MAX = 10
const READ_AGAIN_AFTER_MS = 200
const CHANGED = 409

/** Whoever sits at each desk, by desk; and the notification behind each police reference. */
export interface Desks {
  sitters: ReadonlyMap<string, Caller>
  notifications: ReadonlyMap<string, string>
  report: Reporter
  /** Aborted when somebody asks the demo to stop. */
  stopping: AbortSignal
}

/**
 * The people of the desks at work: each task of the script is claimed, read with a purpose, and decided.
 * @returns what was decided, by task; a task of the script that is not there is not among them
 */
export async function sitAtDesks(desks: Desks): Promise<Map<string, DecisionMade>> {
  const made = new Map<string, DecisionMade>()
  const lines: readonly Scripted[] = script
  for (const line of lines) {
    desks.stopping.throwIfAborted()
    const by = desks.sitters.get(line.desk)
    if (!by) throw new Error(`Nobody sits at the ${line.desk} desk`)
    const { tasks } = await by.get<{ tasks: Listed[] }>(`/v1/tasks?desk=${line.desk}`)
    const task = tasks.find(({ notification }) => notification === desks.notifications.get(line.policeReference))
    if (!task) continue
    await by.post(`/v1/tasks/${task.id}/claim`, {})
    const { dispatches } = await decide(by, task.id, line)
    made.set(task.id, { ...line, services: line.services ?? [], recipientId: line.recipientId ?? null, by })
    desks.report(by.name, decidedSentence(line, dispatches.length))
  }
  return made
}

/** Tasks of the script that nobody decided, each in a sentence. */
export function undecidedSentences(made: ReadonlyMap<string, DecisionMade>): string[] {
  const done = new Set([...made.values()].map(({ policeReference, desk }) => `${policeReference} ${desk}`))
  const lines: readonly Scripted[] = script
  return lines
    .filter(({ policeReference, desk }) => !done.has(`${policeReference} ${desk}`))
    .map(
      ({ policeReference, desk }) => `${policeReference}: there was no task to decide on the ${desk.replaceAll('_', ' ')} desk.`,
    )
}

/** Decides what was read, and reads again where something was added since: nobody decides what they have not seen. */
async function decide(by: Caller, task: string, { decision, services, recipientId, rationale }: Scripted): Promise<Answer> {
  const body = { decision, rationale, ...(services ? { services } : {}), ...(recipientId ? { recipientId } : {}) }
  for (let again = 0; ; again += 1) {
    const { etag } = await by.read(`/v1/tasks/${task}`, PURPOSE)
    try {
      return await by.post<Answer>(`/v1/tasks/${task}/decision`, body, { 'if-match': etag })
    } catch (fault) {
      if (!(fault instanceof ApiProblem) || fault.status !== CHANGED || again === READ_AGAIN_MAX) throw fault
      await pause(READ_AGAIN_AFTER_MS)
    }
  }
}

const servicesInWords: Record<string, string> = {
  marac: 'MARAC',
  idva: 'an independent advocate',
  health: 'health',
  education_setting: 'the school that was found',
}

/** `refer to MARAC and an independent advocate`. */
export function decisionInWords({ decision, services = [] }: Pick<Scripted, 'decision' | 'services'>): string {
  const what = decision.replaceAll('_', ' ')
  const whom = services.map((service) => servicesInWords[service] ?? service.replaceAll('_', ' '))
  if (whom.length === 0) return what
  return `${what} ${decision === 'refer' ? 'to ' : ''}${inWords(whom)}`
}

function decidedSentence(line: Scripted, dispatches: number): string {
  const follows = dispatches === 0 ? '' : ` (${dispatches} told at once)`
  return `✓ claims, reads and decides ${line.policeReference}:\n${decisionInWords(line)}${follows}`
}
