import { type Cell, hang, tableLines } from '../terminal/layout.ts'
import { headingLines, type Stage } from '../terminal/stage.ts'
import type { Completeness, Delivery, Manifest } from './verdict.ts'

/** What an auditor reads at the end of the evening. */
export interface Proof {
  report: Completeness
  deliveries: readonly Delivery[]
  manifest: Manifest
  outcomesHeard: number
}

/** What was due against what was sent, as an auditor asks it, and whether that is well. */
export function summaryLines(stage: Stage, proof: Proof, wrong: readonly string[]): string[] {
  const { report, deliveries, manifest, outcomesHeard } = proof
  const sent = Object.values(report.dispatches).reduce((sum, count) => sum + count, 0)
  const reasons = Object.entries(report.notSent).map(([reason, count]) => `${count} ${reason}`)
  const rows: [string, string][] = [
    ['Notifications', String(report.notifications)],
    ['Due', `${report.due} (each person and each service, once for every rule that asks)`],
    ['Sent', `${sent} dispatches: ${countsOf(report.dispatches)}`],
    ['Deliveries', `${deliveries.length} listed, ${longestIn(deliveries)}`],
    ['Outcomes', `${outcomesHeard} told to the force`],
    ['Manifest', manifestSentence(manifest)],
    ['Not sent', reasons.length === 0 ? 'nothing' : reasons.join('; ')],
    ['Overdue', report.overdue === 0 ? 'none' : String(report.overdue)],
    ['Tasks open', report.openTasks === 0 ? 'none: people settled every one' : `${report.openTasks}, for people to settle`],
    ['Faults', report.faultsTotal === 0 ? 'none' : String(report.faultsTotal)],
  ]
  const cells = rows.map(([name, value]): Cell[] => [{ text: name, style: 'dim' }, { text: value }])
  return [
    ...headingLines(stage, 'What the auditor reads', 'GET /v1/audit/completeness and /v1/audit/deliveries'),
    ...tableLines({ titles: [], widest: [16, stage.width - 20], rows: cells }, '  ', stage.paint),
    '',
    ...verdictLines(stage, wrong),
  ]
}

/** The slowest of them, from the plan to the acknowledgement. */
function longestIn(deliveries: readonly Delivery[]): string {
  const seconds = deliveries.flatMap(({ plannedAt, acknowledgedAt }) =>
    acknowledgedAt === null ? [] : Temporal.Instant.from(plannedAt).until(acknowledgedAt).total('seconds'),
  )
  if (seconds.length === 0) return 'none acknowledged'
  return `${seconds.length} acknowledged, the slowest after ${Math.max(...seconds).toFixed(1)} s`
}

function manifestSentence({ listed, notReceived, notListed }: Manifest): string {
  if (notReceived.length === 0 && notListed.length === 0) return `agrees: the force sent ${listed}, and ${listed} came`
  return `differs: ${notReceived.length} never came, ${notListed.length} not listed`
}

function countsOf(dispatches: Record<string, number>): string {
  const counts = Object.entries(dispatches).map(([state, count]) => `${count} ${state.replace('_', ' ')}`)
  return counts.length === 0 ? 'none' : counts.join(', ')
}

function verdictLines({ paint, width }: Stage, wrong: readonly string[]): string[] {
  if (wrong.length === 0) {
    const well = 'Everything due was delivered or collected in time, and the record has no faults.'
    return hang(well, { mark: '  ✓ ', width, paint: (line) => paint('green', line) })
  }
  return wrong.flatMap((sentence) => hang(sentence, { mark: '  ✗ ', width, paint: (line) => paint('red', line) }))
}
