import { describe, expect, it } from 'vitest'
import { Interrupt } from '../../src/lib/cli/interrupt.ts'

function setUp() {
  const exits: number[] = []
  return { exits, interrupt: new Interrupt((code) => exits.push(code)) }
}

describe('an interruption', () => {
  it('asks the command to finish first, and ends the process the second time', () => {
    const { exits, interrupt } = setUp()
    const { signal } = interrupt
    interrupt.onSignal()
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toMatchObject({ code: 'E_ABORTED' })
    expect(exits).toEqual([])
    interrupt.onSignal()
    expect(exits).toEqual([130])
  })

  it('ends a command at once that has nothing to finish', () => {
    const { exits, interrupt } = setUp()
    interrupt.onSignal()
    expect(exits).toEqual([130])
  })

  it('leads to exit code 130 however the command ends', () => {
    const { interrupt } = setUp()
    expect(interrupt.signal.aborted).toBe(false)
    expect(interrupt.exitCode).toBeUndefined()
    interrupt.onSignal()
    expect(interrupt.exitCode).toBe(130)
  })

  it('by a reader that went away stops the command and is no failure', () => {
    const { interrupt } = setUp()
    interrupt.onBrokenPipe()
    expect(interrupt.signal.aborted).toBe(true)
    expect(interrupt.exitCode).toBe(0)
  })
})
