import { type Cell, hang, tableLines } from '../terminal/layout.ts'
import { headingLines, type Stage } from '../terminal/stage.ts'
import type { Completeness } from './verdict.ts'

/** What was due against what was sent, as an auditor asks it, and whether that is well. */
export function summaryLines(stage: Stage, report: Completeness, wrong: readonly string[]): string[] {
  const sent = Object.values(report.dispatches).reduce((sum, count) => sum + count, 0)
  const reasons = Object.entries(report.notSent).map(([reason, count]) => `${count} ${reason}`)
  const rows: [string, string][] = [
    ['Notifications', String(report.notifications)],
    ['Due', `${report.due} (each person and each service, once for every rule that asks)`],
    ['Sent', `${sent} dispatches: ${countsOf(report.dispatches)}`],
    ['Not sent', reasons.length === 0 ? 'nothing' : reasons.join('; ')],
    ['Overdue', report.overdue === 0 ? 'none' : String(report.overdue)],
    ['Tasks open', `${report.openTasks}, for people to settle; nothing above waited for them`],
    ['Faults', report.faultsTotal === 0 ? 'none' : String(report.faultsTotal)],
  ]
  const cells = rows.map(([name, value]): Cell[] => [{ text: name, style: 'dim' }, { text: value }])
  return [
    ...headingLines(stage, 'Completeness', 'GET /v1/audit/completeness'),
    ...tableLines({ titles: [], widest: [16, stage.width - 20], rows: cells }, '  ', stage.paint),
    '',
    ...verdictLines(stage, wrong),
  ]
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
