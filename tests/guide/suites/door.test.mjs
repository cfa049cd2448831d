/**
 * What a frontend meets before it joins: the health of the server, and leave to come from elsewhere.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Participant } from '../support/participant.mjs';
import { FRONTEND, startServer } from '../support/server.mjs';

const POLL = '/socket.io/?EIO=4&transport=polling';

let server;
before(async () => {
  server = await startServer();
});
after(async () => server.stop());

test('health tells the rooms and the workers', async () => {
  assert.deepEqual(await server.health(), { status: 'ok', rooms: 0, workers: 2 });
  const anna = await Participant.arrive(server, 'health');
  await anna.join();
  assert.deepEqual(await server.health(), { status: 'ok', rooms: 1, workers: 2 });
  anna.close();
});

test('the frontend named by FRONTEND_URL may poll from its origin', async () => {
  const answer = await fetch(`${server.http}${POLL}`, { headers: { origin: FRONTEND } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('access-control-allow-origin'), FRONTEND);
  const { sid } = JSON.parse((await answer.text()).slice(1));
  const posted = await fetch(`${server.http}${POLL}&sid=${sid}`, {
    method: 'POST',
    headers: { origin: FRONTEND, 'content-type': 'text/plain;charset=UTF-8' },
    body: '40',
  });
  assert.equal(posted.status, 200);
  assert.equal(posted.headers.get('access-control-allow-origin'), FRONTEND);
});

test('its preflight is answered', async () => {
  const answer = await fetch(`${server.http}${POLL}`, {
    method: 'OPTIONS',
    headers: {
      origin: FRONTEND,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  });
  assert.ok(answer.ok);
  assert.equal(answer.headers.get('access-control-allow-origin'), FRONTEND);
  assert.match(answer.headers.get('access-control-allow-methods'), /POST/);
});

test('no other origin is allowed', async () => {
  const answer = await fetch(`${server.http}${POLL}`, { headers: { origin: 'https://elsewhere.example' } });
  const allowed = answer.headers.get('access-control-allow-origin');
  assert.ok(allowed === null || allowed === FRONTEND, `allowed: ${allowed}`);
});
