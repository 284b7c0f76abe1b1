import { expect, it } from 'vitest'
import { Output } from '../../src/lib/cli/index.ts'

const HOSTILE = 'bye\nready at htx+tcp://FAKE \u001b]0;owned\u0007\u001b[2J\u009b2J \u202egnp.exe'

function outputOf(print: (out: Output) => void): string {
  let text = ''
  const stream = {
    write(chunk: string): boolean {
      text += chunk
      return true
    },
  }
  print(new Output({ json: false, dataOnStdout: false, stdout: stream, stderr: stream }))
  return text
}

it.each<[string, (out: Output) => void]>([
  ['an event', (out) => out.event('closed', { reason: HOSTILE })],
  ['the text of an event', (out) => out.event('closed', {}, `closed: ${HOSTILE}`)],
  ['a note', (out) => out.note(HOSTILE)],
  ['a log line', (out) => out.log('warn', HOSTILE)],
])("%s keeps a peer's words on one line and out of the terminal's control", (_, print) => {
  const text = outputOf(print)
  expect(text.match(/\n/g)).toHaveLength(1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
})

it('an answer may have several lines, and nothing else that moves the cursor', () => {
  const text = outputOf((out) => out.answer({}, `one\ntwo\u001b[2J`))
  expect(text).toBe('one\ntwo\ufffd[2J\n')
})
