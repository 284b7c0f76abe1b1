/** Line charts as SVG 1.1, without a library: some text and some paths. */

export interface Series {
  readonly name: string
  /** x ascending. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Chart {
  readonly title: string
  readonly x: string
  readonly y: string
  /** Logarithmic y; what is not above 0 is left out. */
  readonly isLogarithmic?: boolean
  readonly series: readonly Series[]
}

const WIDTH = 640
const HEIGHT = 400
const MARGIN = { left: 72, right: 24, top: 48, bottom: 56 }
/** Distinguishable for colour-blind readers (Okabe and Ito, 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'] as const
const TICKS = 5

/** One document with the charts one below the other. */
export function svgCharts(charts: readonly Chart[]): string {
  const height = HEIGHT * charts.length
  const body = charts.map((chart, i) => `<g transform="translate(0 ${i * HEIGHT})">${drawn(chart)}</g>`)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...body,
    '</svg>\n',
  ].join('\n')
}

interface Scale {
  readonly place: (value: number) => number
  readonly ticks: readonly number[]
}

function drawn({ title, x, y, isLogarithmic = false, series }: Chart): string {
  const shown = series.map(({ name, points }) => ({
    name,
    points: points.filter(
      ([px, py]) => Number.isFinite(px) && Number.isFinite(py) && (!isLogarithmic || py > 0),
    ),
  }))
  const all = shown.flatMap(({ points }) => points)
  const across = linear(
    all.map(([px]) => px),
    MARGIN.left,
    WIDTH - MARGIN.right,
  )
  const values = all.map(([, py]) => py)
  const [low, high] = [HEIGHT - MARGIN.bottom, MARGIN.top]
  const up = isLogarithmic ? logarithmic(values, low, high) : linear([0, ...values], low, high)
  return [
    text(WIDTH / 2, 24, title, 'middle', 'font-size="15"'),
    text(WIDTH / 2, HEIGHT - 16, x, 'middle'),
    text(18, HEIGHT / 2, y, 'middle', `transform="rotate(-90 18 ${HEIGHT / 2})"`),
    ...across.ticks.map((tick) => text(across.place(tick), low + 18, label(tick), 'middle')),
    ...up.ticks.map((tick) => text(MARGIN.left - 6, up.place(tick) + 4, label(tick), 'end')),
    ...up.ticks.map((tick) => rule(up.place(tick))),
    ...shown.map(({ points }, i) => path(points, across, up, COLOURS[i % COLOURS.length] as string)),
    ...shown.map(({ name }, i) => legend(name, i)),
  ].join('\n')
}

function linear(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = extent(values)
  const step = niceStep((most - least) / TICKS)
  const ticks: number[] = []
  for (let i = Math.ceil(least / step); i * step <= most; i++) ticks.push(i * step)
  return { place: (value) => from + ((value - least) / (most - least)) * (to - from), ticks }
}

function logarithmic(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = extent(values.map((value) => Math.log10(value)))
  const ticks: number[] = []
  for (let power = Math.ceil(least); power <= most; power++) ticks.push(10 ** power)
  return {
    place: (value) => from + ((Math.log10(value) - least) / (most - least)) * (to - from),
    ticks,
  }
}

/** A range that is never empty. */
function extent(values: readonly number[]): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (!(least <= most)) return [0, 1]
  return least === most ? [least, least + 1] : [least, most]
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power
}

function path(points: Series['points'], across: Scale, up: Scale, colour: string): string {
  const steps = points.map(
    ([x, y], i) => `${i === 0 ? 'M' : 'L'}${fixed(across.place(x))} ${fixed(up.place(y))}`,
  )
  return `<path d="${steps.join('')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`
}

function rule(y: number): string {
  return `<path d="M${MARGIN.left} ${fixed(y)}H${WIDTH - MARGIN.right}" stroke="#dddddd"/>`
}

function legend(name: string, i: number): string {
  const y = MARGIN.top + 12 + 16 * i
  const colour = COLOURS[i % COLOURS.length] as string
  const x = WIDTH - MARGIN.right - 8
  return `${text(x - 28, y, name, 'end')}<path d="M${x - 22} ${y - 4}H${x}" stroke="${colour}" stroke-width="3"/>`
}

function text(x: number, y: number, content: string, anchor: 'middle' | 'end', more = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" ${more}>${escaped(content)}</text>`
}

function label(value: number): string {
  return Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(0) : `${Number(value.toPrecision(3))}`
}

function fixed(value: number): string {
  return value.toFixed(1)
}

/** What is shown as text must not be able to end it. Characters that XML does not know are left out. */
function escaped(content: string): string {
  return content
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
