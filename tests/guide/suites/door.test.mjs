/**
 * What a frontend meets before it joins: the health of the server, leave to come from elsewhere, and the room's door.
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

test('a passcode is asked for, and a wrong one refused, by the names that frontends know', async () => {
  const anna = await Participant.arrive(server, 'passcode');
  await anna.join();
  await anna.get('set-room-door', { door: 'passcode', passcode: 'open-sesame' });
  const ben = await Participant.arrive(server, 'passcode');
  const join = (more) => ben.ask('join-mediasoup-room', { rtpCapabilities: ben.device.rtpCapabilities, ...more });
  assert.deepEqual(await join(), { error: 'Passcode required' });
  assert.deepEqual(await join({ passcode: 'sesame' }), { error: 'Wrong passcode' });
  const { existingProducers } = await join({ passcode: 'open-sesame' });
  assert.deepEqual(existingProducers, []);
  anna.close();
  ben.close();
});

test('a frontend that only tries again gets in once a host has admitted it, and sends and receives', async () => {
  const anna = await Participant.arrive(server, 'lobby');
  await anna.join();
  await anna.openSendTransport();
  const voice = await anna.send('audio');
  await anna.get('set-room-door', { door: 'waiting-room' });
  const ben = await Participant.arrive(server, 'lobby', { transport: 'polling' });
  const join = () => ben.ask('join-mediasoup-room', { rtpCapabilities: ben.device.rtpCapabilities });
  assert.deepEqual(await join(), { error: 'Waiting for the host' });
  assert.deepEqual(await join(), { error: 'Waiting for the host' });
  assert.deepEqual(await ben.ask('create-webrtc-transport', { direction: 'recv' }), { error: 'Peer not found' });
  const waiting = await anna.client.hear('waiting-people');
  assert.equal(waiting.length, 1);
  await anna.get('admit', { waitingId: waiting[0].id });
  const { existingProducers } = await join();
  assert.deepEqual(existingProducers, [voice.id]);
  await ben.openReceiveTransport();
  const { consumer } = await ben.receive(voice.id);
  assert.equal(consumer.producerId, voice.id);
  anna.close();
  ben.close();
});
