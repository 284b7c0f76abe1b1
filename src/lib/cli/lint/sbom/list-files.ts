/** `aiv lint sbom --list-files`: what can be read. */
import type { Output } from '../../output.ts'

export async function listFiles(out: Output): Promise<void> {
  const { READERS } = await import('../../../lint/readers/index.ts')
  const width = Math.max(...READERS.map(({ id }) => id.length))
  out.answer({ readers: READERS.map(({ id, files }) => ({ id, files })) }, () =>
    READERS.map(({ id, files }) => `${id.padEnd(width)}  ${files}`).join('\n'),
  )
}
