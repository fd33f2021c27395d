/** A supported range of one component; both ends are inclusive versions, `max` may be open. */
export interface SupportedRange {
  readonly min: string;
  readonly max?: string;
  /** The version to install when the range is missed. */
  readonly install: string;
}

/** Supported ranges by component name; data, so that an operator can change them without code. */
export type SupportedVersions = Readonly<
  Record<'desktopAppVersion' | 'localAgentHostVersion' | 'protocolVersion' | 'bundleSchemaVersion', SupportedRange>
>;

/** What this release of the services works with. */
export const supportedVersions: SupportedVersions = {
  desktopAppVersion: { min: '0.1.0', install: '0.1.0' },
  localAgentHostVersion: { min: '0.1.0', install: '0.1.0' },
  protocolVersion: { min: '1', max: '1', install: '1' },
  bundleSchemaVersion: { min: '1', max: '1', install: '1' },
};
