/**
 * How frontends tell people apart: the oldest by `socket.id`, later ones by the `userId` that they brought. Three people
 * meet in every combination of both, and each finds each under one id, whatever they hear of them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Participant } from '../support/participant.mjs';
import { startServer } from '../support/server.mjs';

const NAMES = ['Anna', 'Ben', 'Cleo'];

let server;
before(async () => {
  server = await startServer();
});
after(async () => server.stop());

/** All ways in which three people bring a label or none. */
const COMBINATIONS = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => NAMES.map((_, at) => (bits & (1 << at)) !== 0));

for (const labels of COMBINATIONS) {
  const who = NAMES.map((name, at) => (labels[at] ? name : name.toLowerCase())).join('-');
  describe(`three people, with a label those in capitals: ${who}`, () => {
    const people = [];

    /** The id by which everybody knows somebody. */
    const idOf = (at) => (labels[at] ? `u-${NAMES[at]}` : people[at].id);
    const labelOf = (at) => (labels[at] ? `u-${NAMES[at]}` : null);
    const others = (at) => [0, 1, 2].filter((other) => other !== at);

    before(async () => {
      for (const [at, userName] of NAMES.entries()) {
        const person = await Participant.arrive(server, `identities-${who}`);
        people.push(person);
        const answer = await person.join({ userName, ...(labels[at] && { userId: `u-${userName}` }) });
        assert.deepEqual([answer.success, answer.peerId], [true, idOf(at)]);
        await person.openSendTransport();
        await person.openReceiveTransport();
      }
    });
    after(() => people.forEach((person) => person.close()));

    test('a list names all by their ids, and each finds themselves once', async () => {
      for (const [at, person] of people.entries()) {
        const list = await person.client.hear('participant-list-update', ({ length }) => length === 3);
        assert.deepEqual(
          list.map(({ id }) => id),
          [0, 1, 2].map(idOf),
        );
        const self = list.filter(({ id }) => id === (labelOf(at) ?? person.id));
        assert.deepEqual(
          self.map(({ name, userId }) => [name, userId]),
          [[NAMES[at], labelOf(at)]],
        );
      }
    });

    test('a stream comes into the tile of the person who sends it', async () => {
      for (const [at, person] of people.entries()) {
        const share = await person.send('video', { share: true, label: NAMES[at] });
        for (const other of others(at)) {
          const stream = ({ producerId }) => producerId === share.id;
          const opened = await people[other].client.hear('new-producer', stream);
          assert.deepEqual(
            [opened.peerId, opened.userId, opened.isScreenShare, opened.kind],
            [idOf(at), labelOf(at), true, 'video'],
          );
          const { answer } = await people[other].receive(share.id);
          const { peerId, userId, userName, isScreenShare, appData, type } = answer;
          assert.deepEqual(
            { peerId, userId, userName, isScreenShare, appData, type },
            {
              peerId: idOf(at),
              userId: labelOf(at),
              userName: NAMES[at],
              isScreenShare: true,
              appData: { share: true, label: NAMES[at] },
              type: 'simple',
            },
          );
        }
        await person.get('close-producer', { producerId: share.id });
        for (const other of others(at)) {
          const closed = await people[other].client.hear(
            'producer-closed',
            ({ producerId }) => producerId === share.id,
          );
          assert.deepEqual(closed, {
            producerId: share.id,
            peerId: idOf(at),
            userId: labelOf(at),
            kind: 'video',
            isScreenShare: true,
          });
        }
      }
    });

    test('states, reactions and messages are of the person with that id', async () => {
      for (const [at, person] of people.entries()) {
        await person.get('update-my-state', { isAudioMuted: true });
        await person.get('send-reaction', { emoji: '👍' });
        await person.get('send-message', { message: { id: `m-${at}`, text: 'hello', sender: NAMES[at] } });
        for (const other of others(at)) {
          const { client } = people[other];
          const isTheirs = ({ peerId }) => peerId === idOf(at);
          assert.equal((await client.hear('participant-state-changed', isTheirs)).userId, labelOf(at));
          await client.hear('reaction', isTheirs);
          const video = await client.hear('receive-video-reaction', ({ userId }) => userId === idOf(at));
          assert.deepEqual([video.userName, video.emoji], [NAMES[at], '👍']);
          const said = await client.hear('receive-message', ({ message }) => message.id === `m-${at}`);
          assert.equal(said.socketId, person.id);
          assert.deepEqual(said.message.sender, { id: idOf(at), name: NAMES[at], imageUrl: null, avatarUrl: null });
        }
      }
    });

    test('hosts name people by label or by socket, and are named by their id', async () => {
      const [host] = people;
      for (const at of [1, 2]) {
        for (const [name, force] of [
          [idOf(at), 'mute'],
          [people[at].id, 'unmute'],
        ]) {
          await host.get('toggle-remote-audio', { targetUserId: name, force });
          const told = await people[at].client.hear('force-mute', ({ audio }) => audio === (force === 'mute'));
          assert.deepEqual([told.by, told.byId, told.locked], ['Anna', idOf(0), force === 'mute']);
        }
        await host.get('make-cohost', { participantId: idOf(at) });
        const updated = await people[at].client.hear(
          'participant-updated',
          ({ participantId }) => participantId === idOf(at),
        );
        assert.equal(updated.updates.isCoHost, true);
      }
    });

    test('a socket is found by label, and nobody is answered what they asked with', async () => {
      for (const at of [0, 1, 2]) {
        for (const userId of [`u-${NAMES[at]}`, people[at].id]) {
          const { socketId } = await people[1].client.get('get-socket-id-for-user', { userId });
          assert.equal(socketId, userId === labelOf(at) ? people[at].id : null);
        }
      }
    });

    test('who comes back on a new socket, and who leaves, is told by the same id', async () => {
      const late = await Participant.arrive(server, `identities-${who}`);
      const userId = labels[2] ? { userId: 'u-late' } : {};
      const { resumeToken, peerId } = await late.join({ resumable: true, ...userId });
      const back = await Participant.arrive(server, `identities-${who}`);
      const answer = await back.join({ resumeToken, ...userId });
      assert.equal(answer.resumed, true);
      const id = labels[2] ? 'u-late' : back.id;
      assert.equal(answer.peerId, id);
      assert.deepEqual(await people[0].client.hear('peer-resumed'), { oldPeerId: peerId, peerId: id });
      await back.get('leave-room');
      const left = await people[0].client.hear('participant-left', (event) => event.peerId === id);
      assert.equal(left.userId, labels[2] ? 'u-late' : null);
      late.close();
      back.close();
    });
  });
}
