/**
 * The shapes of all acknowledgements and events, kept in `shapes.json`: a change of the wire shows there.
 * `npm run shapes` writes them anew.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Participant } from '../support/participant.mjs';
import { startServer } from '../support/server.mjs';
import { shapeOf } from '../support/shape.mjs';

const KEPT = new URL('../shapes.json', import.meta.url);

let server;
before(async () => {
  server = await startServer(finishedRecording);
});
after(async () => server.stop());

test('acknowledgements and events have the shapes that are kept', async () => {
  const found = await record();
  const text = `${JSON.stringify(found, null, 2)}\n`;
  if (process.env.CONFAB_WRITE_SHAPES) {
    await writeFile(KEPT, text);
  }
  assert.deepEqual(found, JSON.parse(await readFile(KEPT, 'utf8')));
});

/** Has a meeting of two with everything in it and notes what the server answers and says. */
async function record() {
  const acknowledgements = {};
  const anna = await Participant.arrive(server, 'shapes');
  const ben = await Participant.arrive(server, 'shapes');
  const note = async (one, event, payload) => {
    const answer = await one.ask(event, payload);
    acknowledgements[event] = shapeOf(answer);
    return answer;
  };

  await note(anna, 'get-rtp-capabilities');
  await anna.join({ userName: 'Anna', userId: 'u-anna', userImageUrl: 'https://frontend.example/anna.png' });
  const { params } = await note(anna, 'create-webrtc-transport', { direction: 'send' });
  const { id: first } = await note(anna, 'produce', { transportId: params.id, ...voice() });
  const { rtpCapabilities } = ben.device;
  const hello = { resumable: true, understandsPaused: true, userName: 'Ben', userId: 'u-ben' };
  await note(ben, 'join-mediasoup-room', { rtpCapabilities, ...hello });
  const { params: receiving } = await ben.get('create-webrtc-transport', { direction: 'recv' });
  const { id: consumerId } = await note(ben, 'consume', { producerId: first, rtpCapabilities });
  await note(anna, 'connect-transport', { transportId: params.id, dtlsParameters: dtls() });
  await note(anna, 'restart-ice', { transportId: params.id });
  for (const event of ['resume-consumer', 'pause-consumer', 'request-key-frame']) {
    await note(ben, event, { consumerId });
  }
  const { id: second } = await anna.get('produce', { transportId: params.id, ...camera() });
  const { id: seen } = await ben.get('consume', { producerId: second, rtpCapabilities });
  await note(ben, 'set-consumer-layers', { consumerId: seen, spatialLayer: 0 });
  await note(ben, 'set-consumer-priority', { consumerId: seen, priority: 2 });
  await note(ben, 'get-stats', { transportId: receiving.id });
  for (const event of ['pause-producer', 'resume-producer', 'screen-share-started', 'screen-share-stopped']) {
    await note(anna, event, { producerId: second });
  }
  await note(anna, 'close-producer', { producerId: first });
  await note(anna, 'update-my-state', { isAudioMuted: true, isVideoPaused: true });
  acknowledgements['set-user-id'] = shapeOf(await anna.client.ask('set-user-id', 'u-anna'));
  await note(anna, 'get-socket-id-for-user', { userId: 'u-ben' });
  await note(anna, 'send-message', { message: { id: 'm1', text: 'hello', sender: 'Anna' } });
  const { url } = await note(anna, 'offer-file', { name: 'plan.txt', size: 4, type: 'text/plain' });
  const sent = await fetch(new URL(url, server.http), { method: 'PUT', body: 'plan' });
  assert.deepEqual([sent.status, await sent.json()], [200, {}]);
  await note(anna, 'get-chat-history');
  await useTheChat(anna, ben, note);
  await note(anna, 'join-room', { userName: 'Anna' });
  await note(anna, 'set-left-out', { leftOut: true });
  await note(anna, 'start-recording');
  await note(anna, 'stop-recording');
  await note(anna, 'get-recording-link', { recordingId: FINISHED });
  await note(ben, 'set-hand', { raised: true });
  await note(ben, 'send-reaction', { emoji: '👍' });
  const outside = {};
  await runTheRoom(anna, ben, note, outside);
  await loseAndTakeUpAPlace();
  await anna.client.hear('peer-resumed');
  await note(ben, 'leave-room');
  await anna.client.hear('participant-left', ({ peerId }) => peerId === 'u-ben');
  await Promise.all([anna.client.hear('server-shutting-down'), server.stop()]);

  const heard = Object.fromEntries(Object.entries(outside).map(([name, data]) => [name, [data]]));
  for (const { name, data } of [...ben.client.heard, ...anna.client.heard]) {
    heard[name] = [...(heard[name] ?? []), data];
  }
  const names = Object.keys(heard).filter((name) => !BY_CHANCE.has(name));
  const events = Object.fromEntries(names.sort().map((name) => [name, shapeOf(heard[name])[0]]));
  anna.close();
  ben.close();
  return { acknowledgements, events };
}

/** Has all done that can be done about messages. */
async function useTheChat(host, guest, note) {
  await note(host, 'request-chat-history');
  for (const event of ['typing-start', 'typing-stop']) {
    await note(host, event);
  }
  await host.get('send-message', { message: { id: 'm2', text: 'and', replyTo: { id: 'm1' } } });
  await note(host, 'message-react', { messageId: 'm1', emoji: '👍' });
  await note(host, 'pin-message', { messageId: 'm1', pinned: true });
  await guest.ask('pin-message', { messageId: 'm1', pinned: false });
  await guest.client.hear('message-error');
  await note(host, 'video-reaction', { emoji: '👍', sessionId: 's' });
  await host.get('get-chat-history');
}

