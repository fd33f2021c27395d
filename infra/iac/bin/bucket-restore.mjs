/**
 * Brings the objects of a versioned bucket back to how they were at a moment.
 *   node infra/iac/bin/bucket-restore.mjs BUCKET ISO_TIME [--prefix PREFIX] [--dry-run]
 * For each key the version that was current then becomes current again, by a copy on top; nothing is removed, so the
 * restore itself can be undone the same way. Keys that did not exist then are left alone and counted. Works as far back
 * as the bucket keeps versions. Region, credentials and endpoint come from the usual AWS_* variables.
 */
import { CopyObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';

const args = process.argv.slice(2);
const flag = (name) => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const dryRun = args.includes('--dry-run');
const prefix = flag('--prefix') ?? '';
const [bucket, time] = args.filter((argument) => !argument.startsWith('--'));
const moment = Date.parse(time ?? '');
if (bucket === undefined || Number.isNaN(moment)) {
  console.error('Usage: bucket-restore.mjs BUCKET ISO_TIME [--prefix PREFIX] [--dry-run]');
  process.exit(2);
}
const client = new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL_S3 !== undefined });
try {
  const counts = { restored: 0, unchanged: 0, younger: 0 };
  for (const versions of (await versionsByKey()).values()) counts[await restore(versions)] += 1;
  const verb = dryRun ? 'would be restored' : 'restored';
  console.log(
    `${bucket}: ${counts.restored} ${verb}, ${counts.unchanged} unchanged, ${counts.younger} younger than ${time}`,
  );
} catch (error) {
  console.error(`${bucket}: ${error.message}`);
  process.exitCode = 1;
} finally {
  client.destroy();
}

async function restore(versions) {
  const then = versions.filter((version) => version.at <= moment).at(-1);
  const now = versions.at(-1);
  if (then === undefined || then.deleted) return then === undefined ? 'younger' : 'unchanged';
  if (then.id === now.id || (!now.deleted && now.etag === then.etag)) return 'unchanged';
  if (!dryRun) {
    const CopySource = `${bucket}/${encodeURIComponent(then.key).replaceAll('%2F', '/')}?versionId=${then.id}`;
    const { ContentType, Metadata } = await client.send(
      new HeadObjectCommand({ Bucket: bucket, Key: then.key, VersionId: then.id }),
    );
    // Named again, because some stores refuse a copy onto the same key that changes nothing.
    const facts = { MetadataDirective: 'REPLACE', ContentType, Metadata };
    await client.send(new CopyObjectCommand({ Bucket: bucket, Key: then.key, CopySource, ...facts }));
  }
  return 'restored';
}

/** Versions and delete markers of each key, oldest first. */
async function versionsByKey() {
  const keys = new Map();
  let next = {};
  do {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...next }));
    const entries = [
      ...(page.Versions ?? []).map((version) => ({ ...version, deleted: false })),
      ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, deleted: true })),
    ];
    for (const { Key, VersionId, LastModified, ETag, IsLatest, deleted } of entries) {
      const version = { key: Key, id: VersionId, at: LastModified.getTime(), etag: ETag, latest: IsLatest, deleted };
      keys.set(Key, [...(keys.get(Key) ?? []), version]);
    }
    next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  } while (next.KeyMarker !== undefined);
  for (const versions of keys.values()) versions.sort((a, b) => Number(a.latest) - Number(b.latest) || a.at - b.at);
  return keys;
}
