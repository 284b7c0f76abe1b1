import { expect, it } from 'vitest'
import { failureJson, failureOf, failureText, stackText } from '../../src/lib/cli/failure/failure.ts'
import { encodeJson, Output } from '../../src/lib/cli/index.ts'
import { AivError } from '../../src/lib/core/index.ts'

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

it('nothing in it turns the direction of the text, marks of Arabic letters included', () => {
  const marks = '\u061c\u200e\u200f\u202a\u202e\u2066\u2069'
  expect(outputOf((out) => out.note(marks))).toBe(`${'\ufffd'.repeat(7)}\n`)
  expect(encodeJson(marks)).toBe('"\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069"')
})

// Among others: the start of a string that swallows what follows, and what overwrites the line.
const SWALLOWING = 'no: \u001bXgone \u001b_gone \u009bA \u009c \b\b \rerror: none \u202e \u2066'

it("a failure keeps a peer's words out of the terminal's control, in text, in JSON and in its stack", () => {
  const error = new AivError('E_SERVICE_REFUSED', SWALLOWING, {
    hint: SWALLOWING,
    cause: new Error(SWALLOWING),
  })
  const failure = failureOf(error)
  if (failure === undefined) throw new Error('no failure')
  const json = failureJson(failure)
  for (const text of [failureText(failure), json, stackText(error).replaceAll('\n', '')]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  }
  expect(JSON.parse(json)).toMatchObject({ error: { hint: SWALLOWING } })
})
