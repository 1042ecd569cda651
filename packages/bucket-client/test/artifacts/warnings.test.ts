import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from '@jest/globals';
import { checkUpload } from '../../src/artifacts/check-upload.ts';
import { warningsOf } from '../../src/artifacts/warnings.ts';
import { bucket, client } from '../support.ts';
import { failureOf, UPLOAD } from './support.ts';

const codesOf = (fields: object) =>
  warningsOf(checkUpload({ ...UPLOAD, ...fields })).map(({ code, field }) => `${code} ${field}`);

test.each([
  '2026-01-29',
  '20260129',
  'v2026.01.29',
  '2026-01-29T10-30-00Z',
  '20260129103000',
  '2026-01-29 10h30',
  '1769682600',
  '1769682600123',
])('version %s is a time', (version) => {
  expect(codesOf({ version })).toEqual(['timestamp_version version']);
});

test.each([
  'v1',
  'v3.1.0',
  '2026',
  '2026.1',
  '20261329',
  'run-47',
  '12345',
  'sha256-0123456789ab',
  '99991231',
])('version %s is none', (version) => {
  expect(codesOf({ version })).toEqual([]);
});

test('names that promise change', () => {
  expect(codesOf({ version: 'latest' })).toEqual(['changing_name version']);
  expect(codesOf({ version: 'model-Current_2' })).toEqual(['changing_name version']);
  expect(codesOf({ artifactId: 'llama-latest' })).toEqual(['changing_name artifactId']);
  expect(codesOf({ artifactId: 'current-sensor', version: 'latestish' })).toEqual([]);
});

test('an e-mail address', () => {
  expect(codesOf({ uploadedBy: 'someone@example.com' })).toEqual(['email_uploaded_by uploadedBy']);
  expect(codesOf({ uploadedBy: 'Some One <someone@example.com>' })).toEqual(['email_uploaded_by uploadedBy']);
  expect(codesOf({ uploadedBy: 'cluster@5' })).toEqual([]);
});

test('they come in the result, to onWarning and on the channel, and stop nothing', async () => {
  const { url, artifacts } = await bucket();
  const it = client({ url });
  const published: unknown[] = [];
  const listener = (warning: unknown) => published.push(warning);
  subscribe('bhiv:bucket-client:artifact-warning', listener);
  const told: unknown[] = [];
  const upload = { ...UPLOAD, version: 'latest' };
  const { warnings } = await it.uploadArtifact(upload, Buffer.from('x'), {
    onWarning: (warning) => {
      told.push(warning);
      throw new Error('of the listener’s own');
    },
  });
  unsubscribe('bhiv:bucket-client:artifact-warning', listener);
  expect(warnings).toEqual([
    expect.objectContaining({
      code: 'changing_name',
      value: 'latest',
      message: expect.stringContaining('registry'),
    }),
  ]);
  expect(told).toEqual(warnings);
  const { bucketId, artifactId, version } = upload;
  expect(published).toEqual([{ ...warnings[0], upload: { bucketId, artifactId, version } }]);
  expect(artifacts).toHaveLength(1);
  expect(it.stats().callbackErrors).toBe(1);
});

test('they are told before an upload that fails', async () => {
  const told: unknown[] = [];
  const onWarning = (warning: unknown) => told.push(warning);
  const upload = { ...UPLOAD, version: 'latest' };
  await failureOf(
    client({ url: 'http://127.0.0.1:1' }).uploadArtifact(upload, Buffer.from('x'), { onWarning }),
  );
  expect(told).toHaveLength(1);
});
