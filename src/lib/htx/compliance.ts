/**
 * What HTX has to show for the compliance list of Betanet 1.1 (section 11 there), and the algorithms it uses by object
 * identifier (section 2 there). The rows are the ones this area is subject to; a linter registers them by their id.
 */

export interface ComplianceRow {
  /** As linters call it. */
  readonly id: `BN-11.${number}`
  readonly requirement: string
  readonly state: 'covered' | 'partly' | 'absent'
  /** Published vectors that `aiv lint vectors` replays as evidence, by suite. */
  readonly evidence: readonly { readonly suite: 'htx' | 'noise'; readonly files: readonly string[] }[]
  /** What is missing, or why the evidence is enough. */
  readonly remark: string
}

export const COMPLIANCE: readonly ComplianceRow[] = [
  {
    id: 'BN-11.1',
    requirement: 'HTX over TCP-443 and QUIC-443 with origin-mirrored TLS and ECH, calibrated per connection',
    state: 'partly',
    evidence: [],
    remark:
      'htx+https has the TLS of Chrome, ECH included, and with --origin a calibration before each ticket; nothing camouflaged is on QUIC',
  },
  {
    id: 'BN-11.2',
    requirement: 'negotiated-carrier, replay-bound access tickets with variable lengths and rate limits',
    state: 'covered',
    evidence: [{ suite: 'htx', files: ['tickets.json'] }],
    remark:
      'cookie, query and body on htx+https, by the published probabilities; message 1 on the other links',
  },
  {
    id: 'BN-11.3',
    requirement:
      'inner Noise XK with key separation, nonce lifecycle and rekeying; hybrid key agreement from 2027-01-01',
    state: 'covered',
    evidence: [
      { suite: 'noise', files: ['noise/*.json'] },
      { suite: 'htx', files: ['sessions.json', 'malformed.json'] },
    ],
    remark: 'the hybrid suites are the default now and the only ones answered from that date',
  },
  {
    id: 'BN-11.4',
    requirement: 'emulation of HTTP/2 and HTTP/3 with adaptive cadences and origin-mirrored parameters',
    state: 'partly',
    evidence: [],
    remark:
      'htx+https in mode h2 has the frames and settings of Chrome, padding and irregular PINGs; there is no HTTP/3',
  },
  {
    id: 'BN-11.6',
    requirement: 'the transports /betanet/htx/1.1.0 and /betanet/htxquic/1.1.0 are offered',
    state: 'partly',
    evidence: [{ suite: 'htx', files: ['sessions.json'] }],
    remark:
      'version 1.1 is negotiated on TCP and QUIC; the names belong to a negotiation above that is not here',
  },
  {
    id: 'BN-11.12',
    requirement: 'anti-correlation fallback from UDP to TCP with cover connections',
    state: 'partly',
    evidence: [],
    remark:
      'retries of htx+https come late and beside cover connections; there is no camouflaged attempt over UDP before',
  },
]

export interface AlgorithmEntry {
  readonly name: string
  readonly oid: string
  readonly use: string
}

/** Algorithm registry, by object identifier. */
export const ALGORITHMS: readonly AlgorithmEntry[] = [
  { name: 'X25519', oid: '1.3.101.110', use: 'key agreement (RFC 7748)' },
  { name: 'ML-KEM-768', oid: '2.16.840.1.101.3.4.4.2', use: 'post-quantum key agreement (FIPS 203)' },
  { name: 'Ed25519', oid: '1.3.101.112', use: 'identity and certificates (RFC 8032)' },
  { name: 'ChaCha20-Poly1305', oid: '1.2.840.113549.1.9.16.3.18', use: 'frames and handshake (RFC 8439)' },
  { name: 'HKDF-SHA256', oid: '1.2.840.113549.1.9.16.3.28', use: 'key schedule (RFC 5869)' },
  { name: 'SHA-256', oid: '2.16.840.1.101.3.4.2.1', use: 'transcripts and files (FIPS 180-4)' },
]
