/**
 * What frontends that grew out of the guide's own expect beyond the guide: shapes without optional fields, pages that join
 * many times over, chats on a socket of their own, hosts who act on everybody, locks, and meetings that are announced.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client } from '../support/client.mjs';
import { Participant } from '../support/participant.mjs';
import { FRONTEND, startServer } from '../support/server.mjs';

let server;
const open = [];
before(async () => {
  server = await startServer();
});
after(async () => {
  open.forEach((one) => one.close());
  await server.stop();
});

async function arrive(roomId, more) {
  const person = await Participant.arrive(server, roomId);
  open.push(person);
  if (more) {
    await person.join(more);
  }
  return person;
}

/** A socket that joins nothing. */
async function connect() {
  const client = await Client.connect(server);
  open.push(client);
  return client;
}

test('what npm mediasoup lets a client leave out may be left out', async () => {
  const anna = await arrive('lenient');
  for (const rtpCapabilities of [{}, { codecs: [] }, { headerExtensions: [] }]) {
    await anna.get('join-mediasoup-room', { rtpCapabilities });
  }
  const { params } = await anna.get('create-webrtc-transport', { direction: 'send' });
  const fingerprints = [{ algorithm: 'sha-256', value: 'AB:'.repeat(31) + 'AB' }];
  await anna.get('connect-transport', { transportId: params.id, dtlsParameters: { fingerprints } });
  const { rtpParameters } = await bareParameters();
  const { id } = await anna.get('produce', { transportId: params.id, kind: 'audio', rtpParameters, appData: null });
  const ben = await arrive('lenient', {});
  await ben.openReceiveTransport();
  const { codecs } = ben.device.rtpCapabilities;
  const bare = codecs.map(({ mimeType, clockRate, channels, preferredPayloadType, parameters }) => ({
    ...{ mimeType, clockRate, channels, preferredPayloadType, parameters },
  }));
  const answer = await ben.get('consume', { producerId: id, rtpCapabilities: { codecs: bare } });
  assert.deepEqual([answer.kind, answer.appData], ['audio', {}]);
  const none = await ben.ask('consume', { producerId: id, rtpCapabilities: {} });
  assert.deepEqual(none, { error: 'Cannot consume' });
});

async function bareParameters() {
  const codecs = [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 }];
  return { rtpParameters: { codecs, encodings: [{ ssrc: 4321 }] } };
}

test('a page that makes forty transports in a row can use the last of them', async () => {
  const anna = await arrive('mounted', {});
  const ben = await arrive('mounted', {});
  await ben.openReceiveTransport();
  for (let number = 0; number < 19; number += 1) {
    await anna.openSendTransport();
    await anna.openReceiveTransport();
  }
  const [early, earlyReceive] = [anna.sendTransport, anna.receiveTransport];
  await anna.openSendTransport();
  await anna.openReceiveTransport();
  const [last, lastReceive] = [anna.sendTransport, anna.receiveTransport];
  // A mount of before is still at work when the last one begins.
  anna.sendTransport = early;
  const first = await anna.send('audio');
  assert.deepEqual((await ben.receive(first.id)).answer.peerId, anna.id);
  anna.sendTransport = last;
  const second = await anna.send('audio');
  await ben.client.hear('producer-closed', ({ producerId }) => producerId === first.id);
  await ben.receive(second.id);
  await ben.openSendTransport();
  const voice = await ben.send('audio');
  anna.receiveTransport = lastReceive;
  await anna.receive(voice.id);
  await anna.get('get-stats', { transportId: last.id });
  const gone = await anna.ask('get-stats', { transportId: earlyReceive.id });
  assert.deepEqual(gone, { error: 'Transport not found' });
});

