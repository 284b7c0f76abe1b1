/**
 * The classes of SPDX 3.0.1 and their properties, as the model of the specification names them.
 *
 * A line that is not indented names a class, the class that it extends, and whether there are no objects of it. The
 * indented lines name properties: `!` has to be there, `*` is a list, `+` a list of one or more, `+2` of two or more;
 * then the range: a class, a kind of text or number, or `=` and a list of words.
 */
export const CLASSES = `
Agent < Element
Annotation < Element
  annotationType! =annotationType, contentType media, statement text, subject! Element
Artifact < Element abstract
  builtTime time, originatedBy* Agent, releaseTime time, standardName* text, suppliedBy Agent,
  supportLevel* =supportLevel, validUntilTime time
Bom < Bundle
Bundle < ElementCollection
  context text
CreationInfo
  comment text, created! time, createdBy!+ Agent, createdUsing* Tool, specVersion! semver
DictionaryEntry
  key! text, value text
Element abstract
  comment text, creationInfo! CreationInfo, description text, extension* extension_Extension,
  externalIdentifier* ExternalIdentifier, externalRef* ExternalRef, name text, summary text,
  verifiedUsing* IntegrityMethod
ElementCollection < Element abstract
  element* Element, profileConformance* =profileConformance, rootElement* Element
ExternalIdentifier
  comment text, externalIdentifierType! =externalIdentifierType, identifier! text,
  identifierLocator* uri, issuingAuthority text
ExternalMap
  definingArtifact Artifact, externalSpdxId! uri, locationHint uri, verifiedUsing* IntegrityMethod
ExternalRef
  comment text, contentType media, externalRefType =externalRefType, locator* text
Hash < IntegrityMethod
  algorithm! =algorithm, hashValue! text
IndividualElement < Element
IntegrityMethod abstract
  comment text
LifecycleScopedRelationship < Relationship
  scope =scope
NamespaceMap
  namespace! uri, prefix! text
Organization < Agent
PackageVerificationCode < IntegrityMethod
  algorithm! =algorithm, hashValue! text, packageVerificationCodeExcludedFile* text
Person < Agent
PositiveIntegerRange
  beginIntegerRange! positive, endIntegerRange! positive
Relationship < Element
  completeness =completeness, endTime time, from! Element, relationshipType! =relationshipType,
  startTime time, to!+ Element
SoftwareAgent < Agent
SpdxDocument < ElementCollection
  dataLicense simplelicensing_AnyLicenseInfo, import* ExternalMap, namespaceMap* NamespaceMap
Tool < Element
ai_AIPackage < software_Package
  ai_autonomyType =ai_autonomyType, ai_domain* text, ai_energyConsumption ai_EnergyConsumption,
  ai_hyperparameter* DictionaryEntry, ai_informationAboutApplication text,
  ai_informationAboutTraining text, ai_limitation text, ai_metric* DictionaryEntry,
  ai_metricDecisionThreshold* DictionaryEntry, ai_modelDataPreprocessing* text,
  ai_modelExplainability* text, ai_safetyRiskAssessment =ai_safetyRiskAssessment,
  ai_standardCompliance* text, ai_typeOfModel* text,
  ai_useSensitivePersonalInformation =ai_autonomyType
ai_EnergyConsumption
  ai_finetuningEnergyConsumption* ai_EnergyConsumptionDescription,
  ai_inferenceEnergyConsumption* ai_EnergyConsumptionDescription,
  ai_trainingEnergyConsumption* ai_EnergyConsumptionDescription
ai_EnergyConsumptionDescription
  ai_energyQuantity! decimal, ai_energyUnit! =ai_energyUnit
build_Build < Element
  build_buildEndTime time, build_buildId text, build_buildStartTime time, build_buildType! uri,
  build_configSourceDigest* Hash, build_configSourceEntrypoint* text, build_configSourceUri* uri,
  build_environment* DictionaryEntry, build_parameter* DictionaryEntry
dataset_DatasetPackage < software_Package
  dataset_anonymizationMethodUsed* text, dataset_confidentialityLevel =dataset_confidentialityLevel,
  dataset_dataCollectionProcess text, dataset_dataPreprocessing* text,
  dataset_datasetAvailability =dataset_datasetAvailability, dataset_datasetNoise text,
  dataset_datasetSize whole, dataset_datasetType!+ =dataset_datasetType,
  dataset_datasetUpdateMechanism text, dataset_hasSensitivePersonalInformation =ai_autonomyType,
  dataset_intendedUse text, dataset_knownBias* text, dataset_sensor* DictionaryEntry
expandedlicensing_ConjunctiveLicenseSet < simplelicensing_AnyLicenseInfo
  expandedlicensing_member!+2 simplelicensing_AnyLicenseInfo
expandedlicensing_CustomLicense < expandedlicensing_License
expandedlicensing_CustomLicenseAddition < expandedlicensing_LicenseAddition
expandedlicensing_DisjunctiveLicenseSet < simplelicensing_AnyLicenseInfo
  expandedlicensing_member!+2 simplelicensing_AnyLicenseInfo
expandedlicensing_ExtendableLicense < simplelicensing_AnyLicenseInfo abstract
expandedlicensing_IndividualLicensingInfo < simplelicensing_AnyLicenseInfo
expandedlicensing_License < expandedlicensing_ExtendableLicense abstract
  expandedlicensing_isDeprecatedLicenseId flag, expandedlicensing_isFsfLibre flag,
  expandedlicensing_isOsiApproved flag, expandedlicensing_licenseXml text,
  expandedlicensing_obsoletedBy text, expandedlicensing_seeAlso* uri,
  expandedlicensing_standardLicenseHeader text, expandedlicensing_standardLicenseTemplate text,
  simplelicensing_licenseText! text
expandedlicensing_LicenseAddition < Element abstract
  expandedlicensing_additionText! text, expandedlicensing_isDeprecatedAdditionId flag,
  expandedlicensing_licenseXml text, expandedlicensing_obsoletedBy text,
  expandedlicensing_seeAlso* uri, expandedlicensing_standardAdditionTemplate text
expandedlicensing_ListedLicense < expandedlicensing_License
  expandedlicensing_deprecatedVersion text, expandedlicensing_listVersionAdded text
expandedlicensing_ListedLicenseException < expandedlicensing_LicenseAddition
  expandedlicensing_deprecatedVersion text, expandedlicensing_listVersionAdded text
expandedlicensing_OrLaterOperator < expandedlicensing_ExtendableLicense
  expandedlicensing_subjectLicense! expandedlicensing_License
expandedlicensing_WithAdditionOperator < simplelicensing_AnyLicenseInfo
  expandedlicensing_subjectAddition! expandedlicensing_LicenseAddition,
  expandedlicensing_subjectExtendableLicense! expandedlicensing_ExtendableLicense
extension_CdxPropertiesExtension
  extension_cdxProperty!+ extension_CdxPropertyEntry
extension_CdxPropertyEntry
  extension_cdxPropName! text, extension_cdxPropValue text
security_CvssV2VulnAssessmentRelationship < security_VulnAssessmentRelationship
  security_score! decimal, security_vectorString! text
security_CvssV3VulnAssessmentRelationship < security_VulnAssessmentRelationship
  security_score! decimal, security_severity! =security_severity, security_vectorString! text
security_CvssV4VulnAssessmentRelationship < security_VulnAssessmentRelationship
  security_score! decimal, security_severity! =security_severity, security_vectorString! text
security_EpssVulnAssessmentRelationship < security_VulnAssessmentRelationship
  security_percentile! decimal, security_probability! decimal
security_ExploitCatalogVulnAssessmentRelationship < security_VulnAssessmentRelationship
  security_catalogType! =security_catalogType, security_exploited! flag, security_locator! uri
security_SsvcVulnAssessmentRelationship < security_VulnAssessmentRelationship
  security_decisionType! =security_decisionType
security_VexAffectedVulnAssessmentRelationship < security_VexVulnAssessmentRelationship
  security_actionStatement! text, security_actionStatementTime time
security_VexFixedVulnAssessmentRelationship < security_VexVulnAssessmentRelationship
security_VexNotAffectedVulnAssessmentRelationship < security_VexVulnAssessmentRelationship
  security_impactStatement text, security_impactStatementTime time,
  security_justificationType =security_justificationType
security_VexUnderInvestigationVulnAssessmentRelationship < security_VexVulnAssessmentRelationship
security_VexVulnAssessmentRelationship < security_VulnAssessmentRelationship abstract
  security_statusNotes text, security_vexVersion text
security_VulnAssessmentRelationship < Relationship abstract
  suppliedBy Agent, security_assessedElement software_SoftwareArtifact, security_modifiedTime time,
  security_publishedTime time, security_withdrawnTime time
security_Vulnerability < Artifact
  security_modifiedTime time, security_publishedTime time, security_withdrawnTime time
simplelicensing_AnyLicenseInfo < Element abstract
simplelicensing_LicenseExpression < simplelicensing_AnyLicenseInfo
  simplelicensing_customIdToUri* DictionaryEntry, simplelicensing_licenseExpression! text,
  simplelicensing_licenseListVersion semver
simplelicensing_SimpleLicensingText < Element
  simplelicensing_licenseText! text
software_ContentIdentifier < IntegrityMethod
  software_contentIdentifierType! =software_contentIdentifierType,
  software_contentIdentifierValue! uri
software_File < software_SoftwareArtifact
  contentType media, software_fileKind =software_fileKind
software_Package < software_SoftwareArtifact
  software_downloadLocation uri, software_homePage uri, software_packageUrl uri,
  software_packageVersion text, software_sourceInfo text
software_Sbom < Bom
  software_sbomType* =software_sbomType
software_Snippet < software_SoftwareArtifact
  software_byteRange PositiveIntegerRange, software_lineRange PositiveIntegerRange,
  software_snippetFromFile! software_File
software_SoftwareArtifact < Artifact abstract
  software_additionalPurpose* =software_additionalPurpose, software_attributionText* text,
  software_contentIdentifier* software_ContentIdentifier, software_copyrightText text,
  software_primaryPurpose =software_additionalPurpose
`

