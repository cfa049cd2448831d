/**
 * A participant as the guide's frontends have it: `mediasoup-client` over the guide's events. The media itself is
 * mediasoup-client's own fake, so what is sent and received are real parameters without packets.
 */
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';

import { Client } from './client.mjs';

export class Participant {
  constructor(client, roomId) {
    this.client = client;
    this.roomId = roomId;
    this.device = new Device({ handlerFactory: FakeHandler.createFactory(fakeParameters) });
  }

  /** Connects and loads the device with what the room's router can do. */
  static async arrive(server, roomId, way) {
    const participant = new Participant(await Client.connect(server, way), roomId);
    const { rtpCapabilities } = await participant.get('get-rtp-capabilities');
    await participant.device.load({ routerRtpCapabilities: rtpCapabilities });
    return participant;
  }

  get id() {
    return this.client.id;
  }

  /** A request about the room that must succeed. */
  async get(event, payload = {}) {
    return this.client.get(event, { roomId: this.roomId, ...payload });
  }

  /** A request about the room, its answer as it came. */
  async ask(event, payload = {}) {
    return this.client.ask(event, { roomId: this.roomId, ...payload });
  }

  async join(more = {}) {
    return this.get('join-mediasoup-room', { rtpCapabilities: this.device.rtpCapabilities, ...more });
  }

  async openSendTransport() {
    const { params } = await this.get('create-webrtc-transport', { direction: 'send' });
    this.sendTransport = this.device.createSendTransport(params);
    this.connectOnDemand(this.sendTransport);
    this.sendTransport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      this.get('produce', { transportId: params.id, kind, rtpParameters, appData }).then(done, failed);
    });
    return params;
  }

  async openReceiveTransport() {
    const { params } = await this.get('create-webrtc-transport', { direction: 'recv' });
    this.receiveTransport = this.device.createRecvTransport(params);
    this.connectOnDemand(this.receiveTransport);
    return params;
  }

  connectOnDemand(transport) {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.get('connect-transport', { transportId: transport.id, dtlsParameters }).then((answer) => {
        transport.connectAnswer = answer;
        done();
      }, failed);
    });
  }

  /** Sends a fake track; returns mediasoup-client's producer. */
  async send(kind, appData) {
    return this.sendTransport.produce({ track: new FakeMediaStreamTrack({ kind }), appData, stopTracks: false });
  }

  /** Receives a stream; returns the acknowledgement and mediasoup-client's consumer. */
  async receive(producerId) {
    const answer = await this.get('consume', { producerId, rtpCapabilities: this.device.rtpCapabilities });
    const { id, kind, rtpParameters } = answer;
    const consumer = await this.receiveTransport.consume({ id, producerId: answer.producerId, kind, rtpParameters });
    return { answer, consumer };
  }

  close() {
    this.sendTransport?.close();
    this.receiveTransport?.close();
    this.client.close();
  }
}