test('a held microphone and a forbidden screen are refused, and an event says why', async () => {
  const anna = await arrive('locks', { userName: 'Anna' });
  const ben = await arrive('locks', { userName: 'Ben', userId: 'u-ben' });
  const cleo = await arrive('locks', { userName: 'Cleo', understandsPaused: true });
  for (const one of [ben, cleo]) {
    await one.openSendTransport();
  }
  await anna.get('mute-all-participants');
  for (const one of [ben, cleo]) {
    assert.equal((await one.client.hear('force-mute')).locked, true);
  }
  const list = await anna.client.hear('participant-list-update', (people) => people[1]?.audioLocked);
  assert.deepEqual(
    list.map(({ audioLocked }) => audioLocked),
    [false, true, true],
  );
  const refused = 'A host has muted you; ask to be allowed to unmute';
  await assert.rejects(ben.send('audio'), new RegExp(refused));
  assert.match((await ben.client.hear('audio-locked')).reason, /muted you/);
  await cleo.send('audio');
  assert.ok(!cleo.client.heard.some(({ name }) => name === 'audio-locked'), 'it reads `paused`');
  await anna.get('unmute-all-participants');
  await ben.client.hear('force-mute', ({ audio }) => !audio);
  await ben.send('audio');

  await anna.get('host-disable-screenshare');
  assert.deepEqual(await ben.client.hear('screenshare-control'), { enabled: false, by: 'Anna', byId: anna.id });
  await assert.rejects(ben.send('video', { share: true }), /Not allowed/);
  assert.match((await ben.client.hear('screenshare-denied')).reason, /Guests cannot share/);
  await anna.client.hear('participant-list-update', (people) => people[1]?.screenShareLocked === true);
  await anna.get('enable-all-screen-sharing');
  await ben.client.hear('screenshare-control', ({ enabled }) => enabled);
  await ben.send('video', { share: true });
});

test('hosts act on everybody and on one by the words of these frontends, and guests do not', async () => {
  const anna = await arrive('bulk', { userName: 'Anna' });
  const ben = await arrive('bulk', { userName: 'Ben' });
  await ben.openSendTransport();
  await ben.send('video');
  await anna.get('disable-all-cameras');
  assert.equal((await ben.client.hear('force-video-pause')).video, true);
  assert.deepEqual(await ben.ask('enable-all-cameras'), { error: 'Not allowed' });
  await anna.get('host-bulk-action', { type: 'video', grant: true });
  await ben.client.hear('force-video-pause', ({ video }) => !video);
  await anna.get('toggle-remote-video', { targetUserId: ben.id, force: 'disable' });
  await anna.client.hear('participant-list-update', (people) => people[1]?.isVideoHeld);
  ben.client.forget();
  await anna.get('toggle-remote-video', { targetUserId: ben.id, force: 'enable' });
  await ben.client.hear('force-video-pause', ({ video }) => !video);
  await anna.get('host-bulk-action', { type: 'screenshare', grant: false });
  await ben.client.hear('screenshare-control', ({ enabled }) => !enabled);
  const { error } = await anna.ask('host-bulk-action', { type: 'everything', grant: false });
  assert.match(error, /^Invalid request: `type`/);
});

