export {
  DEFAULT_EPOCH_LENGTH_S,
  MAX_DESCRIPTOR_BYTES,
  MAX_DIRECTORY_BYTES,
} from './constants.ts'
export {
  byId,
  type DescriptorStatement,
  descriptorFields,
  descriptorJson,
  encodeDescriptor,
  isGenuineDescriptor,
  parseDescriptor,
  signDescriptor,
} from './descriptor-codec.ts'
export {
  type DirectoryStatement,
  directoryDocument,
  directoryHash,
  directoryJson,
  encodeDirectory,
  parseDirectory,
} from './directory-codec.ts'
export * from './document.ts'
export { documentJson } from './document-form.ts'
export { FieldReader } from './field-reader.ts'
export {
  checkedDirectory,
  type DirectoryTrust,
  type DirectoryVerdict,
  signDirectory,
  verifyDirectory,
} from './verify.ts'
