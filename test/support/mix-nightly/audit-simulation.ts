/** Audits of nine mixes of which one is dishonest, from one seed: it is found, and others are hardly ever blamed. */
import { strictEqual } from 'node:assert'
import { auditDelays, type DelayAudit } from '../../../src/lib/mix/delay/index.ts'
import { type AuditedRun, DISHONEST_MIXES, piecesOf, runDelayingMixes } from '../delaying-mix.ts'

/** Loops in one simulation. */
export const AUDIT_LOOPS = 480

const SLACK_US = 10_000

/** One in a hundred honest mixes may be blamed: so many of eight never are. */
const BLAMED_NEVER = 4

/** Audits every mix of the run that reveals anything. */
export async function auditRun(
  { vrf, mixes, reveals, loops }: AuditedRun,
  pieceBytes?: number,
): Promise<DelayAudit> {
  const documents = reveals.filter((reveal) => reveal !== undefined)
  return await auditDelays({
    vrf,
    mixes,
    loops,
    reveals: documents.map((reveal) => piecesOf(reveal, pieceBytes)),
    slackUs: SLACK_US,
  })
}

/** @throws AssertionError when the dishonest mix goes free, or too many others do not */
export async function simulateAudit(seed: number): Promise<void> {
  const conducts = Object.values(DISHONEST_MIXES).filter(({ isCertain }) => isCertain)
  const { conduct } = conducts[seed % conducts.length] as (typeof conducts)[0]
  const { mixes } = await auditRun(await runDelayingMixes({ conduct, seed, loops: AUDIT_LOOPS }))
  const dishonest = mixes.map(({ verdict }) => verdict === 'dishonest')
  strictEqual(dishonest[0], true)
  strictEqual(dishonest.slice(1).filter(Boolean).length < BLAMED_NEVER, true)
}