describe('the chat', () => {
  const say = (client, roomId, id, more) =>
    client.get('send-message', { roomId, message: { id, text: `words of ${id}`, ...more } });

  test('takes a bare room id, and answers after the join what came before it', async () => {
    const anna = await arrive('early', { userName: 'Anna' });
    await say(anna.client, 'early', 'm1');
    const ben = await arrive('early');
    assert.deepEqual(await ben.client.ask('join-room', 'early'), {});
    assert.deepEqual(await ben.client.ask('request-chat-history', { roomId: 'early' }), {});
    assert.ok(!ben.client.heard.some(({ name }) => name === 'chat-history'), 'who is not in is told nothing');
    await ben.join({ userName: 'Ben' });
    const [entry] = await ben.client.hear('chat-history');
    assert.equal(entry.message.id, 'm1');
    assert.deepEqual(await ben.client.ask('leave-room', 'early'), {});
    await anna.client.hear('participant-left', ({ peerId }) => peerId === ben.id);
  });

  test('goes over a second socket of the same browser, as its person', async () => {
    const roomId = 'second';
    const anna = await arrive(roomId, { userName: 'Anna', userId: 'u-anna' });
    const chat = await connect();
    await chat.ask('set-user-id', 'u-ben');
    await chat.ask('join-room', roomId);
    await say(anna.client, roomId, 'm1');
    const early = await chat.ask('send-message', { roomId, message: { id: 'm0', text: 'too early' } });
    assert.deepEqual(early, { error: 'Peer not found' });
    assert.equal((await chat.hear('message-error')).messageId, 'm0');

    const ben = await arrive(roomId, { userName: 'Ben', userId: 'u-ben' });
    const [first] = await chat.hear('chat-history');
    assert.equal(first.message.id, 'm1');
    await say(chat, roomId, 'm2', { sender: { id: 'u-anna', name: 'Anna' } });
    for (const client of [anna.client, ben.client, chat]) {
      const { socketId, message } = await client.hear('receive-message', (entry) => entry.message.id === 'm2');
      assert.deepEqual([socketId, message.sender.id, message.sender.name], [ben.id, 'u-ben', 'Ben']);
    }
    assert.deepEqual(await chat.ask('create-webrtc-transport', { roomId, direction: 'recv' }), {
      error: 'Peer not found',
    });
    assert.deepEqual(await chat.ask('leave-room', roomId), {});
    await anna.client.hear('participant-left', ({ peerId }) => peerId === 'u-ben');
    const late = await chat.ask('send-message', { roomId, message: { id: 'm3', text: 'too late' } });
    assert.deepEqual(late, { error: 'Peer not found' });
  });

  test('is nobody’s whose client needs no second socket, or shows its browser', async () => {
    const roomId = 'others';
    const anna = await arrive(roomId, { userName: 'Anna', userId: 'u-anna' });
    await say(anna.client, roomId, 'm1');
    await arrive(roomId, { userName: 'Ben', userId: 'u-ben', deviceToken: 'browser-of-ben' });
    for (const name of ['Twin', 'Twin']) {
      await arrive(roomId, { userName: name });
    }
    for (const claim of [{ userId: 'u-anna' }, { userId: 'u-ben' }, { userName: 'Ben' }, { userName: 'Twin' }, {}]) {
      const mallory = await connect();
      await mallory.ask('join-room', { roomId, ...claim });
      const refused = await mallory.ask('send-message', { roomId, message: { id: 'x', text: 'forged' } });
      assert.deepEqual(refused, { error: 'Peer not found' }, JSON.stringify(claim));
      assert.ok(!mallory.heard.some(({ name }) => name === 'chat-history'));
    }
    await arrive(roomId, { userName: 'Dora', userId: 'u-dora' });
    const message = { id: 'y', text: 'by whom?' };
    const extraHeaders = { 'user-agent': 'another browser' };
    const mallory = await Client.connect(server, { transport: 'websocket', secure: false, extraHeaders });
    open.push(mallory);
    await mallory.ask('join-room', { roomId, userId: 'u-dora' });
    assert.deepEqual(await mallory.ask('send-message', { roomId, message }), { error: 'Peer not found' });
    const dora = await connect();
    await dora.ask('join-room', { roomId, userId: 'u-dora' });
    assert.deepEqual(await dora.ask('send-message', { roomId, message }), {}, 'the same browser may');
  });

  test('has answers, reactions, pins and who is writing', async () => {
    const roomId = 'features';
    const anna = await arrive(roomId, { userName: 'Anna', userId: 'u-anna' });
    const ben = await arrive(roomId, { userName: 'Ben' });
    await anna.get('typing-start', { name: 'Mallory' });
    assert.deepEqual(await ben.client.hear('typing-start'), { socketId: anna.id, name: 'Anna' });
    await say(anna.client, roomId, 'm1');
    await anna.get('typing-stop');
    await ben.client.hear('typing-stop');
    await say(ben.client, roomId, 'm2', { replyTo: { id: 'm1', text: 'forged', senderName: 'Mallory' } });
    const answer = await anna.client.hear('receive-message', ({ message }) => message.id === 'm2');
    assert.deepEqual(answer.message.replyTo, { id: 'm1', text: 'words of m1', senderName: 'Anna' });
    for (const [emoji, action] of [
      ['👍', 'added'],
      ['🎉', 'updated'],
      ['🎉', 'removed'],
      ['👍', 'added'],
    ]) {
      anna.client.forget();
      await ben.get('message-react', { messageId: 'm1', emoji });
      const update = await anna.client.hear('message-react-update');
      assert.deepEqual(update, { messageId: 'm1', userId: ben.id, emoji, action });
    }
    await ben.ask('pin-message', { messageId: 'm1', pinned: true });
    assert.equal((await ben.client.hear('message-error')).error, 'Not allowed');
    await anna.get('pin-message', { messageId: 'm1', pinned: true });
    assert.deepEqual(await ben.client.hear('pin-message-update'), { messageId: 'm1', pinned: true });
    const late = await arrive(roomId, {});
    await late.get('request-chat-history');
    const [first, second] = await late.client.hear('chat-history');
    assert.deepEqual([first.message.reactions, first.message.pinned], [{ '👍': [ben.id] }, true]);
    assert.equal(second.message.replyTo.id, 'm1');
    await ben.get('video-reaction', { emoji: '🎉', sessionId: 's-1', userId: 'u-anna', userName: 'Anna' });
    const told = { emoji: '🎉', sessionId: 's-1', userId: ben.id, userName: 'Ben' };
    assert.deepEqual(await anna.client.hear('receive-video-reaction'), told);
    await anna.client.hear('reaction', ({ peerId, emoji }) => peerId === ben.id && emoji === '🎉');
    await new Promise((turn) => setImmediate(turn));
    assert.ok(!ben.client.heard.some(({ name }) => name === 'receive-video-reaction'), 'the others are told');
  });
});

