/** Time that this process worked, which other work on the machine does not lengthen. */

/** @returns milliseconds that the work took of the processor */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