/** Classes of the words themselves: objects of them have a type and nothing else. */
export const WORD_CLASSES = `
ai_EnergyUnitType ai_SafetyRiskAssessmentType AnnotationType ExternalIdentifierType ExternalRefType
HashAlgorithm LifecycleScopeType PresenceType ProfileIdentifierType RelationshipCompleteness
RelationshipType SupportType dataset_ConfidentialityLevelType dataset_DatasetAvailabilityType
dataset_DatasetType security_CvssSeverityType security_ExploitCatalogType security_SsvcDecisionType
security_VexJustificationType software_ContentIdentifierType software_FileKindType software_SbomType
software_SoftwarePurpose
`

export const WORDS = `
ai_autonomyType: no noAssertion yes
ai_energyUnit: kilowattHour megajoule other
ai_safetyRiskAssessment: high low medium serious
algorithm: adler32 blake2b256 blake2b384 blake2b512 blake3 crystalsDilithium crystalsKyber falcon
  md2 md4 md5 md6 other sha1 sha224 sha256 sha384 sha3_224 sha3_256 sha3_384 sha3_512 sha512
annotationType: other review
completeness: complete incomplete noAssertion
dataset_confidentialityLevel: amber clear green red
dataset_datasetAvailability: clickthrough directDownload query registration scrapingScript
dataset_datasetType: audio categorical graph image noAssertion numeric other sensor structured
  syntactic text timeseries timestamp video
externalIdentifierType: cpe22 cpe23 cve email gitoid other packageUrl securityOther swhid swid
  urlScheme
externalRefType: altDownloadLocation altWebPage binaryArtifact bower buildMeta buildSystem
  certificationReport chat componentAnalysisReport cwe documentation dynamicAnalysisReport eolNotice
  exportControlAssessment funding issueTracker license mailingList mavenCentral metrics npm nuget
  other privacyAssessment productMetadata purchaseOrder qualityAssessmentReport releaseHistory
  releaseNotes riskAssessment runtimeAnalysisReport secureSoftwareAttestation securityAdversaryModel
  securityAdvisory securityFix securityOther securityPenTestReport securityPolicy securityThreatModel
  socialMedia sourceArtifact staticAnalysisReport support vcs vulnerabilityDisclosureReport
  vulnerabilityExploitabilityAssessment
profileConformance: ai build core dataset expandedLicensing extension lite security simpleLicensing
  software
relationshipType: affects amendedBy ancestorOf availableFrom configures contains coordinatedBy
  copiedTo delegatedTo dependsOn descendantOf describes doesNotAffect expandsTo exploitCreatedBy
  fixedBy fixedIn foundBy generates hasAddedFile hasAssessmentFor hasAssociatedVulnerability
  hasConcludedLicense hasDataFile hasDeclaredLicense hasDeletedFile hasDependencyManifest
  hasDistributionArtifact hasDocumentation hasDynamicLink hasEvidence hasExample hasHost hasInput
  hasMetadata hasOptionalComponent hasOptionalDependency hasOutput hasPrerequisite
  hasProvidedDependency hasRequirement hasSpecification hasStaticLink hasTest hasTestCase hasVariant
  invokedBy modifiedBy other packagedBy patchedBy publishedBy reportedBy republishedBy
  serializedInArtifact testedOn trainedOn underInvestigationFor usesTool
scope: build design development other runtime test
security_catalogType: kev other
security_decisionType: act attend track trackStar
security_justificationType: componentNotPresent inlineMitigationsAlreadyExist
  vulnerableCodeCannotBeControlledByAdversary vulnerableCodeNotInExecutePath vulnerableCodeNotPresent
security_severity: critical high low medium none
software_additionalPurpose: application archive bom configuration container data device deviceDriver
  diskImage documentation evidence executable file filesystemImage firmware framework install library
  manifest model module operatingSystem other patch platform requirement source specification test
software_contentIdentifierType: gitoid swhid
software_fileKind: directory file
software_sbomType: analyzed build deployed design runtime source
supportLevel: deployed development endOfSupport limitedSupport noAssertion noSupport support
`

/** Things that the specification itself has made, by class; they stand for a reference. */
export const INDIVIDUALS: ReadonlyMap<string, string> = new Map([
  ['NoAssertionElement', 'IndividualElement'],
  ['NoneElement', 'IndividualElement'],
  ['SpdxOrganization', 'Organization'],
  ['expandedlicensing_NoAssertionLicense', 'expandedlicensing_IndividualLicensingInfo'],
  ['expandedlicensing_NoneLicense', 'expandedlicensing_IndividualLicensingInfo'],
])