describe('a meeting that is announced', () => {
  const headers = { 'content-type': 'application/json', origin: FRONTEND, 'user-agent': 'a-browser' };
  const announce = (body, more = {}) =>
    fetch(`${server.http}/api/meetings`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const look = (id, more = {}) => fetch(`${server.http}/api/meetings/${id}`, { headers: { ...headers, ...more } });

  test('is made once, found by its id, and its maker known to their own browser alone', async () => {
    const made = await announce({
      id: 'plan',
      userId: 'u-anna',
      description: 'Plans',
      startsAt: '2030-01-01T10:00:00Z',
    });
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('access-control-allow-origin'), FRONTEND);
    const { success, meeting } = await made.json();
    assert.deepEqual(
      [success, meeting.id, meeting.creatorId, typeof meeting.createdAt],
      [true, 'plan', 'u-anna', 'number'],
    );
    assert.equal((await announce({ id: 'plan', userId: 'u-ben' })).status, 409);
    const own = await (await look('plan')).json();
    assert.deepEqual(own, { success: true, meeting });
    const foreign = await (await look('plan', { 'user-agent': 'another' })).json();
    assert.deepEqual(foreign, { success: true, meeting: { ...meeting, creatorId: null } });
    assert.equal((await look('nothing')).status, 404);
    assert.equal((await look('meeting')).status, 200, 'the room that is always there');
  });

  test('is refused where something is wrong with it, and to the pages of strangers', async () => {
    for (const body of ['{', {}, { id: 'no room!', userId: 'u' }, { id: 'x', userId: ' ' }, { id: 'x', userId: 7 }]) {
      const answer = await announce(body);
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.equal(typeof (await answer.json()).error, 'string');
    }
    assert.equal((await announce({ id: 'x', userId: 'u' }, { 'content-type': 'text/plain' })).status, 400);
    assert.equal((await announce({ id: 'x', userId: 'u' }, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await look('x')).status, 404);
  });

  test('is hosted by who made it, and not by the first who comes', async () => {
    const made = await announce({ id: 'hosted', userId: 'u-anna' });
    const [cookie] = made.headers.getSetCookie();
    assert.match(cookie, /^confab-browser=.{32}; .*HttpOnly/);
    const roomId = 'hosted';
    const ben = await arrive(roomId);
    assert.equal((await ben.join({ userName: 'Ben' })).isHost, false);
    const mallory = await arrive(roomId);
    assert.equal((await mallory.join({ userId: 'u-anna', isCreator: true })).isHost, false);
    const extraHeaders = { cookie: cookie.split(';')[0] };
    const client = await Client.connect(server, { transport: 'websocket', secure: false, extraHeaders });
    open.push(client);
    await client.get('get-rtp-capabilities', { roomId });
    const answer = await client.get('join-mediasoup-room', { roomId, rtpCapabilities: {}, userId: 'u-anna' });
    assert.equal(answer.isHost, true);
  });
});
