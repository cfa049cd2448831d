/**
 * The guide's quick checklist, over each way in which its frontends reach a server.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Participant } from '../support/participant.mjs';
import { startServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';

const WAYS = [
  { transport: 'websocket', secure: false },
  { transport: 'polling', secure: false },
  { transport: 'websocket', secure: true },
  { transport: 'polling', secure: true },
];

let server;
before(async () => {
  server = await startServer();
});
after(async () => server.stop());

for (const way of WAYS) {
  describe(`over ${way.transport} alone by ${way.secure ? 'HTTPS' : 'HTTP on this machine'}`, () => {
    const roomId = `checklist-${way.transport}-${way.secure}`;
    let anna;
    let ben;
    let voice;

    after(() => {
      anna?.close();
      ben?.close();
    });

    test('get-rtp-capabilities returns what a device can be loaded with', async () => {
      anna = await Participant.arrive(server, roomId, way);
      assert.equal(anna.client.transport, way.transport);
      assert.ok(anna.device.canProduce('audio') && anna.device.canProduce('video'));
      const { rtpCapabilities } = await anna.get('get-rtp-capabilities');
      const codecs = rtpCapabilities.codecs.filter((codec) => !codec.mimeType.endsWith('/rtx'));
      const [opus, vp8] = codecs;
      assert.equal(opus.mimeType, 'audio/opus');
      assert.equal(opus.clockRate, 48000);
      assert.equal(opus.channels, 2);
      assert.equal(vp8.mimeType, 'video/VP8');
      assert.equal(vp8.clockRate, 90000);
      assert.equal(vp8.parameters['x-google-start-bitrate'], 1000);
    });

    test('join-mediasoup-room adds a peer to the room', async () => {
      const answer = await anna.join();
      assert.deepEqual(answer.existingProducers, []);
      const list = await anna.client.hear('participant-list-update');
      assert.deepEqual(
        list.map(({ id, name, isAudioMuted, isVideoPaused }) => ({ id, name, isAudioMuted, isVideoPaused })),
        [{ id: anna.id, name: `User ${anna.id.slice(0, 4)}`, isAudioMuted: false, isVideoPaused: false }],
      );
    });

    test('create-webrtc-transport creates transports that mediasoup-client takes', async () => {
      const sending = await anna.openSendTransport();
      const receiving = await anna.openReceiveTransport();
      assert.notEqual(sending.id, receiving.id);
      for (const { iceCandidates } of [sending, receiving]) {
        assert.deepEqual(new Set(iceCandidates.map(({ protocol }) => protocol)), new Set(['udp', 'tcp']));
        for (const candidate of iceCandidates) {
          assert.equal(candidate.address, '127.0.0.1', 'ANNOUNCED_IP is what guests are told');
          assert.equal(candidate.ip, '127.0.0.1', 'older frontends look for it here');
          assert.ok(candidate.port >= 21000 && candidate.port <= 21099, `port ${candidate.port}`);
        }
      }
    });

    test('connect-transport connects and produce creates producers', async () => {
      voice = await anna.send('audio');
      assert.deepEqual(anna.sendTransport.connectAnswer, {});
      assert.match(voice.id, /^[0-9a-f-]{36}$/);
    });

    test('a second participant learns who and what is there', async () => {
      ben = await Participant.arrive(server, roomId, way);
      const answer = await ben.join();
      assert.deepEqual(answer.existingProducers, [voice.id]);
      for (const one of [anna, ben]) {
        const list = await one.client.hear('participant-list-update', (people) => people.length === 2);
        assert.deepEqual(
          list.map(({ id }) => id),
          [anna.id, ben.id],
        );
      }
    });

    test('consume creates consumers and resume-consumer resumes them', async () => {
      await ben.openReceiveTransport();
      const { answer, consumer } = await ben.receive(voice.id);
      assert.equal(answer.peerId, anna.id);
      assert.equal(answer.producerId, voice.id);
      assert.equal(answer.kind, 'audio');
      assert.equal(consumer.kind, 'audio');
      assert.deepEqual(ben.receiveTransport.connectAnswer, {});
      // The guide's frontends give no acknowledgement; whoever gives one gets an answer.
      ben.client.socket.emit('resume-consumer', { roomId, consumerId: answer.id });
      assert.deepEqual(await ben.ask('resume-consumer', { consumerId: answer.id }), {});
    });

    test('produce emits new-producer to the others, with the mark of a screen share', async () => {
      const camera = await anna.send('video');
      const screen = await anna.send('video', { share: true });
      const heard = (producer) => ben.client.hear('new-producer', ({ producerId }) => producerId === producer.id);
      assert.deepEqual(await heard(camera), {
        producerId: camera.id,
        peerId: anna.id,
        userId: null,
        kind: 'video',
        isScreenShare: false,
      });
      assert.deepEqual(await heard(screen), {
        producerId: screen.id,
        peerId: anna.id,
        userId: null,
        kind: 'video',
        isScreenShare: true,
      });
      await ben.receive(camera.id);
      await ben.receive(screen.id);
      assert.ok(!anna.client.heard.some(({ name }) => name === 'new-producer'), 'the sender is not told');
    });

    test('a recording starts and stops, and everybody is told', async () => {
      const started = await ben.get('start-recording');
      assert.equal(started.success, true);
      assert.equal(typeof started.recordingId, 'number');
      assert.deepEqual(await anna.ask('start-recording'), { error: 'Already recording' });
      for (const one of [anna, ben]) {
        assert.equal((await one.client.hear('recording-started')).roomId, roomId);
      }
      const stopped = await anna.get('stop-recording');
      assert.equal(stopped.success, true);
      assert.ok(Number.isInteger(stopped.duration) && stopped.duration >= 0);
      for (const one of [anna, ben]) {
        const told = await one.client.hear('recording-stopped');
        assert.equal(told.roomId, roomId);
        assert.equal(told.duration, stopped.duration);
      }
      assert.deepEqual(await anna.ask('stop-recording'), { error: 'No active recording' });
    });

    test('a disconnection is told and cleans up', async () => {
      anna.client.forget();
      const left = ben.id;
      ben.close();
      assert.deepEqual(await anna.client.hear('participant-left'), { peerId: left, userId: null });
      const list = await anna.client.hear('participant-list-update', (people) => people.length === 1);
      assert.deepEqual(
        list.map(({ id }) => id),
        [anna.id],
      );
      const told = anna.client.heard.map(({ name }) => name);
      assert.ok(told.indexOf('participant-left') < told.indexOf('participant-list-update'), told.join());
      assert.deepEqual(anna.client.dropped, []);
      anna.close();
      await until('the room ends with its last peer', async () => (await server.health()).rooms === 0);
    });
  });
}
