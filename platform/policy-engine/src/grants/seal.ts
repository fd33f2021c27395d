import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '@steward/contracts';
import type { Grant, GrantLink } from '@steward/contracts';
import { isRecord } from '../bundle-shape.ts';
import { digestOf } from '../digest.ts';
import { maxGrantLinks, narrowGrant, type GrantRequest } from './narrow.ts';

/**
 * A grant on its way to somebody else. Each link's code is keyed by the code before it and the first one by the
 * signature of the policy bundle, as in a macaroon: whoever holds a sealed grant can add a link, and cannot take one
 * away or change one, since only the last code travels.
 */
export type SealedGrant = string;

const maxLength = 200_000;

/** The grant of a whole session: no links yet. */
export function grantOfSession(bundleJws: string, sessionId: string): Grant {
  return { bundleDigest: digestOf(bundleJws), sessionId, links: [] };
}

/** Seals a grant; only a holder of the signed bundle can. */
export function sealGrant(grant: Grant, bundleJws: string): SealedGrant {
  const key = grant.links.reduce(nextKey, rootKey(grant, bundleJws));
  return `${Buffer.from(canonicalJson(grant)).toString('base64url')}.${key.toString('base64url')}`;
}

/** Adds a link to a sealed grant without the bundle; undefined when the text is no sealed grant or its chain is full. */
export function narrowSealedGrant(sealed: SealedGrant, request: GrantRequest): SealedGrant | undefined {
  const parts = takeApart(sealed);
  if (parts === undefined || parts.grant.links.length >= maxGrantLinks) return undefined;
  const grant = narrowGrant(parts.grant, request);
  const link = grant.links.at(-1);
  if (link === undefined) return undefined;
  const key = nextKey(parts.code, link);
  return `${Buffer.from(canonicalJson(grant)).toString('base64url')}.${key.toString('base64url')}`;
}

/** The grant inside, when its chain begins at this very bundle and no link was changed or taken away. */
export function openGrant(sealed: SealedGrant, bundleJws: string): Grant | undefined {
  const parts = takeApart(sealed);
  if (parts === undefined || parts.grant.bundleDigest !== digestOf(bundleJws)) return undefined;
  const expected = parts.grant.links.reduce(nextKey, rootKey(parts.grant, bundleJws));
  if (parts.code.length !== expected.length || !timingSafeEqual(parts.code, expected)) return undefined;
  return parts.grant;
}

function rootKey({ bundleDigest, sessionId }: Grant, bundleJws: string): Buffer {
  const signature = bundleJws.slice(bundleJws.lastIndexOf('.') + 1);
  const key = createHash('sha256').update(`steward-grant/1\n${signature}`).digest();
  return createHmac('sha256', key).update(canonicalJson({ bundleDigest, sessionId })).digest();
}

function nextKey(key: Buffer, link: GrantLink): Buffer {
  return createHmac('sha256', key).update(canonicalJson(link)).digest();
}

function takeApart(sealed: SealedGrant): { readonly grant: Grant; readonly code: Buffer } | undefined {
  if (typeof sealed !== 'string' || sealed.length > maxLength) return undefined;
  const dot = sealed.indexOf('.');
  if (dot < 1) return undefined;
  try {
    const grant = JSON.parse(Buffer.from(sealed.slice(0, dot), 'base64url').toString('utf8')) as Grant;
    const isGrant = hasShapeOfGrant(grant);
    return isGrant ? { grant, code: Buffer.from(sealed.slice(dot + 1), 'base64url') } : undefined;
  } catch {
    return undefined;
  }
}

const lists = ['capabilities', 'paths', 'commands', 'domains', 'toolNames'];

/** A sealed grant comes from anybody, so nothing of it is relied on before every member has its type. */
function hasShapeOfGrant(grant: unknown): boolean {
  if (!isRecord(grant) || typeof grant['bundleDigest'] !== 'string' || typeof grant['sessionId'] !== 'string')
    return false;
  const { links } = grant;
  return Array.isArray(links) && links.length <= maxGrantLinks && links.every(hasShapeOfLink);
}

function hasShapeOfLink(link: unknown): boolean {
  if (!isRecord(link) || typeof link['by'] !== 'string' || typeof link['at'] !== 'string') return false;
  const { narrowing } = link;
  if (!isRecord(narrowing)) return false;
  return Object.entries(narrowing).every(([name, value]) => {
    if (lists.includes(name))
      return Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === 'string');
    if (name === 'allowNetwork') return typeof value === 'boolean';
    if (name === 'expiresAt') return typeof value === 'string';
    return name === 'approvalMode' && ['always', 'on_risky_actions', 'never'].includes(String(value));
  });
}
