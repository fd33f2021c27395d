/** One licence entry of a CycloneDX component: an SPDX id, a name that is none, or an SPDX expression. */
export interface BomLicence {
  readonly expression?: string;
  readonly license?: { readonly id?: string; readonly name?: string };
}

/** The parts of a CycloneDX component that this package reads. */
export interface BomComponent {
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly author?: string;
  readonly licenses?: readonly BomLicence[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[];
}

/** A CycloneDX bill of materials as parsed JSON; members that are not named here are kept as they are. */
export interface Bom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: string;
  readonly metadata: { readonly tools?: { readonly components?: readonly BomComponent[] } };
  readonly components: readonly BomComponent[];
}

/** The npm name of a component: `@scope/name` or `name`. */
export function npmNameOf(component: BomComponent): string {
  return component.group === undefined ? component.name : `${component.group}/${component.name}`;
}

/** True for a package of this repository. */
export function isOwn(component: BomComponent): boolean {
  return component.group === '@steward';
}
