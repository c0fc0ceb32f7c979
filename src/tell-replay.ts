import type { CountedDifference, ReplayReport } from './replay/report.ts'
import type { Change } from './routing/differences.ts'
import { type Cell, hang, tableLines } from './terminal/layout.ts'
import { headingLines, type Stage } from './terminal/stage.ts'

const titles: Record<Change, string> = {
  'now told': 'now told',
  'no longer told': 'no longer',
  'told sooner': 'sooner',
  'told later': 'later',
  'told as another kind': 'other kind',
}
const changes = [
  'now told',
  'no longer told',
  'told sooner',
  'told later',
  'told as another kind',
] as const satisfies readonly Change[]
const number = new Intl.NumberFormat('en-GB')

/** A replay as a lead reads it: the counts first, then what they are made of, then what nobody could say. */
export function replayLines(report: ReplayReport, stage: Stage): string[] {
  const { pack, notifications, changed, differences } = report
  const part = notifications === 0 ? 0 : (changed * 100) / notifications
  const opening =
    differences.length === 0
      ? `Over ${many(notifications)} as last decided, nobody would be told otherwise.`
      : `Over ${many(notifications)} as last decided, ${number.format(changed)} (${part.toFixed(1)} %) would have told somebody otherwise.`
  return [
    ...headingLines(stage, `${pack.area} from ${pack.inForceFrom}`, `replayed, sha256 ${pack.sha256.slice(0, 12)}`),
    ...hang(opening, { mark: '  ', width: stage.width }),
    ...(differences.length === 0 ? [] : ['', ...countLines(differences, stage)]),
    ...differences.flatMap((difference) => exampleLines(difference, stage)),
    ...doubtLines(report, stage),
  ]
}

function countLines(differences: readonly CountedDifference[], { paint }: Stage): string[] {
  const rows = Map.groupBy(differences, ({ service, kind }) => `${spaced(service)}|${kind}`)
  const cells = [...rows].toSorted().map(([name, counted]): Cell[] => {
    const [service = '', kind = ''] = name.split('|')
    return [{ text: service }, { text: kind }, ...changes.map((change) => countCell(counted, change))]
  })
  const heads = ['service', 'kind', ...changes.map((change) => titles[change])]
  return tableLines({ titles: heads, widest: [26, 14, 9, 9, 9, 9, 10], rows: cells }, '  ', paint)
}

/** A child who would no longer be heard of is the one thing to look at first. */
function countCell(counted: readonly CountedDifference[], change: Change): Cell {
  const count = counted.filter((difference) => difference.change === change).reduce((sum, one) => sum + one.count, 0)
  if (count === 0) return { text: '·', style: 'dim', align: 'right' }
  const worse = change === 'no longer told' || change === 'told later'
  return { text: number.format(count), style: worse ? 'yellow' : 'green', align: 'right' }
}

function exampleLines({ change, service, kind, was, count, examples }: CountedDifference, { paint }: Stage): string[] {
  if (examples.length === 0) return []
  const turned = was === null ? kind : `${was} → ${kind}`
  const title = `${change}: ${spaced(service)}, ${turned}`
  const rows = examples.map(({ policeReference, notification, about }) => [
    { text: policeReference },
    { text: notification, style: 'dim' as const },
    { text: about ?? '' },
  ])
  return [
    '',
    `  ${paint('cyan', title)}${paint('dim', ` (${examples.length === count ? 'all' : `${examples.length} of`} ${number.format(count)})`)}`,
    ...tableLines({ titles: [], widest: [36, 42, 12], rows }, '    ', paint),
  ]
}

function doubtLines({ whole, notRecorded, undecided }: ReplayReport, { paint, width }: Stage): string[] {
  const lines = [
    ...(whole ? [] : ['There are more than could be replayed: the oldest were left out.']),
    ...notRecorded.map(
      ({ fact, notifications }) => `“${fact}” was not recorded for ${many(notifications)}, and reads as unknown.`,
    ),
    ...(undecided.before === undecided.after
      ? []
      : [
          `Some rule cannot tell, and a person is asked, in ${many(undecided.after)}; as recorded, in ${number.format(undecided.before)}.`,
        ]),
  ]
  if (lines.length === 0) return []
  return ['', `  ${paint('cyan', 'What cannot be said')}`, ...lines.flatMap((line) => hang(line, { mark: '  ? ', width }))]
}

const many = (count: number) => (count === 1 ? 'one notification' : `${number.format(count)} notifications`)
const spaced = (word: string) => word.replaceAll('_', ' ')