/** Has the host act on everybody; somebody who does not know `paused` is told what is locked. */
async function actOnEverybody(host, person, note, outside) {
  const { params } = await person.get('create-webrtc-transport', { direction: 'send' });
  await note(host, 'mute-all-participants');
  await person.ask('produce', { transportId: params.id, ...voice() });
  outside['audio-locked'] = await person.client.hear('audio-locked');
  await note(host, 'unmute-all-participants');
  for (const event of ['disable-all-cameras', 'enable-all-cameras', 'disable-all-screen-sharing']) {
    await note(host, event);
  }
  await person.ask('produce', { transportId: params.id, ...camera(), appData: { share: true } });
  outside['screenshare-denied'] = await person.client.hear('screenshare-denied');
  for (const event of ['enable-all-screen-sharing', 'host-disable-screenshare', 'host-enable-screenshare']) {
    await note(host, event);
  }
  await note(host, 'host-bulk-action', { type: 'video', grant: true });
}

/** Has a third come in, whose place a new connection takes up. */
async function loseAndTakeUpAPlace() {
  const lost = await Participant.arrive(server, 'shapes');
  const { resumeToken } = await lost.join({ resumable: true });
  const back = await Participant.arrive(server, 'shapes');
  await back.join({ resumeToken });
  await back.get('leave-room');
  lost.close();
  back.close();
}

/** Has the host do all that hosts may do: remove a third who is let back in, and answer those who knock. */
async function runTheRoom(host, guest, note, outside) {
  const cleo = await Participant.arrive(server, 'shapes');
  await cleo.join({ deviceToken: 'browser-of-cleo' });
  const target = { targetUserId: guest.id };
  await note(host, 'toggle-remote-audio', { ...target, force: 'mute' });
  await note(host, 'toggle-remote-video', { ...target, force: 'pause' });
  const { params } = await guest.get('create-webrtc-transport', { direction: 'send' });
  const { id: muted } = await guest.get('produce', { transportId: params.id, ...voice() });
  await note(host, 'toggle-remote-audio', { ...target, force: 'unmute' });
  await guest.get('resume-producer', { producerId: muted });
  await guest.get('produce', { transportId: params.id, ...camera(), appData: { share: true } });
  await note(host, 'stop-remote-screenshare', target);
  for (const enabled of [false, true]) {
    const policy = { screenShareEnabled: enabled, camerasEnabled: enabled, chatEnabled: enabled };
    await note(host, 'set-room-policy', { ...policy, guestsMayRecord: enabled, locked: !enabled });
  }
  for (const event of ['make-cohost', 'remove-cohost', 'make-host', 'remove-host']) {
    await note(host, event, { participantId: guest.id });
  }
  await actOnEverybody(host, cleo, note, outside);
  await note(host, 'remove-participant', { targetUserId: cleo.id });
  outside['kicked-from-room'] = await cleo.client.hear('kicked-from-room');
  const [removed] = await host.client.hear('removed-people');
  await note(host, 'let-back-in', { removedId: removed.id });
  cleo.close();
  await note(host, 'set-room-door', { door: 'waiting-room', passcode: 'sesame', maxPeople: 12 });
  for (const event of ['admit', 'turn-away']) {
    const knocking = await Participant.arrive(server, 'shapes');
    await knocking.ask('join-mediasoup-room', { rtpCapabilities: knocking.device.rtpCapabilities });
    const [waiting] = await host.client.hear('waiting-people', ([person]) =>
      person?.name.startsWith(`User ${knocking.id.slice(0, 4)}`),
    );
    await note(host, event, { waitingId: waiting.id });
    const answer = event === 'admit' ? 'admitted' : 'turned-away';
    outside[answer] = await knocking.client.hear(answer);
    knocking.close();
  }
  await note(host, 'set-room-door', { door: 'open' });
}

/** A recording of the room from before, as the library keeps them, and the file that was made of it. */
const FINISHED = 7;

async function finishedRecording(recordings) {
  const name = `room_shapes_${FINISHED}`;
  const described = { version: 1, id: String(FINISHED), roomId: 'shapes', startedAt: FINISHED, durationMs: 1000 };
  const state = { status: 'composed', message: null, failure: null, tracks: [] };
  await mkdir(join(recordings, name));
  await writeFile(join(recordings, name, 'recording.json'), JSON.stringify({ ...described, ...state }));
  await writeFile(join(recordings, `${name}.webm`), 'film');
}

/**
 * Events that come or not, as it happens: they follow the media and the composing of a recording. One is missing
 * altogether: `server-address-changed` takes a change of the network, which the tests in real networks have.
 */
const BY_CHANCE = new Set(['active-speaker', 'recording-ready', 'consumer-layers-changed', 'consumer-score']);

function voice() {
  return { kind: 'audio', rtpParameters: stream({ mimeType: 'audio/opus', clockRate: 48000, channels: 2 }, 1111) };
}

function camera() {
  return { kind: 'video', rtpParameters: stream({ mimeType: 'video/VP8', clockRate: 90000 }, 2222) };
}

function stream(codec, ssrc) {
  return {
    codecs: [{ ...codec, payloadType: 111, parameters: {}, rtcpFeedback: [] }],
    headerExtensions: [],
    encodings: [{ ssrc }],
    rtcp: { cname: 'shapes', reducedSize: true },
  };
}

function dtls() {
  return { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AB:'.repeat(31) + 'AB' }] };
}
