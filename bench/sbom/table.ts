/** The table that people read, and its place in the README. */
import type { Sample } from './measure.ts'

const START = '<!-- bench/sbom: start -->'
const END = '<!-- bench/sbom: end -->'

export function table(samples: readonly Sample[]): string {
  const rows = samples.map((sample) => {
    if (sample.failed !== undefined) return [sample.project, sample.tool, sample.failed, '', '', '', '', '']
    const ours = samples.find(({ project }) => project === sample.project)
    const times = sample === ours ? '' : `${(sample.ms / (ours?.ms ?? Number.NaN)).toFixed(1)} x`
    return [
      sample.project,
      sample.tool,
      String(sample.components),
      String(sample.withHash),
      String(sample.edges),
      String(sample.withLicense),
      `${sample.ms} ms`,
      times,
    ]
  })
  const lines = [
    ['project', 'tool', 'components', 'with hash', 'edges', 'with license', 'time', 'of ours'],
    ['---', '---', '---', '---', '---', '---', '---', '---'],
    ...rows,
  ].map((cells) => `| ${cells.join(' | ')} |`)
  const lacking = samples
    .filter(({ lacks }) => lacks.length > 0)
    .map(
      ({ project, lacks }) =>
        `- ${project}: others name ${lacks.length} more: ${lacks.slice(0, 20).join(', ')}`,
    )
  return [lines, lacking].flatMap((part) => (part.length === 0 ? [] : [part.join('\n')])).join('\n\n')
}

/** @returns the README with the table between its marks */
export function readmeTable(readme: string, samples: readonly Sample[], machine: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start === -1 || end < start) throw new Error(`the README has no ${START} with ${END} behind it`)
  return `${readme.slice(0, start + START.length)}\n${table(samples)}\n\n${machine}.\n${readme.slice(end)}`
}
