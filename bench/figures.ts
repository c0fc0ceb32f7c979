/** One line of the answer, as the contract fixes it. The ratio is the product's figure over the limit's. */
export interface Figure {
  name: string
  product: number
  limit: number
  ratio: number
  target: number
  target_is: 'at least' | 'at most'
  unit: string
}

/** Something beside the figures that has no target: shown in the table, and not part of the contract's lines. */
export interface Remark {
  name: string
  product: number
  limit: number
  unit: string
}

export function figure(
  name: string,
  product: number,
  limit: number,
  target: Pick<Figure, 'target' | 'target_is' | 'unit'>,
): Figure {
  return { name, product: rounded(product), limit: rounded(limit), ratio: rounded(product / limit), ...target }
}

export const isMet = ({ ratio, target, target_is }: Figure) => (target_is === 'at least' ? ratio >= target : ratio <= target)

/** The middle one: a machine that others use is slow by chance, never fast. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

export function table(figures: readonly Figure[], remarks: readonly Remark[]): string {
  const rows = [
    ['figure', 'product', 'limit', 'ratio', 'target', '', 'unit'],
    ...figures.map((one) => [
      one.name,
      String(one.product),
      String(one.limit),
      one.ratio.toFixed(3),
      `${one.target_is} ${one.target}`,
      isMet(one) ? 'met' : 'NOT MET',
      one.unit,
    ]),
    ...remarks.map((one) => [
      one.name,
      String(rounded(one.product)),
      String(rounded(one.limit)),
      (one.product / one.limit).toFixed(3),
      '',
      '',
      one.unit,
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const aligned = (cell: string, column: number) =>
    column >= 1 && column <= 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
  return rows.map((row) => row.map(aligned).join('  ').trimEnd()).join('\n')
}

/** Three figures that mean something, or whole numbers. */
function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
}
