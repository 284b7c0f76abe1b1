/** Reads the Prometheus text format by its grammar, strictly: a line that does not fit is an error. */

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const PAIR = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"'
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`)
const SAMPLE = new RegExp(`^(${NAME}(?:\\{${PAIR}(?:,${PAIR})*\\})?) ([0-9.e+-]+|\\+Inf)$`)

export interface Page {
  /** Type by family. */
  readonly types: ReadonlyMap<string, string>
  /** Value by name and labels, as they stand. */
  readonly samples: ReadonlyMap<string, number>
}

/** @throws Error for what is no page, for a family in pieces or without type, and for a sample that stands twice */
export function readPage(text: string): Page {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const types = new Map<string, string>()
  const samples = new Map<string, number>()
  let family = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const help = HELP.exec(line)?.[1]
    const [, typed, type] = TYPE.exec(line) ?? []
    const [, name, value] = SAMPLE.exec(line) ?? []
    if (help !== undefined) family = help
    else if (typed !== undefined && type !== undefined) {
      if (typed !== family || types.has(typed)) throw new Error(`type out of place: ${line}`)
      types.set(typed, type)
    } else if (name !== undefined && value !== undefined) {
      const bare = name.replace(/\{.*/, '')
      const base = types.get(family) === 'histogram' ? bare.replace(/_(?:bucket|sum|count)$/, '') : bare
      if (base !== family || !types.has(family)) throw new Error(`sample out of place: ${line}`)
      if (samples.has(name)) throw new Error(`sample twice: ${line}`)
      samples.set(name, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value))
    } else throw new Error(`not a line of the format: ${line}`)
  }
  return { types, samples }
}
