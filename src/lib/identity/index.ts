export {
  type Certificate,
  CertificateCache,
  CertificateError,
  type CertificateReason,
  issueCertificate,
  parseCertificate,
  type VerifiedCertificate,
  type VerifyCertificateOptions,
  verifyCertificate,
} from './certificate.ts'
export { CERTIFICATE_BYTES } from './constants.ts'
export { createFileAtomically, readBounded, replaceFileAtomically } from './files/atomic-file.ts'
export { withFileLock } from './files/file-lock.ts'
export { Fields as JsonFields } from './files/json-fields.ts'
export {
  anonymousIdentity,
  createIdentity,
  eraseIdentity,
  exportPublic,
  type Identity,
  identityFromSeed,
  type PublicIdentity,
  renewCertificate,
  rotateIdentity,
  type VrfKeyPair,
} from './identity.ts'
export { encryptionJson, parseEncryption } from './keyfile/encryption-json.ts'
export * from './keyfile/identity-file.ts'
export {
  type Encryption,
  KDF_DEFAULTS,
  type KdfName,
  type KdfParameters,
  newEncryption,
  openSecrets,
  sealSecrets,
} from './keyfile/key-protection.ts'
export { importIdentity, type PortableIdentity, portablePublic, portableSecret } from './keyfile/portable.ts'
export { refuseOpenFile } from './keyfile/refuse-open-file.ts'
export * from './paths.ts'
export { isPeerId, parsePeerId, peerIdOf } from './peer-id.ts'
export { KnownPeers, type KnownPeersOptions, type RecordOptions } from './peers/known-peers.ts'
export type { KnownPeer } from './peers/peer-line.ts'
export type { RecordOutcome } from './peers/roll-back.ts'
