import { createHash, timingSafeEqual } from 'node:crypto';

/** The roles that services know (claim `roles`). */
type Role = 'user' | 'approver' | 'admin' | 'auditor' | 'operator';

/** A person who can sign in on this machine. */
export interface Person {
  readonly name: string;
  readonly displayName: string;
  readonly tenantId: string;
  readonly roles: readonly Role[];
}

/** The seeded people of the local stack; each password equals the name. */
export const SEEDED_PEOPLE: readonly Person[] = [
  { name: 'alice', displayName: 'Alice', tenantId: 'acme', roles: ['user'] },
  { name: 'bob', displayName: 'Bob', tenantId: 'acme', roles: ['user', 'approver'] },
  { name: 'carol', displayName: 'Carol', tenantId: 'acme', roles: ['admin'] },
  { name: 'dave', displayName: 'Dave', tenantId: 'acme', roles: ['auditor'] },
  { name: 'erin', displayName: 'Erin', tenantId: 'acme', roles: ['operator'] },
  { name: 'mallory', displayName: 'Mallory', tenantId: 'globex', roles: ['user', 'admin'] },
];

/** Finds a person by exact name. */
export function findPerson(people: readonly Person[], name: string): Person | undefined {
  return people.find((person) => person.name === name);
}

/**
 * Returns the person whose name and password match, in time that tells nothing about which of the two was wrong.
 */
export function checkPassword(people: readonly Person[], name: string, password: string): Person | undefined {
  const person = findPerson(people, name);
  // An unknown name is compared with a value that no form can send, so that both paths do the same work.
  const matches = sameText(person?.name ?? '\u0000unknown', password);
  return person !== undefined && matches ? person : undefined;
}

function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
