import { describe, expect, it } from 'vitest'
import { encodeJson, Logger, Output, type OutputOptions } from '../../src/lib/cli/index.ts'
import { ManualClock } from '../../src/lib/core/index.ts'

/** 2026-11-25 in RFC 3339, from the seconds of the epoch. */
const WALL_MS = 1_795_564_800_000
const WALL_TEXT = '2026-11-25T00:00:00.000Z'

function capture(options: Pick<OutputOptions, 'json' | 'dataOnStdout'>) {
  const printed = { stdout: '', stderr: '' }
  const sink = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      printed[name] += text
      return true
    },
  })
  const output = new Output({
    ...options,
    stdout: sink('stdout') as OutputOptions['stdout'] & object,
    stderr: sink('stderr') as OutputOptions['stderr'] & object,
    clock: new ManualClock(WALL_MS),
  })
  return { output, printed }
}

describe('with --json', () => {
  it('an answer is one document on one line of stdout, with its version', () => {
    const { output, printed } = capture({ json: true, dataOnStdout: false })
    output.answer({ peer: 'abc', bytes: Uint8Array.of(0, 0xab) }, 'for people')
    expect(printed).toEqual({ stdout: '{"v":1,"peer":"abc","bytes":"00ab"}\n', stderr: '' })
  })

  it('an event is a line with its name and the time in RFC 3339', () => {
    const { output, printed } = capture({ json: true, dataOnStdout: false })
    output.event('ready', { address: 'htx+tcp://x' })
    expect(JSON.parse(printed.stdout)).toEqual({
      v: 1,
      event: 'ready',
      time: WALL_TEXT,
      address: 'htx+tcp://x',
    })
  })

  it('notes for people are not printed', () => {
    const { output, printed } = capture({ json: true, dataOnStdout: false })
    output.text('text')
    output.note('note')
    expect(printed).toEqual({ stdout: '', stderr: '' })
  })

  it('nothing but the data goes to stdout where stdout carries data', () => {
    const { output, printed } = capture({ json: true, dataOnStdout: true })
    output.event('ready')
    output.answer({ a: 1 }, '')
    output.jsonArray([{ b: 2 }])
    expect(printed.stdout).toBe('')
    expect(printed.stderr.split('\n')).toHaveLength(4)
  })
})

describe('without --json', () => {
  it('an answer is its text on stdout', () => {
    const { output, printed } = capture({ json: false, dataOnStdout: false })
    output.answer({ a: 1 }, () => 'the answer')
    expect(printed).toEqual({ stdout: 'the answer\n', stderr: '' })
  })

  it('an event is text on stderr, so that a pipe gets only data', () => {
    const { output, printed } = capture({ json: false, dataOnStdout: false })
    output.event('ready', { address: 'htx+tcp://x', port: 7, gone: undefined })
    output.event('closed', {}, 'the session is closed')
    expect(printed).toEqual({
      stdout: '',
      stderr: 'ready address=htx+tcp://x port=7\nthe session is closed\n',
    })
  })
})

describe('JSON values', () => {
  it('are hex for bytes of any kind, also of Node buffers and inside arrays', () => {
    const bytes = Uint8Array.of(1, 0xff)
    expect(encodeJson({ a: bytes, b: Buffer.from(bytes), c: [bytes] })).toBe(
      '{"a":"01ff","b":"01ff","c":["01ff"]}',
    )
  })

  it('are exact for large integers', () => {
    expect(encodeJson([2n ** 53n - 1n, 2n ** 64n - 1n])).toBe('[9007199254740991,"18446744073709551615"]')
  })
})

describe('the logger', () => {
  it('prints what is at least as severe as its level, on stderr', () => {
    const { output, printed } = capture({ json: false, dataOnStdout: false })
    const logger = new Logger(output, 'warn')
    logger.error('broken', { port: 7 })
    logger.warn('odd')
    logger.info('usual')
    logger.debug('detail')
    expect(printed).toEqual({ stdout: '', stderr: 'error: broken port=7\nwarn: odd\n' })
  })

  it('prints JSON lines with --json', () => {
    const { output, printed } = capture({ json: true, dataOnStdout: false })
    new Logger(output, 'debug').debug('detail', { n: 1 })
    expect(JSON.parse(printed.stderr)).toEqual({
      v: 1,
      log: 'debug',
      time: WALL_TEXT,
      message: 'detail',
      n: 1,
    })
  })
})
