/** What the text says beside ids, times, digests, signatures and the tenant's name. */
export function likeness(text: string, tenant: string): string {
  return text
    .replaceAll(tenant, 'TENANT')
    .replaceAll('%23', '#')
    .replaceAll(/\b([a-z]{2,4})_[0-9A-HJKMNP-TV-Z]{26}\b/g, '$1_ID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?\b/g, 'DAY')
    .replaceAll(/"ttl":\d+/g, '"ttl":0')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'SIGNED');
}
