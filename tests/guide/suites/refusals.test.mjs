/**
 * The guide's refusals, word for word, in the order in which the checks come: shape, room, peer, the rest.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client } from '../support/client.mjs';
import { Participant } from '../support/participant.mjs';
import { startServer } from '../support/server.mjs';

const NO_ID = '00000000-0000-4000-8000-000000000000';

/** Requests about a room, complete in their shape, with ids that name nothing. */
const requests = (rtpCapabilities) => ({
  'create-webrtc-transport': { direction: 'send' },
  'connect-transport': {
    transportId: NO_ID,
    dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AB:'.repeat(31) + 'AB' }] },
  },
  produce: { transportId: NO_ID, kind: 'audio', rtpParameters: rtpParameters() },
  consume: { producerId: NO_ID, rtpCapabilities },
  'resume-consumer': { consumerId: NO_ID },
  'pause-consumer': { consumerId: NO_ID },
  'request-key-frame': { consumerId: NO_ID },
  'set-consumer-layers': { consumerId: NO_ID, spatialLayer: 0 },
  'restart-ice': { transportId: NO_ID },
  'pause-producer': { producerId: NO_ID },
  'resume-producer': { producerId: NO_ID },
  'close-producer': { producerId: NO_ID },
  'screen-share-started': { producerId: NO_ID },
  'screen-share-stopped': { producerId: NO_ID },
  'update-my-state': { isAudioMuted: true },
  'leave-room': {},
  'send-message': { message: { id: '1', text: 'hello' } },
  'get-chat-history': {},
  'request-chat-history': {},
  'typing-start': {},
  'typing-stop': {},
  'message-react': { messageId: '1', emoji: '👍' },
  'pin-message': { messageId: '1', pinned: true },
  'video-reaction': { emoji: '👍' },
  'mute-all-participants': {},
  'start-recording': {},
  'stop-recording': {},
});

/** What a participant without any transport or stream is told of them. */
const OF_NOTHING = {
  'connect-transport': 'Transport not found',
  produce: 'Send transport not found',
  consume: 'Receive transport not found',
  'resume-consumer': 'Consumer not found',
  'pause-consumer': 'Consumer not found',
  'request-key-frame': 'Consumer not found',
  'set-consumer-layers': 'Consumer not found',
  'restart-ice': 'Transport not found',
  'pause-producer': 'Producer not found',
  'resume-producer': 'Producer not found',
  'close-producer': 'Producer not found',
  'screen-share-started': 'Producer not found',
  'screen-share-stopped': 'Producer not found',
  'stop-recording': 'No active recording',
};

function rtpParameters() {
  return {
    codecs: [
      { mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2, parameters: {}, rtcpFeedback: [] },
    ],
    headerExtensions: [],
    encodings: [{ ssrc: 1111 }],
    rtcp: { cname: 'refused', reducedSize: true },
  };
}

let server;
let outsider;
let anna;
let ben;
let all;

before(async () => {
  server = await startServer();
  outsider = await Client.connect(server);
  anna = await Participant.arrive(server, 'refusals');
  await anna.join();
  ben = await Participant.arrive(server, 'refusals');
  await ben.join();
  all = requests(anna.device.rtpCapabilities);
});
after(async () => {
  for (const one of [outsider, anna, ben]) {
    one?.close();
  }
  await server.stop();
});

test('a room that nobody asked for is not found', async () => {
  const joining = { rtpCapabilities: anna.device.rtpCapabilities };
  for (const [event, payload] of Object.entries({ ...all, 'join-mediasoup-room': joining })) {
    assert.deepEqual(await outsider.ask(event, { roomId: 'nowhere', ...payload }), { error: 'Room not found' }, event);
  }
});

test('who has not joined is no peer, whatever else is wrong', async () => {
  for (const [event, payload] of Object.entries(all)) {
    assert.deepEqual(await outsider.ask(event, { roomId: 'refusals', ...payload }), { error: 'Peer not found' }, event);
  }
});

test('the shape is looked at before the room', async () => {
  for (const event of Object.keys(all)) {
    const { error } = await outsider.ask(event, { roomId: 'no/room' });
    assert.match(error, /^Invalid request: `roomId`/, event);
  }
});

test('what is not there is named', async () => {
  for (const [event, error] of Object.entries(OF_NOTHING)) {
    assert.deepEqual(await ben.ask(event, all[event]), { error }, event);
  }
});

test('text that is no id is something that is not there', async () => {
  for (const [event, error] of Object.entries(OF_NOTHING)) {
    const garbled = Object.fromEntries(
      Object.entries(all[event]).map(([field, value]) => [field, value === NO_ID ? '../../etc' : value]),
    );
    assert.deepEqual(await ben.ask(event, garbled), { error }, event);
  }
});

describe('between two who have joined', () => {
  let voice;

  before(async () => {
    await anna.openSendTransport();
    await anna.openReceiveTransport();
    await ben.openSendTransport();
    await ben.openReceiveTransport();
    voice = await anna.send('audio');
  });

  test('a transport of another is not found', async () => {
    const transportId = anna.sendTransport.id;
    for (const event of ['connect-transport', 'restart-ice']) {
      assert.deepEqual(await ben.ask(event, { ...all[event], transportId }), { error: 'Transport not found' });
    }
    assert.deepEqual(await ben.ask('produce', { ...all.produce, transportId }), {
      error: 'Send transport not found',
    });
  });

  test('a stream of another is not found for its sender’s requests', async () => {
    for (const event of ['pause-producer', 'resume-producer', 'close-producer', 'screen-share-stopped']) {
      assert.deepEqual(await ben.ask(event, { producerId: voice.id }), { error: 'Producer not found' }, event);
    }
  });

  test('a consumer of another is not found', async () => {
    const { answer } = await ben.receive(voice.id);
    for (const event of ['resume-consumer', 'pause-consumer', 'request-key-frame', 'set-consumer-layers']) {
      const refused = await anna.ask(event, { ...all[event], consumerId: answer.id });
      assert.deepEqual(refused, { error: 'Consumer not found' }, event);
    }
  });

  test('a transport connects once', async () => {
    const { dtlsParameters } = all['connect-transport'];
    const again = await anna.ask('connect-transport', { transportId: anna.sendTransport.id, dtlsParameters });
    assert.deepEqual(again, { error: 'Transport is already connected' });
  });

  test('a stream sends through a send transport alone', async () => {
    const refused = await ben.ask('produce', { ...all.produce, transportId: ben.receiveTransport.id });
    assert.deepEqual(refused, { error: 'Send transport not found' });
  });

  test('a stream that the receiver’s codecs do not fit cannot be consumed', async () => {
    const rtpCapabilities = { codecs: [], headerExtensions: [] };
    assert.deepEqual(await ben.ask('consume', { producerId: voice.id, rtpCapabilities }), { error: 'Cannot consume' });
  });

  test('a stream that its sender closed is gone', async () => {
    const short = await anna.send('video');
    assert.deepEqual(await anna.ask('close-producer', { producerId: short.id }), {});
    assert.deepEqual(await ben.client.hear('producer-closed', ({ producerId }) => producerId === short.id), {
      producerId: short.id,
      peerId: anna.id,
      userId: null,
      kind: 'video',
      isScreenShare: false,
    });
    const { rtpCapabilities } = ben.device;
    assert.deepEqual(await ben.ask('consume', { producerId: short.id, rtpCapabilities }), {
      error: 'Producer not found',
    });
  });
});
